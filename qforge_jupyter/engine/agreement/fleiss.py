"""Fleiss' kappa, of all categories and of each against the rest."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.agreement.patterns import Patterns
from qforge_jupyter.engine.agreement.percent import (
    category_shares,
    chance_corrected,
    percent_agreement,
)
from qforge_jupyter.engine.agreement.ratings import Floats


def fleiss_kappa(patterns: Patterns, weights: Floats) -> Floats:
    """Give the agreement beyond that of raters who all draw from the same shares.

    J. L. Fleiss, Measuring nominal scale agreement among many raters,
    Psychological Bulletin 76, 378, 1971. Items with different numbers of
    ratings: K. L. Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014,
    which is the same where the numbers are equal.

    Parameters
    ----------
    patterns
        The patterns of answers.
    weights
        One row a resample, one column a pattern: how many items have it.

    Returns
    -------
    numpy.ndarray
        One value a resample; NaN where only one category is used.

    Examples
    --------
    >>> found = Patterns(np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([1, 1]), np.arange(2.0))
    >>> fleiss_kappa(found, found.weights).tolist()
    [1.0]

    """
    expected = (category_shares(patterns, weights) ** 2).sum(axis=1)
    return chance_corrected(percent_agreement(patterns, weights), expected)


def category_kappa(patterns: Patterns, category: int) -> float:
    """Give Fleiss' kappa of one category against all others (Fleiss 1971).

    Examples
    --------
    >>> found = Patterns(np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([1, 1]), np.arange(2.0))
    >>> category_kappa(found, 0)
    1.0

    """
    of_it = patterns.counts[:, category]
    against = np.stack([of_it, patterns.n_ratings - of_it], axis=1)
    two = Patterns(against, patterns.n_items, np.arange(2.0))
    return float(fleiss_kappa(two, two.weights)[0])
