"""Krippendorff's alpha: nominal, ordinal, interval and ratio, with missing ratings."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.agreement.levels import Level
from qforge_jupyter.engine.agreement.patterns import Patterns
from qforge_jupyter.engine.agreement.ratings import Floats


def krippendorff_alpha(patterns: Patterns, weights: Floats, level: Level = "nominal") -> Floats:
    """Give 1 - observed disagreement / expected disagreement.

    K. Krippendorff, Computing Krippendorff's Alpha-Reliability, University of
    Pennsylvania 2011; Content Analysis, 4th ed. 2019, ch. 12. Items with one
    rating are left out. The ordinal difference of two categories is that of
    their mid-ranks among all ratings, so ordinal, like interval, needs sums only.

    Parameters
    ----------
    patterns
        The patterns of answers.
    weights
        One row a resample, one column a pattern: how many items have it.
    level
        Which difference two categories have.

    Returns
    -------
    numpy.ndarray
        One value a resample; NaN where the ratings are all of one category.

    Examples
    --------
    >>> found = Patterns(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([3, 1]), np.arange(2.0))
    >>> krippendorff_alpha(found, found.weights).tolist()
    [0.0]

    """
    used = patterns.is_pairable
    counts, drawn = patterns.counts[used], weights[:, used]
    sizes = counts.sum(axis=1)
    totals = drawn @ counts
    n = totals.sum(axis=1)
    if level == "nominal":
        observed = drawn @ ((sizes**2 - (counts**2).sum(axis=1)) / (sizes - 1))
        expected = n**2 - (totals**2).sum(axis=1)
    elif level == "ratio":
        observed, expected = _ratio(counts, drawn, totals, patterns.points)
    else:
        points = _mid_ranks(totals) if level == "ordinal" else _centred(patterns.points, totals)
        within = sizes * (points**2 @ counts.T) - (points @ counts.T) ** 2
        observed = 2 * (drawn * within / (sizes - 1)).sum(axis=1)
        sums, squares = (totals * points).sum(axis=1), (totals * points**2).sum(axis=1)
        expected = 2 * (n * squares - sums**2)
    is_varied = (totals > 0).sum(axis=1) > 1
    ratio = np.divide(
        (n - 1) * observed, expected, out=np.full_like(n, np.nan), where=is_varied & (expected > 0)
    )
    return np.asarray(1 - ratio)


def _mid_ranks(totals: Floats) -> Floats:
    ranks = np.cumsum(totals, axis=1) - totals / 2
    return np.asarray(ranks - totals.sum(axis=1, keepdims=True) / 2)


def _centred(points: Floats, totals: Floats) -> Floats:
    """Put the zero in the middle, so that squares keep their digits."""
    every = totals.sum(axis=0)
    middle = points @ every / every.sum() if every.sum() else 0.0
    return np.asarray(points - middle)[None, :]


def _ratio(counts: Floats, drawn: Floats, totals: Floats, points: Floats) -> tuple[Floats, Floats]:
    gaps = points[:, None] - points[None, :]
    sums = points[:, None] + points[None, :]
    squares = np.divide(gaps, sums, out=np.zeros_like(gaps), where=sums != 0) ** 2
    within = ((counts @ squares) * counts).sum(axis=1) / (counts.sum(axis=1) - 1)
    return drawn @ within, ((totals @ squares) * totals).sum(axis=1)
