"""A split that was kept, by its name: as it was when it was made."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.engine.split_assignment import marks_of
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.split import Split
from qforge_jupyter.store.splits import KeptSplit
from qforge_jupyter.versions.reading import table_of


def kept_split(context: Context, name: str, version: str = "") -> Split | None:
    """Read a split from the store; None where none is called so, or none of this version.

    Its rows and who belongs where come back as they were; what was said of them
    then is on the page of the call that made it.

    Raises
    ------
    CallError
        Its rows were too many to be kept beside it.

    """
    splits = context.store.splits.list(name)
    kept = next((each for each in splits if version in ("", each.commit_id)), None)
    if kept is None:
        return None
    rows, assignment = rows_and_places(context, kept)
    folds = [column for column in assignment.columns if column.startswith("fold_")]
    return Split(
        kept.name,
        kept.table,
        rows,
        assignment.height,
        kept.strategy,
        kept.seed,
        kept.plan,
        kept.fractions,
        assignment,
        n_folds=kept.n_folds,
        n_repeats=len(folds),
        sealed=kept.sealed,
        edges=kept.edges,
        summary=_summary(kept, assignment),
        looks=context.store.splits.looks(name),
        follows=kept.id,
        fingerprint=kept.fingerprint,
        commit_id=kept.commit_id,
        id=kept.id,
    )


def rows_and_places(context: Context, kept: KeptSplit) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """Read the rows of a kept split, and its assignment, line by line the same.

    The rows lie beside the split, or in the version that was split. Of a version
    some rows may be forgotten by now: they are in neither.

    Raises
    ------
    CallError
        The rows are in neither place.

    """
    assignment = context.store.splits.assignment(kept)
    if kept.rows:
        return context.store.objects.scan(kept.rows), assignment
    commit = context.store.commits.get(kept.commit_id) if kept.commit_id else None
    dataset = context.store.datasets.get(commit.dataset_id) if commit else None
    if commit is None or dataset is None:
        raise CallError(
            f"The rows of {kept.name} were too many to be kept beside it: split the table again "
            f"as {kept.name}"
        )
    table = table_of(context.store, dataset, commit)
    if table.n_rows != assignment.height:
        marks = marks_of(table, list(kept.plan.get("key") or dataset.keys))
        rows = pl.DataFrame({"mark_a": marks[0], "mark_b": marks[1]})
        places = assignment.unique(["mark_a", "mark_b"], keep="first")
        assignment = rows.join(places, on=["mark_a", "mark_b"], how="left", maintain_order="left")
    return table.lazy, assignment


def _summary(kept: KeptSplit, assignment: pl.DataFrame) -> pl.DataFrame:
    """Count the rows of each part."""
    parts = assignment["part"].drop_nulls()
    rows = [int((parts == name).sum()) for name in kept.fractions]
    total = max(1, len(parts))
    return pl.DataFrame(
        {
            "part": list(kept.fractions),
            "rows": rows,
            "share": [n / total for n in rows],
            "asked": list(kept.fractions.values()),
            "units": rows,
        },
        schema_overrides={"rows": pl.Int64, "units": pl.Int64},
    )
