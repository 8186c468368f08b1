"""A split that was kept, by its name: as it was when it was made."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.split import Split
from qforge_jupyter.store.splits import KeptSplit
from qforge_jupyter.versions.laying import lay


def kept_split(context: Context, name: str) -> Split | None:
    """Read a split from the store; None where none is called so.

    Its rows and who belongs where come back as they were; what was said of them
    then is on the page of the call that made it.

    Raises
    ------
    CallError
        Its rows were too many to be kept beside it.

    """
    kept = context.store.splits.latest(name)
    if kept is None:
        return None
    assignment = context.store.splits.assignment(kept)
    folds = [column for column in assignment.columns if column.startswith("fold_")]
    return Split(
        kept.name,
        kept.table,
        _rows_of(context, kept),
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
        is_first=False,
        fingerprint=kept.fingerprint,
        commit_id=kept.commit_id,
        id=kept.id,
    )


def _rows_of(context: Context, kept: KeptSplit) -> pl.LazyFrame:
    if kept.rows:
        return context.store.objects.scan(kept.rows)
    commit = context.store.commits.get(kept.commit_id) if kept.commit_id else None
    if commit is None:
        raise CallError(
            f"The rows of {kept.name} were too many to be kept beside it: split the table again "
            f"as {kept.name}"
        )
    return lay(context.store.objects, commit).frame().lazy()


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
