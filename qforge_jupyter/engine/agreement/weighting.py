"""Partial credit of two categories: none, linear, or quadratic in their distance."""

from __future__ import annotations

from typing import Literal

import numpy as np

from qforge_jupyter.engine.agreement.ratings import Floats

Weighting = Literal["unweighted", "linear", "quadratic"]


def similarities(points: Floats, weighting: Weighting) -> Floats:
    """Give 1 for the same category and less the further two lie apart, 0 for the ends.

    J. Cohen, Weighted kappa, Psychological Bulletin 70, 213, 1968; the two forms
    are those of J. L. Fleiss & J. Cohen, Educational and Psychological
    Measurement 33, 613, 1973 (quadratic) and D. V. Cicchetti & T. Allison,
    American Journal of EEG Technology 11, 101, 1971 (linear).

    Parameters
    ----------
    points
        Where the categories lie: their places for ordinal answers, else numbers.
    weighting
        How credit falls with distance.

    Examples
    --------
    >>> similarities(np.array([1.0, 2.0, 3.0]), "linear")[0].tolist()
    [1.0, 0.5, 0.0]

    """
    if weighting == "unweighted" or len(points) < 2:
        return np.eye(len(points))
    away = np.abs(points[:, None] - points[None, :]) / (points.max() - points.min())
    return np.asarray(1 - away if weighting == "linear" else 1 - away**2)
