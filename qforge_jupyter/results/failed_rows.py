"""What a table of computed rows says of itself: ranges of its numbers, failures by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from qforge_jupyter.documents.blocks import Cell, Grid
from qforge_jupyter.results.run import Finding

N_ROWS_SHOWN = 20
RANGE_COLUMNS = ("property", "unit", "values", "least", "median", "greatest")


def failure_counts(frame: pl.DataFrame) -> Counter[str]:
    """Count the rows without a result by the kind of their failure."""
    return Counter(frame["failure_kind"].drop_nulls().to_list())


def failure_findings(frame: pl.DataFrame, kind: str, method: str, noun: str) -> tuple[Finding, ...]:
    """Name each kind of failure with its rows."""
    numbered = frame.with_row_index("row").filter(pl.col("failure_kind").is_not_null())
    found = []
    for name, n in sorted(failure_counts(frame).items()):
        rows = numbered.filter(pl.col("failure_kind") == name)["row"].head(100).to_list()
        note = f"{n} {noun} have no result: {name}"
        found.append(
            Finding(kind, name, n, severity="medium", method=method, rows=tuple(rows), note=note)
        )
    return tuple(found)


def failure_grid(frame: pl.DataFrame, noun: str) -> Grid:
    """List the first rows without a result, with the reason."""
    rows = frame.filter(pl.col("failure_kind").is_not_null())
    shown = rows.select("name", "failure_kind", "failure_message").head(N_ROWS_SHOWN)
    n_more = max(0, rows.height - N_ROWS_SHOWN)
    return Grid((noun, "kind", "reason"), tuple(shown.iter_rows()), n_more=n_more)


def range_rows(
    frame: pl.DataFrame, properties: Sequence[tuple[str, str, str]]
) -> tuple[tuple[Cell, ...], ...]:
    """Give count, least, median and greatest value of each number that a row has one of."""
    rows: list[tuple[Cell, ...]] = []
    for name, unit, _ in properties:
        column = frame[name]
        if column.dtype.is_nested():
            continue
        values = column.drop_nulls().cast(pl.Float64)
        spread = (values.min(), values.median(), values.max())
        rows.append((name, unit, len(values), *map(_rounded, spread)))
    return tuple(rows)


def _rounded(value: Any) -> float | None:
    """Round to what another machine computes too."""
    return None if value is None else round(float(value), 4) + 0.0
