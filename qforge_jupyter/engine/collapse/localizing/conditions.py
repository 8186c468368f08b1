"""Conditions on one column, of which rules about regions are made."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.rules.names import written_name

#: Borders drawn through a number, and levels of a category that are looked at.
N_BORDERS = 20
MOST_LEVELS = 12
#: A value that so large a share of a side has is looked at alone.
ATOM = 0.05


@dataclass(frozen=True)
class Condition:
    """What a rule says of one column.

    Parameters
    ----------
    column
        Its name.
    text
        As it is written in the language of rules.
    expression
        The same for Polars; never null.

    """

    column: str
    text: str
    expression: pl.Expr = field(repr=False, compare=False)


def conditions_on(name: str, first: pl.Series, second: pl.Series) -> Iterator[Condition]:
    """Give the conditions that are worth a look, from a column of each side.

    Examples
    --------
    >>> plans = pl.Series(["A", "B", "A", None])
    >>> [condition.text for condition in conditions_on("plan", plans, plans)]
    ["plan = 'A'", "plan = 'B'", 'plan is null']

    """
    if (written := written_name(name)) is None:
        return
    kind = first.dtype
    if kind.is_numeric():
        yield from _of_number(name, written, first, second)
    elif kind in (pl.String, pl.Categorical, pl.Boolean) or isinstance(kind, pl.Enum):
        yield from _of_levels(name, written, first, second)
    if first.null_count() or second.null_count():
        yield Condition(name, f"{written} is null", exact(name).is_null())


def _of_number(name: str, written: str, first: pl.Series, second: pl.Series) -> Iterator[Condition]:
    sides = [_finite(each) for each in (first, second)]
    values = np.concatenate(sides)
    if not len(values):
        return
    number = exact(name).cast(pl.Float64)
    for border in _borders(values):
        shown = _shown(border)
        yield Condition(name, f"{written} <= {shown}", (number <= border).fill_null(value=False))
        above = (number > border) & number.is_not_nan()
        yield Condition(name, f"{written} > {shown}", above.fill_null(value=False))
    for atom in _atoms(sides):
        yield Condition(
            name, f"{written} = {_shown(atom)}", (number == atom).fill_null(value=False)
        )


def _finite(series: pl.Series) -> NDArray[np.float64]:
    values = series.cast(pl.Float64).drop_nulls().to_numpy()
    finite: NDArray[np.float64] = values[np.isfinite(values)]
    return finite


def _borders(values: NDArray[np.float64]) -> list[float]:
    """Draw borders at quantiles, each at the shortest number that divides the same values."""
    ordered = np.unique(values)
    shares = np.arange(1, N_BORDERS + 1) / (N_BORDERS + 1)
    found = []
    for quantile in np.quantile(values, shares, method="lower"):
        at = int(np.searchsorted(ordered, quantile))
        if at + 1 < len(ordered):
            found.append(shortest_between(float(ordered[at]), float(ordered[at + 1])))
    return sorted(set(found))


def shortest_between(low: float, high: float) -> float:
    """Give the number of the fewest digits that is at least ``low`` and below ``high``.

    Examples
    --------
    >>> shortest_between(61.0, 62.0), shortest_between(0.4312, 0.4378)
    (61.0, 0.432)

    """
    size = math.floor(math.log10(max(abs(low), abs(high)) or 1.0))
    for digits in range(1, 17):
        step = 10.0 ** (size - digits + 1)
        shown = round(math.ceil(low / step) * step, digits - 1 - size)
        if low <= shown < high:
            return shown
    return low


def _atoms(sides: Sequence[NDArray[np.float64]]) -> list[float]:
    found: set[float] = set()
    for values in sides:
        known, counts = np.unique(values, return_counts=True)
        often = np.argsort(-counts, kind="stable")[:MOST_LEVELS]
        found |= {float(known[at]) for at in often if counts[at] >= ATOM * len(values)}
    return sorted(found)


def _shown(number: float) -> str:
    return repr(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def _of_levels(name: str, written: str, first: pl.Series, second: pl.Series) -> Iterator[Condition]:
    both = pl.concat([each.cast(pl.String).alias("level") for each in (first, second)])
    counts = both.drop_nulls().value_counts().sort(["count", "level"], descending=[True, False])
    text = exact(name).cast(pl.String)
    for level in counts["level"].head(MOST_LEVELS):
        shown = repr(level) if first.dtype != pl.Boolean else level
        yield Condition(name, f"{written} = {shown}", (text == level).fill_null(value=False))
