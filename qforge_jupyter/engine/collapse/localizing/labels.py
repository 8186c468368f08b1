"""The target of a comparison, apart from the features that foretell it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.choosing import MOST_FEATURES
from qforge_jupyter.results.uncertainty import NotApplicable

#: Rows of a side from which features are chosen, where there are too many.
TOLD_ROWS = 4_000


@dataclass(frozen=True)
class Labels:
    """Where the target stands in what rows are encoded as.

    Parameters
    ----------
    column
        Its index among the columns.
    is_classes
        Whether it is a category; else it is a number.
    own, others
        Its features, and those of the other columns.

    """

    column: int
    is_classes: bool
    own: NDArray[np.int64]
    others: NDArray[np.int64]

    def features(self, block: Block) -> NDArray[np.float32]:
        """Give what the target is foretold from."""
        return block.features[:, self.others]

    def values(self, block: Block) -> NDArray[np.float64]:
        """Give the target: the cell of the class, or the normal score of the number."""
        if self.is_classes:
            return block.cells[:, self.column].astype(np.float64)
        return block.features[:, self.own[0]].astype(np.float64)


def labels_of(case: RowCase) -> Labels | NotApplicable:
    """Find the target, or say why labels cannot be judged."""
    few = case.too_few()
    if few is not None:
        return few
    column = case.target_index()
    if isinstance(column, NotApplicable):
        return column
    is_own = case.column_of_feature == column
    own, others = np.flatnonzero(is_own), np.flatnonzero(~is_own)
    if not len(others):
        return NotApplicable("there is no other column to foretell the target from")
    is_classes = case.encoder.columns[column].kind != "number"
    labels = Labels(column, is_classes, own, others)
    return (
        labels if len(others) <= MOST_FEATURES else replace(labels, others=_telling(case, labels))
    )


def _telling(case: RowCase, labels: Labels) -> NDArray[np.int64]:
    """Choose the features that vary most with the target, on both sides together."""
    blocks = [side.sample.take(slice(TOLD_ROWS)) for side in (case.candidate, case.reference)]
    rows = np.vstack([labels.features(block) for block in blocks])
    given = np.vstack([block.features[:, labels.own] for block in blocks])
    rows, given = rows - rows.mean(axis=0), given - given.mean(axis=0)
    shared = np.abs(rows.T @ given) / (np.linalg.norm(rows, axis=0)[:, None] + 1e-6)
    order = np.argsort(-shared.max(axis=1), kind="stable")[:MOST_FEATURES]
    return np.sort(labels.others[order])
