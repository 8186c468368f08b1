"""The scale of ratings: which answers there are, in which order, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.agreement.levels import Level, check_level, natural_level
from qforge_jupyter.errors import CallError, DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Scale:
    """What can be answered: the categories in their order, and where they lie.

    Parameters
    ----------
    level
        Nominal, ordinal, interval or ratio.
    names
        The categories: those that were used, or those that were declared.
    points
        Where each lies: its number for interval and ratio, else its place.

    """

    level: Level
    names: pl.Series
    points: Floats = field(repr=False)


def read_scale(
    values: pl.Series, level: Level | None, categories: Sequence[str] | None, column: str
) -> tuple[Scale, Ints]:
    """Find the scale of values, and the category of each.

    Parameters
    ----------
    values
        The ratings, none missing.
    level, categories
        What they mean and could be, where somebody said so.
    column
        What their column is called.

    Raises
    ------
    CallError
        The level does not fit the values.
    DataError
        A value is none of the categories.

    Examples
    --------
    >>> read_scale(pl.Series(["b", "a", "b"]), None, None, "label")[1].tolist()
    [1, 0, 1]

    """
    dtype = values.dtype
    declared = list(categories) if categories is not None else None
    if isinstance(dtype, pl.Enum) and declared is None:
        declared = dtype.categories.to_list()
    chosen = level or natural_level(dtype, is_declared=categories is not None)
    check_level(chosen, dtype, column, is_declared=declared is not None)
    if isinstance(dtype, pl.Categorical | pl.Enum):
        values = values.cast(pl.String)
    names = values.unique().sort() if declared is None else _declared(declared, values.dtype)
    found = places_of(values, names)
    if n_unknown := found.null_count():
        raise DataError(
            f"In {n_unknown:,} row{'s' * (n_unknown != 1)} the value in {column!r} is none of the "
            f"{len(names)} categories: add it to --categories, or take these rows out"
        )
    if chosen in ("interval", "ratio"):
        numbers = names.to_physical() if names.dtype.is_temporal() else names
        points = numbers.cast(pl.Float64).to_numpy()
        if not np.isfinite(points).all():
            raise DataError(
                f"Some values of {column!r} are infinite, wanted finite numbers for the level "
                f"{chosen}: take these rows out, or take --level ordinal"
            )
    else:
        points = np.arange(len(names), dtype=np.float64)
    return Scale(chosen, names, points), found.to_numpy()


def _declared(categories: list[str], dtype: pl.DataType) -> pl.Series:
    names = pl.Series(categories, dtype=pl.String)
    if names.n_unique() < len(names) or not len(names):
        raise CallError("The categories are not all different, wanted each answer once, in order")
    if dtype == pl.Boolean:
        return names == "true"
    read = names.cast(dtype, strict=False)
    if read.null_count():
        raise CallError(
            f"The categories are not of the values' type {dtype}: write them like these"
        )
    return read


def places_of(values: pl.Series, names: pl.Series) -> pl.Series:
    """Look up the place of each value among names, null where it is none of them."""
    known = pl.DataFrame({"value": names, "place": np.arange(len(names))})
    asked = pl.DataFrame({"value": values})
    return asked.join(known, on="value", how="left", maintain_order="left")["place"]
