"""Rows whose target a model of the reference does not expect.

The model is grown on the reference without the row's fold; the score is its
loss: -log of the probability of the class, or the absolute residual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import N_FOLDS, Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores
from qforge_jupyter.engine.collapse.localizing.labels import Labels, labels_of
from qforge_jupyter.results.uncertainty import NotApplicable

SAID = "a target the rest contradicts"
TRAINING_ROWS = 8_000
N_TREES = 60
#: No class is thought less probable than this.
LEAST_PROBABILITY = 1e-3


@dataclass(frozen=True)
class _Loss:
    labels: Labels
    models: tuple[Any, ...]

    def score(self, block: Block) -> Scores:
        rows, given = self.labels.features(block), self.labels.values(block)
        scores = np.zeros(len(block))
        for fold, model in enumerate(self.models):
            asked = block.fold == fold
            if asked.any():
                scores[asked] = self._loss(model, rows[asked], given[asked])
        return scores

    def blame(self, block: Block) -> Blamed:
        blamed = np.full((len(block), 2), -1, dtype=np.int64)
        blamed[:, 0] = self.labels.column
        return blamed

    def _loss(self, model: Any, rows: NDArray[np.float32], given: NDArray[np.float64]) -> Scores:
        if not self.labels.is_classes:
            residual: Scores = np.abs(given - model.predict(rows))
            return residual
        at = np.minimum(np.searchsorted(model.classes_, given), len(model.classes_) - 1)
        probability = model.predict_proba(rows)[np.arange(len(rows)), at]
        is_known = model.classes_[at] == given
        known = np.where(is_known, np.maximum(probability, LEAST_PROBABILITY), LEAST_PROBABILITY)
        loss: Scores = -np.log(known)
        return loss


def prepare(case: RowCase) -> _Loss | NotApplicable:
    """Grow the model of every fold."""
    labels = labels_of(case)
    if isinstance(labels, NotApplicable):
        return labels
    sample = case.reference.sample.take(slice(TRAINING_ROWS))
    rows, given = labels.features(sample), labels.values(sample)
    models = []
    for fold in range(N_FOLDS):
        case.progress(fold, N_FOLDS, "label loss")
        used = sample.fold != fold
        if labels.is_classes and len(np.unique(given[used])) < 2:
            return NotApplicable("the reference has one class of the target only")
        model = _trees(labels, given[used], case.seed)
        models.append(model.fit(rows[used], given[used]))
    return _Loss(labels, tuple(models))


def _trees(labels: Labels, given: NDArray[np.float64], seed: int) -> Any:
    from sklearn import ensemble

    shared = {
        "max_leaf_nodes": 15,
        "min_samples_leaf": int(np.clip(len(given) // 40, 5, 20)),
        "l2_regularization": 1.0,
        "early_stopping": False,
        "random_state": seed,
    }
    if not labels.is_classes:
        return ensemble.HistGradientBoostingRegressor(max_iter=N_TREES, **shared)
    # Every class beyond two grows a tree of its own in each round.
    n_classes = len(np.unique(given))
    rounds = N_TREES if n_classes == 2 else max(10, 2 * N_TREES // n_classes)
    return ensemble.HistGradientBoostingClassifier(max_iter=rounds, **shared)
