"""Numbers with the error that the spread between buckets of rows gives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.results.interval import Interval

Floats = NDArray[np.float64]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error and the degrees of freedom of that error."""

    value: float
    error: float
    freedom: float

    def interval(
        self, floor: float = -np.inf, ceiling: float = np.inf, *, confidence: float = CONFIDENCE
    ) -> Interval:
        """Give the interval of Student's t, cut off where the value cannot be."""
        from scipy.stats import t

        reach = float(t.ppf((1 + confidence) / 2, max(self.freedom, 1))) * self.error
        low, high = max(floor, self.value - reach), min(ceiling, self.value + reach)
        return Interval(self.value, low, high, confidence, "bucket jackknife")

    def positive(self) -> Interval:
        """Give the interval of a number above 0, symmetric on a logarithmic scale."""
        from scipy.stats import t

        reach = float(t.ppf((1 + CONFIDENCE) / 2, max(self.freedom, 1)))
        factor = float(np.exp(min(reach * self.error / max(self.value, 1e-12), 700)))
        low, high = self.value / factor, self.value * factor
        return Interval(self.value, low, high, CONFIDENCE, "bucket jackknife")


def spread_of(influences: Floats, buckets: NDArray[np.integer]) -> tuple[float, float]:
    """Give the standard error of a mean from what each row adds to it, and its freedom.

    Rows of one bucket may belong together; only sums of buckets are taken to be independent.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=6_400)
    >>> error, freedom = spread_of(values - values.mean(), np.arange(6_400) % 64)
    >>> round(error, 3), freedom
    (0.012, 63.0)

    """
    sums = np.bincount(buckets, weights=influences)
    filled = np.bincount(buckets) > 0
    k = int(filled.sum())
    if k < 2:
        return float(np.abs(influences).max(initial=0.0)) or 1.0, 1.0
    sums = sums[filled] - sums.sum() / k
    error = float(np.sqrt((sums**2).sum() * k / (k - 1))) / len(influences)
    return error, float(k - 1)


def mean_of(influences: Floats, value: float, buckets: NDArray[np.integer]) -> Estimate:
    """Give a value whose rows' contributions, with mean 0, are known."""
    return Estimate(value, *spread_of(influences, buckets))


def share_of(holds: NDArray[np.bool_], buckets: NDArray[np.integer]) -> Estimate:
    """Give the share of rows for which something holds; no spread at all is no certainty.

    Examples
    --------
    >>> share_of(np.zeros(100, dtype=bool), np.arange(100) % 10)
    Estimate(value=0.0, error=0.01, freedom=9.0)

    """
    value = float(holds.mean()) if len(holds) else 0.0
    error, freedom = spread_of(holds.astype(np.float64) - value, buckets)
    return Estimate(value, max(error, 1 / max(len(holds), 1)), freedom)
