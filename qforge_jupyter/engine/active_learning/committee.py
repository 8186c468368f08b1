"""The built-in model: a linear one and a forest, whose weighed mean is the prediction.

They err differently, so the mean is better than either on most tables, and where they differ the
answer is open (a committee, Seung, Opper and Sompolinsky 1992). How much each counts is decided
by the log loss of what they say out of sample.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.matrices import Matrices

Probabilities = NDArray[np.float64]
Codes = NDArray[np.int64]

MEMBERS = ("linear", "forest")
N_TREES = 100
#: No class is held for impossible: the loss of a label stays finite.
LEAST = 1e-6
#: What the linear member may count for.
SHARES = (0.5, 0.25, 0.75, 0.0, 1.0)


@dataclass(frozen=True)
class Predicted:
    """What each member says of each row: members x rows x classes.

    ``share`` is what the linear member counts for in the mean.
    """

    members: Probabilities
    share: float = 0.5

    @property
    def mean(self) -> Probabilities:
        """The prediction: the weighed mean of the members, every class above 0."""
        held = self.share * self.members[0] + (1 - self.share) * self.members[1]
        held = np.clip(held, LEAST, None)
        found: Probabilities = held / held.sum(axis=1, keepdims=True)
        return found


def fit_predict(  # noqa: PLR0913 — data, what to learn from, what to say
    matrices: Matrices,
    codes: Codes,
    train: Codes,
    rows: Codes,
    n_classes: int,
    *,
    seed: int,
    n_trees: int = N_TREES,
) -> Predicted:
    """Fit every member to some rows and predict others.

    Parameters
    ----------
    matrices
        All rows.
    codes
        Class of each row.
    train, rows
        Places of the rows to learn from, and of those to predict.
    n_classes
        Classes there are; one that is not learned from gets probability 0.
    seed, n_trees
        Of the forest.

    """
    y = codes[train]
    found = np.zeros((len(MEMBERS), len(rows), n_classes))
    known = np.unique(y)
    if len(known) == 1:
        found[:, :, known[0]] = 1.0
        return Predicted(found)
    if not len(rows):
        return Predicted(found)
    for place, (model, matrix) in enumerate(_members(matrices, seed, n_trees)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that stops early is good enough here
            model.fit(matrix[train], y)
            found[place][:, model.classes_] = model.predict_proba(matrix[rows])
    return Predicted(found)


def weigh(said: Predicted, codes: Codes) -> float:
    """Choose what the linear member counts for: the least log loss of the true classes.

    Examples
    --------
    >>> sure, wrong = np.array([[0.9, 0.1]]), np.array([[0.1, 0.9]])
    >>> weigh(Predicted(np.stack([sure, wrong])), np.array([0]))
    1.0

    """
    rows = np.arange(len(codes))
    losses = [-np.log(Predicted(said.members, share).mean[rows, codes]).mean() for share in SHARES]
    return SHARES[int(np.argmin(losses))]


def _members(matrices: Matrices, seed: int, n_trees: int) -> list[tuple[Any, Any]]:
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression

    # Texts have more columns than rows and are scaled to length 1: weights may be larger.
    strength = 1.0 if matrices.texts is None else 10.0
    linear = LogisticRegression(C=strength, max_iter=100, tol=1e-3)
    forest = ExtraTreesClassifier(
        n_estimators=n_trees, min_samples_leaf=2, max_features="sqrt", random_state=seed, n_jobs=1
    )
    return [(linear, matrices.linear), (forest, matrices.points)]
