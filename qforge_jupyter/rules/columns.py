"""Columns addressed by their exact name, whatever the name holds."""

from __future__ import annotations

import polars as pl
import polars.selectors as cs


def column(name: str) -> pl.Expr:
    """Give the column of exactly that name.

    ``pl.col`` reads ``*`` and ``^...$`` as patterns over all columns; here
    they are names like any other.

    Examples
    --------
    >>> frame = pl.DataFrame({"^a$": [1], "a": [2]})
    >>> frame.select(column("^a$")).item()
    1

    """
    is_pattern = name == "*" or (name.startswith("^") and name.endswith("$"))
    return cs.by_name(name).as_expr() if is_pattern else pl.col(name)
