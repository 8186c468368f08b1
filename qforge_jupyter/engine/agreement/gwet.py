"""Gwet's AC1, and AC2 for ordered answers."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.agreement.patterns import Patterns
from qforge_jupyter.engine.agreement.percent import (
    category_shares,
    chance_corrected,
    percent_agreement,
)
from qforge_jupyter.engine.agreement.ratings import Floats


def gwet_ac(patterns: Patterns, weights: Floats, similarity: Floats | None = None) -> Floats:
    """Give the agreement beyond chance where chance is a random answer to a hard item.

    K. L. Gwet, Computing inter-rater reliability and its variance in the presence
    of high agreement, British Journal of Mathematical and Statistical Psychology
    61, 29, 2008 (AC1); Handbook of Inter-Rater Reliability, 4th ed. 2014
    (AC2, missing ratings): p_e = T_w Σ π(1 - π) / (q (q - 1)), T_w the sum of the
    similarities, which is q for AC1.

    Parameters
    ----------
    patterns
        The patterns of answers.
    weights
        One row a resample, one column a pattern: how many items have it.
    similarity
        Partial credit of each two categories: gives AC2.

    Returns
    -------
    numpy.ndarray
        One value a resample; NaN with one category.

    Examples
    --------
    >>> found = Patterns(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([9, 1]), np.arange(2.0))
    >>> gwet_ac(found, found.weights).round(4).tolist()
    [0.8895]

    """
    n_categories = patterns.counts.shape[1]
    if n_categories < 2:
        return np.full(len(weights), np.nan)
    whole = n_categories if similarity is None else float(similarity.sum())
    shares = category_shares(patterns, weights)
    expected = (shares * (1 - shares)).sum(axis=1) * whole / (n_categories * (n_categories - 1))
    return chance_corrected(percent_agreement(patterns, weights, similarity), expected)
