"""Levels of measurement: what may be done with the values of a rating.

S. S. Stevens, On the Theory of Scales of Measurement, Science 103, 677, 1946.
"""

from __future__ import annotations

from typing import Literal, get_args

import polars as pl

from qforge_jupyter.errors import CallError, nearest

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS = get_args(Level)


def natural_level(dtype: pl.DataType, *, is_declared: bool = False) -> Level:
    """Guess what values mean by their type.

    Parameters
    ----------
    dtype
        Their type.
    is_declared
        Whether somebody listed the answers, as for class numbers: then they are
        names unless a level says otherwise.

    Examples
    --------
    >>> natural_level(pl.Int64()), natural_level(pl.String())
    ('interval', 'nominal')

    """
    return (
        "interval" if (dtype.is_numeric() or dtype.is_temporal()) and not is_declared else "nominal"
    )


def check_level(level: str, dtype: pl.DataType, column: str, *, is_declared: bool) -> None:
    """Refuse a level that the values do not have.

    Raises
    ------
    CallError
        No such level, text without an order, or text as numbers.

    """
    if level not in LEVELS:
        raise CallError(f"No level named {level!r}{nearest(level, LEVELS)}")
    is_number = dtype.is_numeric() or dtype.is_temporal()
    if level in ("interval", "ratio") and not (is_number or dtype == pl.Boolean):
        raise CallError(
            f"The values of {column!r} are {dtype}, wanted numbers for the level {level}: "
            "take nominal, or ordinal with the answers in order as --categories"
        )
    if level == "ordinal" and not (is_number or dtype == pl.Boolean or is_declared):
        raise CallError(
            f"The values of {column!r} are text without an order, wanted one for the level "
            "ordinal: list the answers from low to high as --categories"
        )
