"""The built-in model: a linear one and a forest, whose weighed mean is the prediction.

They err differently, so the mean is better than either on most tables, and where they differ the
answer is open (a committee, Seung, Opper and Sompolinsky 1992). How much each counts is decided
by the log loss of what they say out of sample. On a device the linear one is fitted by torch; the
forest is scikit-learn's everywhere.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.batching import uses_torch
from qforge_jupyter.engine.active_learning.logistic import Logistic
from qforge_jupyter.engine.active_learning.matrices import Matrices

Probabilities = NDArray[np.float64]
Codes = NDArray[np.int64]

MEMBERS = ("linear", "forest")
N_TREES = 100
#: Slope of the mean loss at which the linear member is fitted.
TOLERANCE = 1e-6
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

    forest = ExtraTreesClassifier(
        n_estimators=n_trees, min_samples_leaf=2, max_features="sqrt", random_state=seed, n_jobs=1
    )
    return [(_linear(matrices), matrices.linear), (forest, matrices.points)]


def _linear(matrices: Matrices) -> Any:
    """Choose who fits the linear member: both minimise the same, to the same minimum."""
    is_sparse = matrices.texts is not None
    # Texts have more columns than rows and are scaled to length 1: weights may be larger.
    strength = 10.0 if is_sparse else 1.0
    if uses_torch(matrices.device, is_sparse=is_sparse):
        return Logistic(strength, TOLERANCE, matrices.device)
    from sklearn.linear_model import LogisticRegression

    # By Newton's steps, which for the time of a rough fit by L-BFGS go all the way.
    return LogisticRegression(C=strength, solver="newton-cg", tol=TOLERANCE)
