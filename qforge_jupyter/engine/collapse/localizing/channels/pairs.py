"""Rows with two values that the reference hardly ever has together.

Values are put into few classes; of every pair of columns the reference tells
how often two classes meet, against how often they would by chance. The pair
that meets least is the row's score.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import N_FOLDS, Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores
from qforge_jupyter.results.uncertainty import NotApplicable

SAID = "two values that hardly meet"
#: Columns that are paired at most, and classes of each.
MOST_COLUMNS = 60
N_CLASSES = 5
MOST_CLASSES = 12
BATCH_ROWS = 4_096


@dataclass(frozen=True)
class _Pairs:
    edges: tuple[NDArray[np.int64], ...]
    starts: NDArray[np.int64]
    #: One square a fold: log of meetings over meetings by chance.
    lifts: tuple[NDArray[np.float32], ...]

    def score(self, block: Block) -> Scores:
        return self._rarest(block)[0]

    def blame(self, block: Block) -> Blamed:
        return self._rarest(block)[1]

    def _rarest(self, block: Block) -> tuple[Scores, Blamed]:
        scores, blamed = np.zeros(len(block)), np.full((len(block), 2), -1, dtype=np.int64)
        for start in range(0, len(block), BATCH_ROWS):
            batch = np.arange(start, min(start + BATCH_ROWS, len(block)))
            at = self.starts[:-1] + classes(block.cells[batch], self.edges)
            for fold, lift in enumerate(self.lifts):
                asked = np.flatnonzero(block.fold[batch] == fold)
                self._of_fold(at[asked], lift, batch[asked], scores, blamed)
        return scores, blamed

    @staticmethod
    def _of_fold(
        at: NDArray[np.int64],
        lift: NDArray[np.float32],
        rows: NDArray[np.int64],
        scores: Scores,
        blamed: Blamed,
    ) -> None:
        for column in range(at.shape[1]):
            met = -lift[at[:, [column]], at]
            worst = met.argmax(axis=1)
            found = met[np.arange(len(rows)), worst]
            better = found > scores[rows]
            scores[rows[better]] = found[better]
            blamed[rows[better], 0], blamed[rows[better], 1] = column, worst[better]


def prepare(case: RowCase) -> _Pairs | NotApplicable:
    """Count which classes meet in the reference, once without each fold."""
    few = case.too_few()
    if few is not None:
        return few
    if len(case.names) < 2:
        return NotApplicable("there is one column only")
    sample = case.reference.sample
    edges = tuple(
        class_edges(sample.cells[:, index], column.n_cells)
        for index, column in enumerate(case.encoder.columns[:MOST_COLUMNS])
    )
    starts = np.concatenate([[0], np.cumsum([len(each) + 1 for each in edges])])
    at = starts[:-1] + classes(sample.cells, edges)
    lifts = tuple(_lift(at[sample.fold != fold], starts) for fold in range(N_FOLDS))
    return _Pairs(edges, starts, lifts)


def class_edges(cells: NDArray[np.uint16], null: int) -> NDArray[np.int64]:
    """Choose where classes of a column's cells end: every cell, or fifths of the rows and nulls.

    Examples
    --------
    >>> class_edges(np.array([3, 3, 5, 9], dtype=np.uint16), 9).tolist()
    [4, 6]

    """
    known = np.unique(cells).astype(np.int64)
    if len(known) <= MOST_CLASSES:
        return known[:-1] + 1
    shares = np.arange(1, N_CLASSES) / N_CLASSES
    edges = np.quantile(cells, shares, method="higher").astype(np.int64)
    return np.unique(np.append(edges, null) if known[-1] == null else edges)


def classes(cells: NDArray[np.uint16], edges: tuple[NDArray[np.int64], ...]) -> NDArray[np.int64]:
    """Put the cells of each column into its classes."""
    each = [np.searchsorted(edge, cells[:, column], "right") for column, edge in enumerate(edges)]
    return np.stack(each, axis=1).astype(np.int64)


def _lift(at: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    n_rows, width = len(at), int(starts[-1])
    hot = np.zeros((n_rows, width), dtype=np.float32)
    hot[np.arange(n_rows)[:, None], at] = 1
    alone = hot.sum(axis=0) + 0.5
    lift = np.log((hot.T @ hot + 1) / (np.outer(alone, alone) / max(n_rows, 1) + 1))
    for low, high in pairwise(starts.tolist()):
        lift[low:high, low:high] = 0
    return lift.astype(np.float32)
