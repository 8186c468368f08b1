"""How good the model is by how many labels: fitted to growing shares of them, tried on others.

Each set of labels holds the one before it. Whether predictions still change is seen on rows
without a label, where there are enough of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.committee import fit_predict
from qforge_jupyter.engine.active_learning.labels import Labels
from qforge_jupyter.engine.active_learning.matrices import Matrices
from qforge_jupyter.engine.active_learning.stopping import LEAST_ROWS, Stopping, stop_by_stability
from qforge_jupyter.engine.uncertainty.proportions import wilson
from qforge_jupyter.results.interval import Interval

Codes = NDArray[np.int64]

#: Shares of the labels, each set within the next.
SHARES = (0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
#: Rows without a label by which it is seen whether predictions still change.
MOST_WATCHED = 2_000
#: A smaller forest than that which suggests: it is fitted up to thirty times.
N_TREES = 40
#: Labels on which the accuracy rests, at least, where there are so many.
LEAST_TRIED = 200


@dataclass(frozen=True)
class Curve:
    """Accuracy by the number of labels, and whether to stop."""

    n_labels: tuple[int, ...]
    accuracies: tuple[Interval, ...]
    stopping: Stopping


def learn(  # noqa: PLR0913 — each is one question of the caller
    matrices: Matrices,
    labels: Labels,
    folds: Codes,
    *,
    order: NDArray[np.float64] | None = None,
    linear_share: float = 0.5,
    seed: int,
    shares: Sequence[float] = SHARES,
) -> Curve:
    """Fit models to growing sets of labels and try them on labels of other folds.

    Parameters
    ----------
    matrices, labels, folds
        As for `predict_out_of_sample`.
    order
        When each row was labeled; without it the sets are drawn at random.
    linear_share
        What the linear member of the committee counts for.
    seed
        Of the models and the sets.
    shares
        Of the labels outside the fold that is tried.

    """
    watched = labels.unknown if len(labels.unknown) >= LEAST_ROWS else np.flatnonzero(folds == 0)
    watched = np.sort(np.random.default_rng(seed).permutation(watched)[:MOST_WATCHED])
    n_tried = np.zeros(len(shares), dtype=np.int64)
    n_right, n_labels = n_tried.copy(), n_tried.copy()
    predictions: list[Codes] = []
    for fold in _tried(folds):
        tried = np.flatnonzero(folds == fold)
        rest = _in_order(labels.known[folds[labels.known] != fold], order, seed)
        rows = np.concatenate([tried, watched]) if not fold else tried
        for place, share in enumerate(shares):
            train = rest[: max(2, round(share * len(rest)))]
            said = fit_predict(
                matrices, labels.codes, train, rows, len(labels.classes), seed=seed, n_trees=N_TREES
            )
            chosen = replace(said, share=linear_share).mean.argmax(axis=1)
            n_labels[place] += len(train)
            n_tried[place] += len(tried)
            n_right[place] += int((chosen[: len(tried)] == labels.codes[tried]).sum())
            if not fold:
                predictions.append(chosen[len(tried) :])
    n_folds = len(_tried(folds))
    return Curve(
        tuple(round(n / n_folds) for n in n_labels.tolist()),
        tuple(map(wilson, n_right.tolist(), n_tried.tolist())),
        stop_by_stability(predictions),
    )


def _tried(folds: Codes) -> list[int]:
    """Take as many folds as are needed for an accuracy that says something."""
    sizes = np.bincount(folds[folds >= 0])
    enough = np.cumsum(sizes) >= LEAST_TRIED
    return list(range(int(enough.argmax()) + 1 if enough.any() else len(sizes)))


def _in_order(rows: Codes, order: NDArray[np.float64] | None, seed: int) -> Codes:
    rows = rows[np.random.default_rng(seed).permutation(len(rows))]
    return rows if order is None else rows[np.argsort(order[rows], kind="stable")]
