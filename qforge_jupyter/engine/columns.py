"""How a column is named and asked, whatever its name looks like."""

from __future__ import annotations

import polars as pl
import polars.selectors as cs


def exactly(name: str) -> pl.Expr:
    """Name a column and only that one.

    ``pl.col`` reads ``^...$`` and ``*`` as patterns; a column may be called so.
    """
    if name == "*" or (name.startswith("^") and name.endswith("$")):
        return cs.by_name(name).as_expr()
    return pl.col(name)


def is_present(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whether the cell holds a value: neither null nor NaN."""
    present = column.is_not_null()
    return present & column.is_not_nan().fill_null(value=False) if dtype.is_float() else present
