"""Intervals of a quantile between order statistics, whatever the distribution.

The binomial law says how often the r-th smallest value lies above a quantile;
between the two ranks around the wanted share the end is interpolated
(J. Nyblom, Statistics & Probability Letters 14, 129, 1992). Nothing is drawn.
"""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.uncertainty.resampling import Floats


def order_statistic_ends(
    values: Floats, probability: float, ends: tuple[float, float]
) -> tuple[float, float] | None:
    """Give the interval's ends; None where there are too few values to bound it.

    Examples
    --------
    >>> ends = order_statistic_ends(np.arange(1.0, 101.0), 0.5, (0.025, 0.975))
    >>> [round(end, 2) for end in ends]
    [40.76, 60.24]
    >>> order_statistic_ends(np.arange(5.0), 0.5, (0.025, 0.975)) is None
    True

    """
    ordered, tail = np.sort(values), ends[0]
    low = _lower(ordered, probability, tail)
    high = _lower(-ordered[::-1], 1 - probability, tail)
    return None if low is None or high is None else (low, -high)


def _lower(ordered: Floats, probability: float, tail: float) -> float | None:
    """Find the value below which the quantile lies in the share ``tail`` of samples."""
    from scipy.special import bdtr

    n = len(ordered)
    first, last = 0, n
    while last - first > 1:  # The largest rank that lies above the quantile rarely enough.
        middle = (first + last) // 2
        first, last = (
            (middle, last) if bdtr(middle - 1, n, probability) <= tail else (first, middle)
        )
    if first == 0:
        return None
    below, above = bdtr(first - 1, n, probability), bdtr(first, n, probability)
    odds = first * (1 - probability) * (above - tail)
    share = 1.0
    if tail > below:
        share = odds / (odds + (n - first) * probability * (tail - below))
    return float(share * ordered[first - 1] + (1 - share) * ordered[first])
