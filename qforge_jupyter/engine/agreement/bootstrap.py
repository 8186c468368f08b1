"""Bootstrap intervals of agreement: items are drawn, as often as there are.

B. Efron, Better Bootstrap Confidence Intervals, JASA 82, 171, 1987. A resample of
items is a multinomial count of their patterns, so all coefficients share the
draws, and a resample costs as much as there are patterns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from qforge_jupyter.engine.agreement.ratings import Floats, Ints
from qforge_jupyter.engine.uncertainty.bca import acceleration, bca_ends, confidence_ends, expanded
from qforge_jupyter.engine.uncertainty.intervals import check_choice
from qforge_jupyter.engine.uncertainty.resampling import generator
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.progress import Progress, silent
from qforge_jupyter.results.uncertainty import NotApplicable

#: Takes weights (a line for each resample), gives one value a line.
Statistic = Callable[[Floats], Floats]
Method = Literal["bca", "percentile", "none"]
#: Weights held at once: 32 MB.
_BLOCK = 4_000_000
#: Up to so many patterns BCa is worth leaving each of them out once.
_JACKKNIFE = 2_000


@dataclass(frozen=True)
class Resampling:
    """How intervals are wanted.

    Parameters
    ----------
    method
        ``bca``, ``percentile`` or ``none``. With more than 2,000 patterns it is
        percentile: the correction for acceleration falls with √n.
    confidence
        Nominal coverage.
    n_resamples, seed
        Same data, same seed, same interval.

    """

    method: Method = "bca"
    confidence: float = 0.95
    n_resamples: int = 1000
    seed: int = 42

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            raise CallError(f"No interval {self.method!r}{nearest(self.method, get_args(Method))}")
        check_choice(self.confidence, self.n_resamples, self.seed)


def resampled(
    statistics: Mapping[str, Statistic],
    n_items: Ints,
    wanted: Resampling,
    progress: Progress = silent,
) -> dict[str, Interval | NotApplicable]:
    """Give each statistic with its interval over items.

    Parameters
    ----------
    statistics
        By name.
    n_items
        How many items have each pattern.
    wanted
        Method, coverage, resamples and seed.
    progress
        Told how far the work is.

    Returns
    -------
    dict
        An interval each; its ends are NaN where none was wanted or the most
        resamples have no value (the note says so), or why there is no value.

    Examples
    --------
    >>> share = lambda weights: weights[:, 0] / weights.sum(axis=1)
    >>> found = resampled({"share": share}, np.array([30, 70]), Resampling())
    >>> print(found["share"])
    0.300 [0.220, 0.400]

    """
    n, every = int(n_items.sum()), n_items[None, :].astype(np.float64)
    values = {name: float(statistic(every)[0]) for name, statistic in statistics.items()}
    known = {name: statistics[name] for name, value in values.items() if np.isfinite(value)}
    drawn = {name: np.empty(0) for name in known}
    left_out = dict(drawn)
    if wanted.method != "none" and known and n > 1:
        drawn = _draw(known, n_items, wanted, progress)
        if wanted.method == "bca" and len(n_items) <= _JACKKNIFE:
            left_out = _leave_out(known, n_items)
    found: dict[str, Interval | NotApplicable] = {}
    for name, value in values.items():
        if name not in known:
            found[name] = NotApplicable("the ratings to compare are all of one category", n)
            continue
        low, high, method, note = _ends(value, drawn[name], left_out[name], n_items, wanted)
        found[name] = Interval(value, low, high, wanted.confidence, method, n, note)
    return found


def _draw(
    statistics: Mapping[str, Statistic], n_items: Ints, wanted: Resampling, progress: Progress
) -> dict[str, Floats]:
    rng = generator(wanted.seed)
    at_once = max(1, _BLOCK // len(n_items))
    parts: dict[str, list[Floats]] = {name: [] for name in statistics}
    for start in range(0, wanted.n_resamples, at_once):
        progress(start, wanted.n_resamples, "resamples")
        size = min(at_once, wanted.n_resamples - start)
        weights = _drawn(n_items, size, rng)
        for name, statistic in statistics.items():
            parts[name].append(statistic(weights))
    progress(wanted.n_resamples, wanted.n_resamples, "resamples")
    return {name: np.concatenate(each) for name, each in parts.items()}


def _drawn(n_items: Ints, size: int, rng: np.random.Generator) -> Floats:
    """Draw how often each pattern comes: at once where they are few, else item by item."""
    n = int(n_items.sum())
    if 2 * len(n_items) < n:
        return rng.multinomial(n, n_items / n, size=size).astype(np.float64)
    owners = np.repeat(np.arange(len(n_items)), n_items)
    weights = np.empty((size, len(n_items)))
    for line in weights:
        line[:] = np.bincount(owners[rng.integers(0, n, n)], minlength=len(n_items))
    return weights


def _leave_out(statistics: Mapping[str, Statistic], n_items: Ints) -> dict[str, Floats]:
    weights = np.repeat(n_items[None, :].astype(np.float64), len(n_items), axis=0)
    np.fill_diagonal(weights, n_items - 1)
    return {name: statistic(weights) for name, statistic in statistics.items()}


def _ends(
    value: float, drawn: Floats, left_out: Floats, n_items: Ints, wanted: Resampling
) -> tuple[float, float, str, str]:
    n_undefined = int((~np.isfinite(drawn)).sum())
    usable = drawn[np.isfinite(drawn)]
    if 2 * len(usable) < max(1, wanted.n_resamples):
        note = "most resamples have no value" if len(drawn) else ""
        return float("nan"), float("nan"), "", note
    note = f"{n_undefined:,} of {len(drawn):,} resamples have no value" if n_undefined else ""
    if usable.min() == usable.max():
        return float(usable[0]), float(usable[0]), "percentile", note
    ends, method = expanded(confidence_ends(wanted.confidence), int(n_items.sum())), "percentile"
    if len(left_out) and np.isfinite(left_out).all():
        with np.errstate(all="ignore"):  # of two items the ends are 0 and 1
            shifted = bca_ends(value, usable, acceleration(left_out, n_items), ends)
        ends, method = shifted or ends, "bca" if shifted else method
    low, high = np.quantile(usable, ends).tolist()
    return low, high, method, note
