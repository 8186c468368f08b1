"""Columns that sort rows into a few kinds: texts of few values, and numbers in three parts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from qforge_jupyter.columns import is_present
from qforge_jupyter.rules.names import written_name

#: A facet has so many values at most; a column of more names something else.
MOST_VALUES = 12
#: Facets at most, in the order of the columns.
MOST_FACETS = 12
#: Share of rows that have to have a value.
_FILLED = 0.5
#: Rows that are looked at to see whether a column is a facet, and where its parts begin.
_LOOKED = 50_000
_LONGEST = 40


@dataclass(frozen=True)
class Facet:
    """What rows are like in one respect.

    Parameters
    ----------
    values, rules
        What the kinds are called, and the rule by which each is found.
    codes
        The kind of each row; null where the column says nothing.

    """

    name: str
    values: tuple[str, ...]
    rules: tuple[str, ...]
    codes: pl.Series = field(repr=False)

    def __len__(self) -> int:
        return len(self.values)


def facets_of(frame: pl.DataFrame, leave_out: Collection[str] = ()) -> list[Facet]:
    """Find the columns that sort rows into a few kinds.

    Parameters
    ----------
    frame
        The rows.
    leave_out
        Columns that are none: what names a row, and what is asked.

    Examples
    --------
    >>> frame = pl.DataFrame({"id": range(6), "kind": ["a", "b"] * 3})
    >>> [facet.rules for facet in facets_of(frame, ["id"])]
    [("kind = 'a'", "kind = 'b'")]

    """
    step = max(1, frame.height // _LOOKED)
    found: list[Facet] = []
    for column in frame:
        is_left_out = column.name in leave_out or written_name(column.name) is None
        if is_left_out or len(found) >= MOST_FACETS:
            continue
        made = _facet(column, column.gather_every(step))
        if made is not None:
            found.append(made)
    return found


def quoted(value: str) -> str:
    r"""Write a text as a rule does, a long one cut.

    Examples
    --------
    >>> print(quoted("it's"))
    'it\'s'

    """
    cut = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    return "'" + cut.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _facet(column: pl.Series, looked: pl.Series) -> Facet | None:
    kind = looked.dtype
    if kind in (pl.Boolean, pl.String) or isinstance(kind, pl.Enum | pl.Categorical):
        return _of_values(column, looked)
    if kind.is_numeric() and not isinstance(kind, pl.Decimal):
        if looked.n_unique() <= 3 and kind.is_integer():
            return _of_values(column, looked)
        return _of_numbers(column, looked)
    return None


def _of_values(column: pl.Series, looked: pl.Series) -> Facet | None:
    seen = looked.drop_nulls()
    if seen.len() < _FILLED * looked.len() or not 2 <= seen.n_unique() <= MOST_VALUES:
        return None
    names = column.drop_nulls().unique()
    if names.len() > MOST_VALUES:
        return None
    is_text = column.dtype == pl.String or isinstance(column.dtype, pl.Enum | pl.Categorical)
    values = names.cast(pl.String).sort().to_list()
    codes = column.cast(pl.String).cast(pl.Enum(values)).to_physical()
    shown = [quoted(value) if is_text else value for value in values]
    rules = tuple(f"{written_name(column.name)} = {value}" for value in shown)
    return Facet(column.name, tuple(values), rules, codes)


def _of_numbers(column: pl.Series, looked: pl.Series) -> Facet | None:
    """Cut at the thirds, rounded so that the rule can be read and still holds."""
    numbers = looked.cast(pl.Float64).to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    if numbers.size < max(3, _FILLED * looked.len()):
        return None
    low, high = (float(f"{cut:.3g}") for cut in np.quantile(numbers, [1 / 3, 2 / 3]))
    if not numbers.min() < low < high <= numbers.max():
        return None
    number = pl.col("n").cast(pl.Float64)
    part = pl.when(number < low).then(0).when(number < high).then(1).otherwise(2)
    frame = pl.DataFrame({"n": column.rename("n")})
    there = is_present(pl.col("n"), column.dtype)
    codes = frame.select(code=pl.when(there).then(part).cast(pl.UInt32))["code"]
    name = written_name(column.name)
    values = (f"< {low:g}", f"{low:g} … {high:g}", f">= {high:g}")
    rules = (f"{name} < {low:g}", f"{low:g} <= {name} < {high:g}", f"{name} >= {high:g}")
    return Facet(column.name, values, rules, codes)
