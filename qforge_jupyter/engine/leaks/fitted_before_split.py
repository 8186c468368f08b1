"""Statistics computed before the split: a scaler, a filler or an encoder fitted on all rows.

A number that has mean 0 and deviation 1 (or minimum 0 and maximum 1, or the
quantiles of a normal or uniform distribution) over *all* parts to the last
digits, while over the first part it has not, was scaled with the other parts
in view. Likewise a value that fills many cells and is the mean or median of
all parts but not of the first, and a column that is the mean target of a
category over all parts. Smoothed or cross-fitted encodings are not recognised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.results.leak_outcome import Leak, Outcome

NAME = "fitted before split"
#: How near a statistic must be to be meant: single precision, or a file with six digits.
TOLERANCE = 1e-5
#: ... and so many times further it must be in the first part.
APART = 10.0
LEAST_ROWS = 20
#: Kolmogorov's distance times the root of n: chance all but never stays below the first.
REGULAR, IRREGULAR = 0.2, 0.3
LEAST_FILLED, FILLED_SHARE = 5, 0.005
MOST_LEVELS = 1_000
MOST_CATEGORIES = 50
MOST_LEAKS = 50

Values = NDArray[np.float64]


def find(case: LeakCase) -> Outcome:
    """Look at every number over all parts and over the first one."""
    first = case.part == case.filled[0]
    names = [name for name in case.features if case.schema[name].is_float()]
    if not names:
        return Outcome.declined(NAME, "no feature is a number with decimals")
    if min(first.sum(), (~first).sum()) < 2 or len(first) < LEAST_ROWS:
        return Outcome.declined(NAME, f"there are fewer than {LEAST_ROWS} rows, or one in a part")
    found: dict[str, list[str]] = {}
    for at, name in enumerate(names):
        case.progress(at, len(names), "fitted before split")
        values = case.column(name).cast(pl.Float64).to_numpy()
        usable = np.isfinite(values)
        if usable.sum() < LEAST_ROWS or not usable[first].any() or not usable[~first].any():
            continue
        if what := _fitted(values[usable], values[first & usable]):
            found.setdefault(what, []).append(name)
    leaks = [leak for what, columns in found.items() for leak in _as_leaks(case, what, columns)]
    leaks += _encoded(case, first, names)
    said = f"{len(names)} numbers over all parts and over {case.names[case.filled[0]]} alone"
    return Outcome.of(NAME, said, leaks[:MOST_LEAKS], (("tolerance", TOLERANCE),))


def _fitted(everything: Values, first: Values) -> str:
    """Name what was fitted on all rows; nothing if nothing was."""
    with np.errstate(over="ignore", invalid="ignore"):
        for what, holds in SIGNS.items():
            if holds(everything, first):
                return what
    return ""


def _is_standardised(everything: Values, first: Values) -> bool:
    if abs(everything.mean()) > TOLERANCE or abs(first.mean()) <= APART * TOLERANCE:
        return False
    return any(abs(everything.std(ddof=each) - 1) <= TOLERANCE for each in (0, 1))


def _is_ranged(everything: Values, first: Values) -> bool:
    """Whether the ends are 0 and 1, or -1 and 1, once each, and one is beyond the first part."""
    ends = float(everything.min()), float(everything.max())
    if ends not in ((0.0, 1.0), (-1.0, 1.0)):
        return False
    once = all(np.count_nonzero(everything == end) == 1 for end in ends)
    return once and (first.min() > ends[0] or first.max() < ends[1])


def _is_quantiled(everything: Values, first: Values) -> bool:
    from scipy.special import ndtr

    for shares in (_cdf(everything, ndtr), _cdf(everything, lambda x: x)):
        if shares is not None and _distance(shares) < REGULAR:
            own = ndtr(first) if everything.min() < 0 else first
            return _distance(np.asarray(own)) > IRREGULAR
    return False


def _cdf(values: Values, cdf: Callable[[Values], Values]) -> Values | None:
    shares = np.asarray(cdf(values))
    return shares if shares.min() >= 0 and shares.max() <= 1 else None


def _distance(shares: Values) -> float:
    """Give Kolmogorov's distance from even shares, times the root of their number."""
    ranked = np.sort(shares)
    n = len(ranked)
    middle = (np.arange(n) + 0.5) / n
    return float(np.abs(ranked - middle).max() * np.sqrt(n))


def _is_filled(everything: Values, first: Values) -> bool:
    values, counts = np.unique(everything, return_counts=True)
    filler, n_filled = float(values[counts.argmax()]), int(counts.max())
    n_rest = len(everything) - n_filled
    if n_filled < max(LEAST_FILLED, FILLED_SHARE * len(everything)) or n_rest < LEAST_ROWS:
        return False
    if len(values) - 1 < 0.9 * n_rest:  # otherwise values repeat by nature
        return False
    rest, own = everything[everything != filler], first[first != filler]
    if len(own) < 2:
        return False
    scale = float(rest.std())
    reach = 1e-3 * TOLERANCE * max(scale, abs(filler))
    for of in (np.mean, np.median, _median_with(filler)):
        if abs(float(of(rest)) - filler) <= reach:
            return all(
                abs(float(each(own)) - filler) > APART * reach
                for each in ((np.mean,) if of is np.mean else (np.median, _median_with(filler)))
            )
    return False


def _median_with(filler: float) -> Callable[[Values], float]:
    """Take the filler for one of the values: it is one where their number is odd."""
    return lambda values: float(np.median(np.append(values, filler)))


SIGNS: dict[str, Callable[[Values, Values], bool]] = {
    "standardised": _is_standardised,
    "scaled to its range": _is_ranged,
    "turned into quantiles": _is_quantiled,
    "filled with the mean or median": _is_filled,
}


def _as_leaks(case: LeakCase, what: str, columns: list[str]) -> Iterator[Leak]:
    """One leak a column; a range is evidence only where several columns agree."""
    first = case.names[case.filled[0]]
    is_grave = what != "scaled to its range" or len(columns) > 1
    for name in columns:
        yield Leak(
            NAME,
            f"{name} was {what} over all parts",
            "high" if is_grave else "medium",
            parts=case.names,
            column=name,
            note=f"the statistics fit all parts together and not {first} alone",
        )


def _encoded(case: LeakCase, first: NDArray[np.bool_], names: list[str]) -> Iterator[Leak]:
    """Find numbers that are the mean target of a category over all parts."""
    target = case.target
    if target is None or not (
        case.schema[target].is_numeric() or case.schema[target] == pl.Boolean
    ):
        return
    known = {target, *names}
    categories = [
        name
        for name, dtype in case.schema.items()
        if name not in known
        and (dtype.is_integer() or dtype in (pl.String, pl.Categorical, pl.Boolean))
        and 2 <= _n_values(case, name) <= MOST_LEVELS
    ][:MOST_CATEGORIES]
    few = [name for name in names if 2 <= _n_values(case, name) <= MOST_LEVELS]
    for category in categories if few else []:
        levels = _by_level(case, category, few, first)
        for i, name in enumerate(few):
            if levels.height > 1 and _is_encoding(levels, i):
                yield Leak(
                    NAME,
                    f"{name} is the mean {target} of each {category} over all parts",
                    "high",
                    parts=case.names,
                    column=name,
                    note="rows that are to be judged took part in the encoding",
                )


def _n_values(case: LeakCase, name: str) -> int:
    return int(case.column(name).n_unique())


def _by_level(
    case: LeakCase, category: str, numbers: list[str], first: NDArray[np.bool_]
) -> pl.DataFrame:
    """Give the mean target of each level over all parts and over the first, and the numbers."""
    every = range(len(numbers))
    return (
        case.rows.select(
            exact(category).alias("level"),
            exact(case.target or "").cast(pl.Float64).alias("label"),
            pl.lit(pl.Series(first)).alias("first"),
            *(exact(name).alias(f"v{i}") for i, name in enumerate(numbers)),
        )
        .group_by("level")
        .agg(
            pl.col("label").mean().alias("all"),
            pl.col("label").filter("first").mean().alias("own"),
            *(pl.col(f"v{i}").min().alias(f"low{i}") for i in every),
            *(pl.col(f"v{i}").max().alias(f"high{i}") for i in every),
        )
        .drop_nulls()
    )


def _is_encoding(levels: pl.DataFrame, i: int) -> bool:
    low, high = levels[f"low{i}"].to_numpy(), levels[f"high{i}"].to_numpy()
    everything, own = levels["all"].to_numpy(), levels["own"].to_numpy()
    reach = TOLERANCE * max(1e-12, float(np.abs(everything).max()))
    is_mean = np.abs(low - everything).max() <= reach and np.abs(high - everything).max() <= reach
    return bool(is_mean and np.abs(low - own).max() > APART * reach)
