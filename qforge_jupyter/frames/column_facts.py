"""What there is to say of every column of a table, read batch by batch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.frames.table import BATCH_ROWS, Table


@dataclass(frozen=True)
class ColumnFacts:
    """One column: its type, how many cells are null, and one phrase about the others."""

    name: str
    dtype: str
    n_null: int
    about: str


def column_facts(table: Table) -> tuple[ColumnFacts, ...]:
    """Say how many cells of each column are null and where the others lie.

    Numbers and times are told by their range, texts and lists by their
    lengths: what a text says is not repeated.

    Examples
    --------
    >>> frame = pl.DataFrame({"gap": [1.0, 3.0, None], "name": ["a", "bcd", ""]})
    >>> [(f.n_null, f.about) for f in column_facts(Table.of_frame("t", frame))]
    [(1, '1 to 3, mean 2'), (0, '0 to 3 characters')]

    """
    asked = [_asked(name, dtype) for name, dtype in table.schema.items()]
    totals: list[_Total] = [_Total() for _ in asked]
    for batch in table.batches(size=BATCH_ROWS):
        for total, question in zip(totals, asked, strict=True):
            total.add(batch.select(question.alias("q")).to_series()[0])
    return tuple(
        ColumnFacts(name, str(dtype), total.n_null, total.phrase(dtype))
        for (name, dtype), total in zip(table.schema.items(), totals, strict=True)
    )


def _asked(name: str, dtype: pl.DataType) -> pl.Expr:
    cell = column(name)
    value = _measured(cell, dtype)
    parts = [cell.null_count().cast(pl.Int64).alias("n_null")]
    if value is not None:
        parts += [value.min().alias("low"), value.max().alias("high")]
        if dtype.is_numeric() or isinstance(dtype, pl.Boolean):
            real = value.cast(pl.Float64).fill_nan(None)
            parts += [real.sum().alias("sum"), real.count().cast(pl.Int64).alias("n")]
    return pl.struct(parts)


def _measured(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return cell.cast(pl.String).str.len_chars()
    if isinstance(dtype, pl.Binary):
        return cell.bin.size()
    if isinstance(dtype, pl.List):
        return cell.list.len()
    if isinstance(dtype, pl.Boolean):
        return cell.cast(pl.Int8)
    if dtype.is_temporal():
        return cell.to_physical()
    return cell if dtype.is_numeric() else None


class _Total:
    """What the batches so far say of one column."""

    def __init__(self) -> None:
        self.n_null = 0
        self.low: Any = None
        self.high: Any = None
        self.n = 0
        self.sums: list[float] = []

    def add(self, found: dict[str, Any]) -> None:
        self.n_null += found["n_null"]
        lows = [v for v in (self.low, found.get("low")) if v is not None and v == v]  # noqa: PLR0124 — not NaN
        highs = [v for v in (self.high, found.get("high")) if v is not None and v == v]  # noqa: PLR0124 — not NaN
        self.low, self.high = min(lows, default=None), max(highs, default=None)
        self.n += found.get("n", 0)
        self.sums.append(found.get("sum", 0.0))

    def phrase(self, dtype: pl.DataType) -> str:
        """Say where the cells lie; nothing where there is nothing to say."""
        if self.low is None:
            return ""
        if isinstance(dtype, pl.Boolean):
            return f"{_short(math.fsum(self.sums) / self.n)} true"
        if dtype.is_temporal():
            ends = pl.Series([self.low, self.high], dtype=pl.Int64).cast(
                pl.Int32 if isinstance(dtype, pl.Date) else pl.Int64
            )
            low, high = _moments(ends, dtype)
            return f"{low} to {high}"
        span = f"{_short(self.low)} to {_short(self.high)}"
        if not dtype.is_numeric():
            unit = {"List": "items", "Binary": "bytes"}.get(
                dtype.base_type().__name__, "characters"
            )
            return f"{span} {unit}"
        return f"{span}, mean {_short(math.fsum(self.sums) / self.n)}" if self.n else span


def _moments(ends: pl.Series, dtype: pl.DataType) -> list[str]:
    from polars.exceptions import PanicException

    try:
        return [str(value) for value in ends.cast(dtype).to_list()]
    except (PanicException, OverflowError, ValueError):
        # Beyond what Python and Polars can write as a date.
        return [str(value) for value in ends.to_list()]


def _short(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{float(value):.6g}"
