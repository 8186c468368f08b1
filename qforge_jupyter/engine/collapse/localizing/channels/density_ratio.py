"""Rows where the candidate lies denser than the reference, by a cross-fitted classifier.

Boosted trees that tell the sides apart give log p(candidate) / p(reference) at
each row; a row is judged by trees grown on the other folds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import N_FOLDS, Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores, worst_two
from qforge_jupyter.engine.collapse.localizing.choosing import different_columns, strongest
from qforge_jupyter.results.uncertainty import NotApplicable

SAID = "too many rows like this"
#: Rows of each side that the trees are grown on.
TRAINING_ROWS = 8_000
#: Rows of the reference of which a row borrows a column, to see what the column counts for.
LENDERS = 8
#: Columns that are tried at most to find which one to blame.
MOST_ASKED = 40


@dataclass(frozen=True)
class _Ratio:
    models: tuple[tuple[Any, NDArray[np.int64]], ...]
    lenders: NDArray[np.float32]
    column_of_feature: NDArray[np.int64]
    n_columns: int
    #: Columns that may be blamed: those in which the sides differ most, where there are many.
    asked: NDArray[np.int64]

    def score(self, block: Block) -> Scores:
        return self._judge(block.features, block.fold)

    def blame(self, block: Block) -> Blamed:
        whole = self._judge(block.features, block.fold)
        lost = np.zeros((len(block), self.n_columns))
        for column in self.asked:
            own = self.column_of_feature == column
            for lender in self.lenders:
                borrowed = np.where(own, lender, block.features)
                lost[:, column] += whole - self._judge(borrowed, block.fold)
        blamed = worst_two(lost)
        # A second column only where it counts for a fair part of the first.
        rank = -np.sort(-lost, axis=1)
        if self.n_columns > 1:
            blamed[rank[:, 1] < 0.3 * rank[:, 0], 1] = -1
        return blamed

    def _judge(self, features: NDArray[np.float32], fold: NDArray[np.int8]) -> Scores:
        scores = np.zeros(len(features))
        for index, (model, chosen) in enumerate(self.models):
            asked = fold == index
            if asked.any():
                scores[asked] = model.decision_function(features[asked][:, chosen])
        return scores


def prepare(case: RowCase) -> _Ratio | NotApplicable:
    """Grow the trees of every fold."""
    few = case.too_few()
    if few is not None:
        return few
    sides = [side.sample.take(slice(TRAINING_ROWS)) for side in (case.candidate, case.reference)]
    models = []
    for fold in range(N_FOLDS):
        case.progress(fold, N_FOLDS, "density ratio")
        first, second = (side.features[side.fold != fold] for side in sides)
        chosen = strongest(first, second)
        rows = np.vstack([first, second])[:, chosen]
        is_candidate = np.repeat([1, 0], [len(first), len(second)])
        models.append((_trees(len(rows), case.seed).fit(rows, is_candidate), chosen))
    lenders = sides[1].features[:LENDERS]
    asked = different_columns(case, sides[0], sides[1], MOST_ASKED)
    return _Ratio(tuple(models), lenders, case.column_of_feature, len(case.names), asked)


def _trees(n_rows: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=15,
        min_samples_leaf=int(np.clip(n_rows // 40, 5, 20)),
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
