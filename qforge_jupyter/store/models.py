"""Models that were trained: of what, how good they are, and which repeats which.

Property models, whose answers are kept, share the table; `predictions` knows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.results.changes import NewModel
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.rows import without_secrets
from qforge_jupyter.store.tables import ModelRow, RunRow

#: Kind of the models that were not trained here, and whose answers are kept.
PROPERTY_MODEL = "property model"
#: Kind of the property models that were trained further here; their answers are kept, too.
TUNED_MODEL = "tuned property model"


@dataclass(frozen=True)
class KeptModel:
    """A model as it is registered.

    Parameters
    ----------
    kind
        regression or classification, or that it is a tuned property model.
    is_approved
        Whether its scores reached the thresholds; None where nobody could say.
    tracker_run_id
        Its run in MLflow; empty where it is not shown there.
    repeats
        Id of the first model that it was trained like; empty for a first one.
    weights_sha256
        Of the file with its weights; empty where none is kept.

    """

    id: str
    name: str
    version: str
    kind: str
    status: str
    is_approved: bool | None
    run_id: str
    tracker_run_id: str
    properties: dict[str, Any]
    entry_point: str
    repeats: str
    made_at: datetime
    weights_sha256: str = ""


@dataclass(frozen=True)
class Models:
    """The models of a workspace."""

    database: Database

    def list(self, name: str | None = None, *, limit: int = 1_000) -> tuple[KeptModel, ...]:
        """Give every trained model, or those of a name, the latest first."""
        return self._read(*(() if name is None else (ModelRow.name == name,)), limit=limit)

    def get(self, name: str, version: str) -> KeptModel:
        """Give one version.

        Raises
        ------
        CallError
            There is none of that name and version.

        """
        known = {each.version: each for each in self.list(name)}
        if version not in known:
            raise CallError(
                f"No version {version[:40]!r} of the model {name[:60]!r}{nearest(version, known)}"
            )
        return known[version]

    def tuned(self, name: str | None = None) -> tuple[KeptModel, ...]:
        """Give every tuned property model, or those of a name, the latest first."""
        named = () if name is None else (ModelRow.name == name,)
        return self._read(ModelRow.kind == TUNED_MODEL, *named, limit=1_000)

    def of_run(self, run_id: str) -> KeptModel | None:
        """Give the model that a run trained, if it trained one."""
        return next(iter(self._read(ModelRow.run_id == run_id, limit=1)), None)

    def _read(self, *where: sa.ColumnElement[bool], limit: int) -> tuple[KeptModel, ...]:
        wanted = (
            sa.select(ModelRow, RunRow.tracker_run_id)
            .outerjoin(RunRow, RunRow.id == ModelRow.run_id)
            .where(ModelRow.kind != PROPERTY_MODEL, *where)
            .order_by(ModelRow.created_at.desc(), ModelRow.id)
            .limit(limit)
        )
        with self.database.reading() as session:
            return tuple(_kept(row, shown or "") for row, shown in session.execute(wanted))


def _kept(row: ModelRow, tracker_run_id: str) -> KeptModel:
    return KeptModel(
        row.id,
        row.name,
        row.version,
        row.kind,
        row.status,
        row.properties.get("is_approved"),
        row.run_id or "",
        tracker_run_id,
        row.properties,
        row.entry_point,
        row.meta.get("repeats", ""),
        row.created_at,
        row.weights_sha256,
    )


@apply.register
def _(change: NewModel, within: Within) -> None:
    session = within.session
    # Whoever keeps a run holds the workspace, so no other model gets this number.
    count = sa.select(sa.func.count()).select_from(ModelRow).where(ModelRow.name == change.name)
    session.add(
        ModelRow(
            workspace_id=within.database.workspace,
            id=change.id,
            name=change.name,
            version=f"v{(session.scalar(count) or 0) + 1}",
            kind=change.kind,
            status="approved" if change.is_approved else "registered",
            run_id=within.run_id,
            properties=without_secrets(change.properties),
            entry_point=change.entry_point,
            weights_sha256=change.weights_sha256,
            meta={"repeats": change.repeats} if change.repeats else {},
        )
    )
    session.flush()
