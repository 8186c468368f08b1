"""Columns of labeled examples: found by name, and read as what they say."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column
from qforge_jupyter.engine.case import Case, Check
from qforge_jupyter.errors import CallError, blaming, nearest

#: What says no where a text says whether something was done.
NO = ("", "false", "no", "n", "0", "none", "pending", "unverified")


def named(case: Case, key: str) -> str:
    """Give the column that a key of ``examples`` names; empty where none is named.

    Raises
    ------
    CallError
        There is no such column.

    """
    name = str(getattr(case.card.examples, key))
    if name:
        exists(case, key, name)
    return name


def exists(case: Case, key: str, name: str) -> None:
    """Refuse a name that is no column."""
    if name not in case.schema:
        with blaming("examples", key):
            raise CallError(
                f"`examples` names {name[:60]!r} for {key!r}, which is no column of "
                f"{case.table.name}{nearest(name, case.schema.names())}"
            )


def says_yes(case: Case, name: str) -> pl.Expr:
    """Whether a cell says that something was done: true, a number above 0, or a name."""
    dtype, cell = case.schema[name], column(name)
    if dtype == pl.Boolean:
        return cell.fill_null(value=False)
    if dtype.is_numeric():
        return (cell > 0).fill_null(value=False)
    if dtype.is_nested() or dtype == pl.Binary:
        return cell.is_not_null()
    return (~text_of(name).str.to_lowercase().is_in(NO)).fill_null(value=False)


def text_of(name: str) -> pl.Expr:
    """Give a cell as text without blanks around it; null where it is empty."""
    text = column(name).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text)


def same(case: Case, one: str, other: str) -> pl.Expr:
    """Whether two cells say the same: numbers as numbers, truth as 0 or 1, else as texts."""
    first, second = (_number_of(case.schema[name], name) for name in (one, other))
    if first is None or second is None:
        return text_of(one) == text_of(other)
    return first == second


def _number_of(dtype: pl.DataType, name: str) -> pl.Expr | None:
    """Give a cell as a number, NaN as missing; None for a column of something else."""
    if dtype == pl.Boolean:
        return column(name).cast(pl.Int8)
    if dtype.is_float():
        return column(name).fill_nan(None)
    return column(name) if dtype.is_numeric() else None


def answered(
    case: Case, check: tuple[str, str, tuple[str, ...], str], values: NDArray[np.bool_],
    is_asked: NDArray[np.bool_],
) -> tuple[Check, pl.Series]:  # fmt: skip
    """Make a check of answers that are worked out already: name, dimension, columns, expected."""
    name, dimension, columns, expected = check
    mark = case.answer_name(name)
    answer = pl.Series(mark, values, dtype=pl.Boolean).set(~pl.Series(is_asked), None)
    return Check(name, dimension, columns, expected, pl.col(mark)), answer
