"""Intervals for scores: ratios of sums over rows."""

from __future__ import annotations

import math

import numpy as np

from qforge_jupyter.results.interval import Interval

#: Two-sided 95 % point of the normal distribution.
Z95 = 1.959963984540054


def ratio_interval(deviations: np.ndarray, ratio: float) -> Interval:
    """Bound a ratio of sums between 0 and 1 from each row's influence on it.

    The variance is the linearised one of a ratio estimator; it gives the
    effective number of independent yes/no answers, and the interval is
    Wilson's for that number. So it stays within 0 and 1, and a perfect score
    of few rows is not called certain.

    Parameters
    ----------
    deviations
        Each row's influence on the ratio (mean 0), shape ``(n,)``.
    ratio
        The ratio itself.

    References
    ----------
    E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209; E. L. Korn and B. I.
    Graubard, Survey Methodology 24 (1998) 193 (effective sample size).

    Examples
    --------
    >>> passed = np.array([1.0] * 95 + [0.0] * 5)
    >>> interval = ratio_interval(passed - 0.95, 0.95)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.888, 0.978)

    """
    n = len(deviations)
    variance = float(np.dot(deviations, deviations)) / n**2
    effective = ratio * (1 - ratio) / variance if variance > 0 and 0 < ratio < 1 else float(n)
    # Answers of one row are rarely independent: never claim more than the rows say.
    weight = Z95**2 / effective
    centre = (ratio + weight / 2) / (1 + weight)
    half = Z95 / (1 + weight) * math.sqrt(ratio * (1 - ratio) / effective + weight / 4 / effective)
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Interval(ratio, min(low, ratio), max(high, ratio), 0.95, "wilson, effective n", n)
