"""Percent agreement: the share of pairs of ratings that agree, averaged over items."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.agreement.patterns import Patterns
from qforge_jupyter.engine.agreement.ratings import Floats


def percent_agreement(
    patterns: Patterns, weights: Floats, similarity: Floats | None = None
) -> Floats:
    """Give the mean over items of the share of their pairs of ratings that agree.

    J. L. Fleiss, Measuring nominal scale agreement among many raters,
    Psychological Bulletin 76, 378, 1971; for items with different
    numbers of ratings K. L. Gwet, Handbook of Inter-Rater Reliability, 4th ed.
    2014: items with fewer than two ratings are left out of the mean.

    Parameters
    ----------
    patterns
        The patterns of answers.
    weights
        One row a resample, one column a pattern: how many items have it.
    similarity
        Partial credit of each two categories, 1 on the diagonal; only equal ones
        agree by default.

    Returns
    -------
    numpy.ndarray
        One value a resample; NaN where no item can be compared.

    Examples
    --------
    >>> found = Patterns(np.array([[3.0, 0.0], [2.0, 1.0]]), np.array([1, 1]), np.arange(2.0))
    >>> percent_agreement(found, found.weights).round(4).tolist()
    [0.6667]

    """
    counts = patterns.counts
    alike = counts if similarity is None else counts @ similarity
    agreeing = patterns.per_pair((counts * (alike - 1)).sum(axis=1))
    with np.errstate(invalid="ignore"):
        return np.asarray(weights @ agreeing / (weights @ patterns.is_pairable))


def chance_corrected(observed: Floats, expected: Floats) -> Floats:
    """Give (observed - expected) / (1 - expected), NaN where all is expected."""
    room = 1 - expected
    return np.divide(
        observed - expected, room, out=np.full_like(observed, np.nan), where=np.abs(room) > 1e-12
    )


def category_shares(patterns: Patterns, weights: Floats) -> Floats:
    """Give the mean over items of each category's share of their ratings.

    Gwet 2014: every item counts the same, however many rated it.
    """
    return np.asarray(weights @ patterns.shares / weights.sum(axis=1, keepdims=True))
