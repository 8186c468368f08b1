"""A column addressed by its exact name, whatever the name looks like."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
import polars.selectors as cs


def column(name: str) -> pl.Expr:
    """Name one column and only that one.

    ``pl.col`` reads ``*`` and ``^...$`` as patterns over all columns; a column
    may be called so.

    Examples
    --------
    >>> frame = pl.DataFrame({"^a$": [1], "a": [2]})
    >>> frame.select(column("^a$")).item()
    1

    """
    is_pattern = name == "*" or (name.startswith("^") and name.endswith("$"))
    return cs.by_name(name).as_expr() if is_pattern else pl.col(name)


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """Give a column of ours a name that none of the user's has.

    Examples
    --------
    >>> free_name("row", ["row", "gap"])
    'row_'

    """
    names = set(taken)
    while wanted in names:
        wanted += "_"
    return wanted


def is_present(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whether a cell holds a value: neither null nor NaN."""
    present = cell.is_not_null()
    return present & cell.is_not_nan().fill_null(value=False) if dtype.is_float() else present
