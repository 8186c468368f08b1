"""Bias-corrected and accelerated ends of a bootstrap interval.

B. Efron, Better Bootstrap Confidence Intervals, JASA 82, 171, 1987; T. C.
Hesterberg, What Teachers Should Know About the Bootstrap, The American
Statistician 69, 371, 2015.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.uncertainty.resampling import Floats


def confidence_ends(confidence: float) -> tuple[float, float]:
    """Give the two probabilities that leave equal tails."""
    return (1 - confidence) / 2, (1 + confidence) / 2


def expanded(ends: tuple[float, float], n: int) -> tuple[float, float]:
    """Widen two probabilities for a small sample.

    The bootstrap's spread is too small by √((n - 1)/n) and its tails are those of
    the normal instead of Student's distribution (Hesterberg 2015, §3.3).

    Examples
    --------
    >>> [round(end, 4) for end in expanded((0.025, 0.975), 10)]
    [0.0086, 0.9914]

    """
    from scipy.special import ndtr, stdtrit

    low, high = ndtr(np.sqrt(n / (n - 1)) * stdtrit(n - 1, np.array(ends))).tolist()
    return low, high


def acceleration(left_out: Floats, counts: NDArray[np.int64] | None = None) -> float:
    """Estimate how fast the error grows with the value, from the jackknife.

    Parameters
    ----------
    left_out
        The statistic without each value.
    counts
        How often each of them stands.

    Returns
    -------
    float
        Efron 1987, eq. 6.6; 0 where nothing varies, NaN where it is undefined.

    """
    pulls = np.average(left_out, weights=counts) - left_out
    weights = np.ones(len(pulls)) if counts is None else counts
    size = float(np.sum(weights * pulls**2))
    if size == 0:
        return 0.0
    scaled = pulls / np.sqrt(size)
    return float(np.sum(weights * scaled**3)) / 6


def bca_ends(
    value: float, replicates: Floats, skew: float, ends: tuple[float, float]
) -> tuple[float, float] | None:
    """Correct the two probabilities for bias and acceleration.

    The bias counts half of the replicates that equal the value, but for
    rounding. None where all replicates lie on one side or the correction is
    undefined.
    """
    from scipy.special import ndtr, ndtri

    rounding = 1e-12 * (replicates.max() - replicates.min())
    below = ((replicates < value - rounding).mean() + (replicates <= value + rounding).mean()) / 2
    if not 0 < below < 1:
        return None
    bias = ndtri(below)
    tails = bias + ndtri(np.array(ends))
    room = 1 - skew * tails
    if not (np.isfinite(skew) and (room > 0).all()):
        return None
    low, high = ndtr(bias + tails / room).tolist()
    return low, high
