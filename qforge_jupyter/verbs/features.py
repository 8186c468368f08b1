"""Register a version of a set of features, with its correlations and what changed."""

from __future__ import annotations

import math
import uuid
from collections.abc import Collection
from dataclasses import replace

import polars as pl
import polars.selectors as cs
from pydantic import ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.engine.features import compute_features, correlate, redundancies
from qforge_jupyter.engine.featurizing import MOLECULE_LIMIT_S
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import fingerprint, row_marks
from qforge_jupyter.results.features import FeatureSet
from qforge_jupyter.settings import Settings
from qforge_jupyter.store.feature_sets import KeptFeatureSet
from qforge_jupyter.verbs._called import check_called
from qforge_jupyter.verbs._molecule_features import (
    MoleculeBody,
    plan_of,
    redefined,
    with_molecules,
)

EXAMPLE = """\
%%qforge features molecules as rdkit-v1 into fs
descriptors: [MolWt, TPSA, MolLogP]
fingerprint: {kind: morgan, radius: 2, bits: 2048}
"""


class FeatureBody(MoleculeBody):
    """Which features there are."""

    model_config = ConfigDict(extra="forbid")

    columns: list[str] = Field([], description="Columns taken as they are; all numbers if none.")
    compute: dict[str, str] = Field({}, description="Features by name, as `gap: lumo - homo`.")


def run(
    context: Context,
    subject: Table,
    *,
    as_: str,
    from_: str = "",
    by: list[str] | None = None,
    molecule_limit_s: float = MOLECULE_LIMIT_S,
    body: FeatureBody | None = None,
) -> FeatureSet:
    """Compute features, of columns or of molecules, and register them as a version.

    The same definition, made with the same RDKit, of the same rows is the same
    version, and nothing of it is computed again.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table.
    as_
        What the set is called.
    from_
        The version it is compared with, as ``v1.0``; else the latest one.
    by
        Columns whose values name a row, to join features by; a dataset knows its own.
    molecule_limit_s
        Seconds for each molecule; one that takes longer has no features.
    body
        The features.

    Raises
    ------
    CallError
        No such column or version, or no such name can be given.

    """
    name = check_called(as_.strip(), "A feature set", "as gap-features")
    body = body or FeatureBody()
    keys = _keys(subject, by)
    plan, column = plan_of(body, subject)
    columns, formulas = _asked(subject, body, keys.columns)
    of_molecules = list(plan.columns()) if plan else []
    frame = compute_features(subject.lazy, subject.schema, columns, formulas, of_molecules)
    marks = row_marks(subject)
    made = FeatureSet(
        name=name,
        version="",
        table=subject.name,
        frame=frame,
        marks=marks,
        columns_taken=tuple(columns),
        formulas=formulas,
        correlation=(),
        min_rows=context.settings.feature_correlation_min_samples,
        source=subject.fingerprint,
        id=uuid.uuid4().hex,
        git_commit=context.place.git_commit,
        keys=keys,
    )
    if plan:
        made = with_molecules(context, subject, made, plan, column, molecule_limit_s)
    return _versioned(context, _correlated(made), from_)


def rehearse(
    settings: Settings,  # noqa: ARG001 — every verb has one shape
    subject: Table,
    *,
    as_: str,
    from_: str = "",  # noqa: ARG001 — every verb has one shape
    by: list[str] | None = None,  # noqa: ARG001 — every verb has one shape
    molecule_limit_s: float = MOLECULE_LIMIT_S,  # noqa: ARG001 — every verb has one shape
    body: FeatureBody | None = None,
) -> None:
    """Check the name, the columns, the formulas, descriptors and fingerprints."""
    check_called(as_.strip(), "A feature set", "as gap-features")
    body = body or FeatureBody()
    plan, _ = plan_of(body, subject)
    keys = subject.version.keys if subject.version else ()
    columns, formulas = _asked(subject, body, keys)
    beside = list(plan.columns()) if plan else []
    compute_features(subject.lazy.head(0), subject.schema, columns, formulas, beside)


def _correlated(made: FeatureSet) -> FeatureSet:
    numbers = made.frame.select(cs.by_name(made.numbers))
    r = correlate(numbers, made.min_rows)
    return replace(
        made,
        correlation=tuple(
            tuple(None if math.isnan(each) else each for each in row) for row in r.tolist()
        ),
        redundant=redundancies(numbers.columns, numbers, r),
    )


def _keys(subject: Table, by: list[str] | None) -> pl.DataFrame:
    """Give the columns that name the rows; each combination of them must stand once."""
    names = by or (subject.version.keys if subject.version else ())
    for name in names:
        if name not in subject.schema:
            raise CallError(f"No column {name[:60]!r} to name rows{nearest(name, subject.columns)}")
    found = subject.frame.select(cs.by_name(names)) if names else pl.DataFrame()
    if names and found.is_duplicated().any():
        raise CallError(f"Rows are named twice by {', '.join(names)}: add a column that parts them")
    return found


def _asked(
    subject: Table, body: FeatureBody, keys: Collection[str]
) -> tuple[list[str], dict[str, str]]:
    columns, formulas = list(body.columns), dict(body.compute)
    # What names a row says nothing of it.
    if not columns and not formulas and not body.is_of_molecules:
        columns = [
            name
            for name, dtype in subject.schema.items()
            if (dtype.is_numeric() or dtype == pl.Boolean) and name not in keys
        ]
    return columns, formulas


def _versioned(context: Context, made: FeatureSet, from_: str) -> FeatureSet:
    """Find the version: that of the same content, or the next one."""
    store = context.store.feature_sets
    content = fingerprint(made.values)
    known = store.list(made.name)
    same = next((each for each in known if _is_same(each, made, content)), None)
    parent = store.get(made.name, from_) if from_ else next(iter(known), None)
    if same is not None:
        parent = store.get(made.name, same.parameters["parent"]) if same.depends_on else None
    made = replace(made, fingerprint=content)
    if parent is not None:
        made = _compared(made, parent)
    if same is not None:
        return replace(made, version=same.version, is_known=True)
    prefix = context.settings.feature_version_prefix
    return replace(made, version=f"{prefix}1.{len(known)}")


def _is_same(kept: KeptFeatureSet, made: FeatureSet, content: str) -> bool:
    said = kept.parameters
    return (
        kept.fingerprint,
        kept.names,
        said.get("compute"),
        said.get("molecules", {}),
        said.get("software", {}),
    ) == (content, made.names, made.formulas, made.molecules, made.software)


def _compared(made: FeatureSet, parent: KeptFeatureSet) -> FeatureSet:
    before: dict[str, str] = parent.parameters.get("compute", {})
    both = [name for name in made.names if name in parent.names]
    return replace(
        made,
        parent=parent.version,
        added=tuple(name for name in made.names if name not in parent.names),
        removed=tuple(name for name in parent.names if name not in made.names),
        changed=tuple(name for name in both if before.get(name) != made.formulas.get(name)),
        redefined=redefined(made, parent),
    )
