"""Predictions that are kept: found again by model, version and input, listed, taken away."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qforge_jupyter.errors import CallError
from qforge_jupyter.results.kept_predictions import DropPredictions, NewPredictions
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.models import PROPERTY_MODEL, TUNED_MODEL
from qforge_jupyter.store.tables import ModelRow, PredictionRow, RunRow

#: Values in one statement; SQLite takes at most 32,766.
CHUNK = 5_000
#: Kinds of the models whose answers are kept.
KINDS = (PROPERTY_MODEL, TUNED_MODEL)


@dataclass(frozen=True)
class KeptPrediction:
    """A prediction as it is kept.

    Parameters
    ----------
    structure_hash
        Of the canonical structure.
    owner
        Who predicted it.
    values
        In the canonical form.

    """

    id: str
    model: str
    version: str
    structure_hash: str
    parameters: dict[str, str]
    values: dict[str, Any]
    owner: str
    run_id: str
    made_at: datetime


@dataclass(frozen=True)
class Predictions:
    """The predictions of a workspace."""

    database: Database

    def known(
        self, model: str, version: str, inputs: Sequence[str]
    ) -> Mapping[str, Mapping[str, Any]]:
        """Give the values that are kept for these inputs, by the hash of the input."""
        found: dict[str, Mapping[str, Any]] = {}
        with self.database.reading() as session:
            model_id = session.scalar(sa.select(ModelRow.id).where(*_is(model, version)))
            for some in _chunks(inputs if model_id else ()):
                wanted = sa.select(PredictionRow.input_hash, PredictionRow.properties).where(
                    PredictionRow.model_id == model_id, PredictionRow.input_hash.in_(some)
                )
                found.update((key, values) for key, values in session.execute(wanted))
        return found

    def list(
        self,
        *,
        structures: Sequence[str] | None = None,
        model: str | None = None,
        limit: int | None = None,
    ) -> tuple[KeptPrediction, ...]:
        """Give the predictions of these structures, or all; the latest first.

        Parameters
        ----------
        structures
            Hashes of structures.
        model
            Name of a model.
        limit
            At most so many.

        """
        wanted = (
            sa.select(PredictionRow, ModelRow, RunRow.actor)
            .join(ModelRow, ModelRow.id == PredictionRow.model_id)
            .outerjoin(RunRow, RunRow.id == PredictionRow.run_id)
            .order_by(PredictionRow.created_at.desc(), PredictionRow.id)
            .limit(limit)
        )
        if model is not None:
            wanted = wanted.where(ModelRow.name == model)
        parts = (None,) if structures is None else tuple(_chunks(structures))
        found: list[KeptPrediction] = []
        with self.database.reading() as session:
            for some in parts:
                asked = wanted if some is None else wanted.where(PredictionRow.subject_id.in_(some))
                found += [_kept(*each) for each in session.execute(asked)]
        return tuple(sorted(found, key=lambda each: each.made_at, reverse=True))


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def _is(model: str, version: str) -> tuple[sa.ColumnElement[bool], ...]:
    return ModelRow.name == model, ModelRow.version == version, ModelRow.kind.in_(KINDS)


def _kept(row: PredictionRow, model: ModelRow, actor: str | None) -> KeptPrediction:
    return KeptPrediction(
        row.id,
        model.name,
        model.version,
        row.subject_id,
        row.meta.get("parameters", {}),
        row.properties,
        actor or "",
        row.run_id or "",
        row.created_at,
    )


@apply.register
def _(change: NewPredictions, within: Within) -> None:
    session, workspace = within.session, within.database.workspace
    model_id = _model(change, within)
    inputs = [key for _, key, _ in change.items]
    there: set[str] = set()
    for some in _chunks(inputs):
        asked = sa.select(PredictionRow.input_hash).where(
            PredictionRow.model_id == model_id, PredictionRow.input_hash.in_(some)
        )
        there.update(session.scalars(asked))
    session.add_all(
        PredictionRow(
            workspace_id=workspace,
            id=uuid.uuid4().hex,
            model_id=model_id,
            run_id=within.run_id,
            subject_id=structure,
            input_hash=key,
            properties=values,
            meta={"parameters": change.parameters},
        )
        for structure, key, values in change.items
        if key not in there  # another kernel may have been faster
    )
    session.flush()


def _model(change: NewPredictions, within: Within) -> str:
    """Give the id of a property model, which is listed at its first answer."""
    session = within.session
    named = ModelRow.name == change.model, ModelRow.version == change.version
    row = session.scalar(sa.select(ModelRow).where(*named))
    if row is not None and row.kind not in KINDS:
        raise CallError(
            f"A model {change.model[:60]!r} {change.version[:40]} was trained here: "
            "register yours under another name or version"
        )
    if row is None:
        row = ModelRow(
            workspace_id=within.database.workspace,
            id=uuid.uuid4().hex,
            name=change.model,
            version=change.version,
            kind=PROPERTY_MODEL,
            run_id=within.run_id,
            properties=change.properties,
        )
        session.add(row)
        session.flush()
    return row.id


@apply.register
def _(change: DropPredictions, within: Within) -> None:
    for some in _chunks(change.ids):
        within.session.execute(sa.delete(PredictionRow).where(PredictionRow.id.in_(some)))
    within.session.flush()
