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


def frame_of(columns: Iterable[pl.Series]) -> pl.DataFrame:
    """Put columns side by side, each under its own name, an empty one too.

    ``pl.DataFrame`` of a list calls a column without a name ``column_0``.

    Examples
    --------
    >>> frame_of([pl.Series("", [1]), pl.Series("a", [2])]).columns
    ['', 'a']

    """
    held = list(columns)
    return held[0].to_frame().hstack(held[1:]) if held else pl.DataFrame()


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


def written(cells: pl.Series) -> pl.Series:
    """Write cells as text that a person can compare.

    Examples
    --------
    >>> written(pl.Series([b"ab", None])).to_list()
    ["b'ab'", None]
    >>> written(pl.Series([[1, None]])).to_list()
    ['[1, None]']

    """
    if cells.dtype == pl.Duration:
        return cells.dt.to_string("iso")
    if cells.dtype.is_nested() or cells.dtype == pl.Binary:
        texts = [None if one is None else str(one) for one in cells.to_list()]
        return pl.Series(cells.name, texts, dtype=pl.String)
    return cells.cast(pl.String)
