"""Cohen's kappa of two labelers, also weighted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from qforge_jupyter.engine.agreement.ratings import Floats, Ints
from qforge_jupyter.engine.agreement.weighting import Weighting, similarities


@dataclass(frozen=True)
class Joint:
    """What two labelers said of the items that both rated, each pair of answers once.

    Parameters
    ----------
    first, second
        The category that each gave.
    n_items
        How many items got this pair of answers.
    points
        Where the categories lie on their scale.

    """

    first: Ints
    second: Ints
    n_items: Ints
    points: Floats = field(repr=False)

    @property
    def weights(self) -> Floats:
        """The items themselves as one line of weights."""
        return self.n_items[None, :].astype(np.float64)


def joint_of(first: Ints, second: Ints, points: Floats) -> Joint:
    """Count the pairs of answers of items that both labelers rated.

    Parameters
    ----------
    first, second
        One category an item.
    points
        Where the categories lie.

    Examples
    --------
    >>> joint_of(np.array([0, 0, 1]), np.array([0, 0, 0]), np.arange(2.0)).n_items.tolist()
    [2, 1]

    """
    cells, n_items = np.unique(first * len(points) + second, return_counts=True)
    return Joint(cells // len(points), cells % len(points), n_items, points)


def cohen_kappa(joint: Joint, weights: Floats, weighting: Weighting = "unweighted") -> Floats:
    """Give the agreement beyond that of two labelers with these shares, who do not look.

    J. Cohen, A coefficient of agreement for nominal scales, Educational and
    Psychological Measurement 20, 37, 1960; weighted: Psychological Bulletin 70,
    213, 1968.

    Parameters
    ----------
    joint
        The pairs of answers.
    weights
        One row a resample, one column a pair of answers: how many items have it.
    weighting
        Credit for answers that lie near each other.

    Returns
    -------
    numpy.ndarray
        One value a resample; NaN where both gave one and the same category only.

    Examples
    --------
    >>> joint = joint_of(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), np.arange(2.0))
    >>> cohen_kappa(joint, joint.weights).tolist()
    [0.5]

    """
    apart = 1 - similarities(joint.points, weighting)
    n_categories = len(joint.points)
    rows = _sums_by(joint.first, weights, n_categories)
    columns = _sums_by(joint.second, weights, n_categories)
    observed = weights @ apart[joint.first, joint.second] * weights.sum(axis=1)
    expected = ((rows @ apart) * columns).sum(axis=1)
    share = np.divide(
        observed, expected, out=np.full_like(observed, np.nan), where=expected > 1e-12
    )
    return np.asarray(1 - share)


def _sums_by(codes: Ints, weights: Floats, n_codes: int) -> Floats:
    order = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[order], return_index=True)
    sums = np.zeros((len(weights), n_codes))
    if len(starts):
        sums[:, present] = np.add.reduceat(weights[:, order], starts, axis=1)
    return sums
