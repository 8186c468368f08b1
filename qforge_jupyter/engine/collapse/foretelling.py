"""How well the other columns foretell the target: where labels are wrong, worse.

A model of the target is cross-fitted over buckets on rows of both sides together, without
looking at the sides; each row's loss is what its own fold's model did not expect. Labels that
were flipped by chance raise the loss of their side, labels cleaner than real ones lower it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.encoding import FEW_VALUES, Encoder

Floats = NDArray[np.float64]
TREES = 60
#: Classes of which fewer rows are there are one class together, and classes at most.
LEAST_ROWS, MOST_CLASSES = 20, 12
#: No class is thought less probable, no residual larger than this.
LEAST_PROBABILITY, MOST_RESIDUAL = 1e-2, 3.0


@dataclass(frozen=True)
class Foretold:
    """Rows with a known target, and the sum of their losses, bucket by bucket, ``[K]``."""

    n: Floats = field(repr=False)
    losses: Floats = field(repr=False)

    def gaps(self, dealt: Floats) -> Floats:
        """Give the candidate's mean loss less the reference's for each dealing, ``[b]``."""
        means = [(own @ self.losses) / np.maximum(own @ self.n, 1) for own in (dealt, 1 - dealt)]
        found: Floats = means[0] - means[1]
        return found


def foretell(  # noqa: PLR0913 — what a cross-fitted model needs
    encoder: Encoder,
    target: str,
    cells: NDArray[np.uint16],
    inputs: NDArray[np.float32],
    buckets: NDArray[np.int64],
    fold: NDArray[np.int64],
    *,
    is_level: NDArray[np.bool_],
    seed: int,
) -> Foretold | None:
    """Sum the losses of a model of the target; None where there is none to foretell.

    Parameters
    ----------
    encoder, target
        The code of the columns, and the one that is foretold.
    cells, inputs
        Rows of both sides as cells, ``[n, d]``, and the same with NaN where nothing is.
    buckets, fold
        The bucket of each row, and the fold of each bucket.
    is_level
        Which columns are levels without an order, ``[d]``.

    """
    at = next((i for i, each in enumerate(encoder.columns) if each.name == target), None)
    if at is None or len(encoder.columns) < 2:
        return None
    column = encoder.columns[at]
    known = np.flatnonzero(cells[:, at] < column.n_cells)
    others = np.arange(len(encoder.columns)) != at
    rows, is_told = inputs[known][:, others], is_level[others]
    is_number = column.is_number and column.n_cells > FEW_VALUES
    values = column.table[cells[known, at], 0] if is_number else _classes(cells[known, at])
    losses = np.zeros(len(known))
    for held in (0, 1):
        judged = fold[buckets[known]] == held
        if min(judged.sum(), (~judged).sum()) < LEAST_ROWS or len(np.unique(values[~judged])) < 2:
            return None
        model = _trees(values[~judged], is_told, is_number=is_number, seed=seed)
        model.fit(rows[~judged], values[~judged])
        losses[judged] = _loss(model, rows[judged], values[judged], is_number=is_number)
    n = np.bincount(buckets[known], minlength=len(fold)).astype(float)
    sums = np.bincount(buckets[known], weights=losses, minlength=len(fold)).astype(float)
    return Foretold(n, sums)


def _classes(cells: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Number the classes, the frequent ones each by itself."""
    names, codes, counts = np.unique(cells, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    rank[counts < LEAST_ROWS] = len(names)
    return np.minimum(rank, MOST_CLASSES - 1)[codes]


def _trees(values: NDArray[Any], is_level: NDArray[np.bool_], *, is_number: bool, seed: int) -> Any:
    from sklearn import ensemble

    shared = {
        "learning_rate": 0.1,
        "max_leaf_nodes": 12,
        "min_samples_leaf": 10,
        "l2_regularization": 1.0,
        "early_stopping": False,
        "categorical_features": is_level if is_level.any() else None,
        "random_state": seed,
    }
    if is_number:
        return ensemble.HistGradientBoostingRegressor(max_iter=TREES, **shared)
    # Every class beyond two grows a tree of its own in each round.
    rounds = max(10, min(TREES, 2 * TREES // len(np.unique(values))))
    return ensemble.HistGradientBoostingClassifier(max_iter=rounds, **shared)


def _loss(
    model: Any, rows: NDArray[np.float32], values: NDArray[Any], *, is_number: bool
) -> Floats:
    if is_number:
        off: Floats = np.minimum(np.abs(values - model.predict(rows)), MOST_RESIDUAL) ** 2
        return off
    at = np.minimum(np.searchsorted(model.classes_, values), len(model.classes_) - 1)
    probability = model.predict_proba(rows)[np.arange(len(rows)), at]
    probability = np.where(model.classes_[at] == values, probability, 0)
    found: Floats = -np.log(np.maximum(probability, LEAST_PROBABILITY))
    return found
