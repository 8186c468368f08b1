"""Register a version of a set of features, with its correlations and what changed."""

from __future__ import annotations

import math
import uuid
from dataclasses import replace

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.engine.features import compute_features, correlate, redundancies
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import fingerprint, row_marks
from qforge_jupyter.results.features import FeatureSet
from qforge_jupyter.store.feature_sets import KeptFeatureSet
from qforge_jupyter.verbs._called import check_called

EXAMPLE = """\
%%qforge features calcs as gap-features into fs
columns: [homo, lumo]
compute:
  gap: lumo - homo
"""


class FeatureBody(BaseModel):
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
    body: FeatureBody | None = None,
) -> FeatureSet:
    """Compute the features and register them; the same content is the same version.

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
    body
        The features.

    Raises
    ------
    CallError
        No such column or version, or no such name can be given.

    """
    name = check_called(as_.strip(), "A feature set", "as gap-features")
    columns, formulas = _asked(subject, body)
    frame = compute_features(subject.lazy, subject.schema, columns, formulas)
    settings = context.settings
    r = correlate(frame, settings.feature_correlation_min_samples)
    marks = row_marks(subject)
    made = FeatureSet(
        name=name,
        version="",
        table=subject.name,
        frame=frame,
        marks=marks,
        columns_taken=tuple(columns),
        formulas=formulas,
        correlation=tuple(
            tuple(None if math.isnan(each) else each for each in row) for row in r.tolist()
        ),
        min_rows=settings.feature_correlation_min_samples,
        redundant=redundancies(frame.columns, frame, r),
        source=subject.fingerprint,
        id=uuid.uuid4().hex,
        git_commit=context.place.git_commit,
    )
    return _versioned(context, made, from_)


def _asked(subject: Table, body: FeatureBody | None) -> tuple[list[str], dict[str, str]]:
    columns = list(body.columns) if body else []
    formulas = dict(body.compute) if body else {}
    # What names a row says nothing of it.
    keys = subject.version.keys if subject.version else ()
    if not columns and not formulas:
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
    return (kept.fingerprint, kept.names, kept.parameters.get("compute")) == (
        content,
        made.names,
        made.formulas,
    )


def _compared(made: FeatureSet, parent: KeptFeatureSet) -> FeatureSet:
    before: dict[str, str] = parent.parameters.get("compute", {})
    both = [name for name in made.names if name in parent.names]
    return replace(
        made,
        parent=parent.version,
        added=tuple(name for name in made.names if name not in parent.names),
        removed=tuple(name for name in parent.names if name not in made.names),
        changed=tuple(name for name in both if before.get(name) != made.formulas.get(name)),
    )
