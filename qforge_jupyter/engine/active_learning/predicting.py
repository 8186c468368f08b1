"""Probabilities of every class for every row, never by a model that has seen the row's label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.committee import Predicted, fit_predict, weigh
from qforge_jupyter.engine.active_learning.labels import Labels
from qforge_jupyter.engine.active_learning.matrices import Matrices
from qforge_jupyter.results.progress import Progress, silent

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Predictions:
    """What the model says of every row.

    Parameters
    ----------
    said
        By member; of a labeled row by the fold that left it out, of another by all labels.
    is_judged
        Rows of which something is said.

    """

    said: Predicted
    is_judged: NDArray[np.bool_]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Rows x classes."""
        return self.said.mean


def predict_out_of_sample(
    matrices: Matrices, labels: Labels, folds: Codes, *, seed: int, progress: Progress = silent
) -> Predictions:
    """Predict each labeled row from the other folds, and each unlabeled one from all labels.

    Parameters
    ----------
    matrices
        All rows.
    labels
        Their classes; -1 where there is none.
    folds
        Fold of each labeled row; -1 for none, then it is learned from and not judged.
    seed
        Of the models.
    progress
        Told after each fold.

    """
    n_rows, n_classes = len(labels.codes), len(labels.classes)
    found = np.zeros((2, n_rows, n_classes))
    is_judged = np.zeros(n_rows, dtype=np.bool_)
    known = labels.known
    tasks = [np.flatnonzero(folds == fold) for fold in np.unique(folds[folds >= 0])]
    tasks.append(labels.unknown)
    for done, rows in enumerate(tasks, start=1):
        if len(rows):
            train = np.setdiff1d(known, rows, assume_unique=True)
            said = fit_predict(matrices, labels.codes, train, rows, n_classes, seed=seed)
            found[:, rows] = said.members
            is_judged[rows] = True
        progress(done, len(tasks), "models fitted")
    tried = np.flatnonzero(is_judged & (labels.codes >= 0))
    said = Predicted(found[:, tried])
    share = weigh(said, labels.codes[tried]) if len(tried) else said.share
    return Predictions(Predicted(found, share), is_judged)
