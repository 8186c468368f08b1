"""Rows with a value that is rare or impossible in the reference.

Of each value: the share of the reference whose values are as rare as this one
or rarer. The rarest value of a row is its score. Counts of neighbouring cells
of a number are smoothed; beyond all seen ones, the further the rarer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import N_FOLDS, Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores, worst_two
from qforge_jupyter.results.uncertainty import NotApplicable

SAID = "a value that is rare in the reference"
KERNEL = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9


@dataclass(frozen=True)
class _Rarity:
    #: One table a fold and column: what a value in each cell counts for.
    tables: tuple[tuple[NDArray[np.float64], ...], ...]

    def score(self, block: Block) -> Scores:
        scores = np.zeros(len(block))
        for column in range(block.cells.shape[1]):
            np.maximum(scores, self._of_column(block, column), out=scores)
        return scores

    def blame(self, block: Block) -> Blamed:
        every = [self._of_column(block, column) for column in range(block.cells.shape[1])]
        blamed = worst_two(np.stack(every, axis=1))
        blamed[:, 1] = -1
        return blamed

    def _of_column(self, block: Block, column: int) -> Scores:
        scores = np.zeros(len(block))
        for fold, tables in enumerate(self.tables):
            asked = block.fold == fold
            table = tables[column]
            scores[asked] = table[np.minimum(block.cells[asked, column], len(table) - 1)]
        return scores


def prepare(case: RowCase) -> _Rarity | NotApplicable:
    """Count the cells of the reference, once without each fold."""
    few = case.too_few()
    if few is not None:
        return few
    sample = case.reference.sample
    highest = np.maximum(sample.cells.max(axis=0), case.candidate.sample.cells.max(axis=0))
    is_number = [column.kind == "number" for column in case.encoding.columns]
    tables = []
    for fold in range(N_FOLDS):
        cells = sample.cells[sample.fold != fold]
        counted = (
            np.bincount(cells[:, column], minlength=int(highest[column]) + 1)
            for column in range(cells.shape[1])
        )
        pairs = zip(counted, is_number, strict=True)
        tables.append(tuple(rarity(counts, is_ordered=ordered) for counts, ordered in pairs))
    return _Rarity(tuple(tables))


def rarity(counts: NDArray[np.int64], *, is_ordered: bool) -> NDArray[np.float64]:
    """Give for each cell -log of the share of values that are as rare or rarer.

    Examples
    --------
    >>> np.exp(-rarity(np.array([8, 2, 0]), is_ordered=False)).round(2).tolist()
    [1.0, 0.24, 0.05]

    """
    n = counts.sum()
    density = counts.astype(np.float64)
    if is_ordered:
        density = np.convolve(density, KERNEL, mode="same") if len(counts) > 4 else density
    values, inverse = np.unique(density.round(9), return_inverse=True)
    mass = np.bincount(inverse, weights=counts, minlength=len(values))
    share = (np.cumsum(mass)[inverse] + 0.5) / (n + 0.5)
    if is_ordered and n:
        seen = np.flatnonzero(counts)
        cells = np.arange(len(counts))
        beyond = np.maximum(seen[0] - cells, cells - seen[-1])
        share = share / (1 + np.maximum(beyond, 0))
    rarities: NDArray[np.float64] = -np.log(np.minimum(share, 1.0))
    return rarities
