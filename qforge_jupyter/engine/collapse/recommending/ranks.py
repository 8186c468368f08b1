"""Ranks with ties broken by chance, and how far two samples of one column lie apart."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shares_below(values: Floats, chance: np.random.Generator) -> Floats:
    """Give each value its rank between 0 and 1; equal values share theirs out at random.

    Examples
    --------
    >>> sorted(shares_below(np.array([2.0, 1.0, 2.0]), np.random.default_rng(0)).round(2).tolist())
    [0.17, 0.5, 0.83]

    """
    order = np.lexsort((chance.random(len(values)), values))
    ranks = np.empty(len(values))
    ranks[order] = (np.arange(len(values)) + 0.5) / max(len(values), 1)
    return ranks


def differ(own: Floats, other: Floats) -> bool:
    """Whether two samples differ beyond chance (Kolmogorov and Smirnov, at 1 %).

    Examples
    --------
    >>> usual = np.random.default_rng(0).normal(size=1_000)
    >>> differ(usual[:500], usual[500:]), differ(usual[:500] * 0.5, usual[500:])
    (False, True)

    """
    at = np.unique(np.concatenate([own, other]))
    below = [np.searchsorted(np.sort(each), at, "right") / len(each) for each in (own, other)]
    reach = math.sqrt(-math.log(0.01 / 2) / 2) * math.sqrt(1 / len(own) + 1 / len(other))
    return float(np.abs(below[0] - below[1]).max()) > reach


def differ_in_levels(own: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Whether counts of levels differ beyond chance (chi-squared, at 1 %)."""
    from scipy.stats import chi2

    n, m = int(own.sum()), int(other.sum())
    both = own + other
    held = both >= 5
    if held.sum() < 2 or not n or not m:
        return False
    expected = both[held] * (n / (n + m))
    statistic = float(((own[held] - expected) ** 2 / expected).sum()) * (n + m) / m
    return statistic > float(chi2.ppf(0.99, int(held.sum()) - 1))
