"""Rows with a value that is rare or impossible in the reference.

Of each value: the share of the reference whose values are as rare as this one
or rarer. The rarest value of a row is its score. Counts of neighbouring cells
of a number are smoothed; beyond all seen ones, the further the rarer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.encoding import GRID
from qforge_jupyter.engine.collapse.localizing.blocks import N_FOLDS, Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores, worst_two
from qforge_jupyter.results.uncertainty import NotApplicable

SAID = "a value rare in the reference"
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
    tables = []
    for fold in range(N_FOLDS):
        cells = sample.cells[sample.fold != fold]
        tables.append(tuple(
            rarity(
                np.bincount(cells[:, index], minlength=column.n_cells + 1),
                _steps(column.middles) if column.is_number else None,
            )
            for index, column in enumerate(case.encoder.columns)
        ))  # fmt: skip
    return _Rarity(tuple(tables))


def _steps(middles: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the step of an even grid at which each cell of a number stands."""
    return np.rint(middles / GRID).astype(np.int64)


def rarity(
    counts: NDArray[np.int64], steps: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Give for each cell -log of the share of values that are as rare or rarer.

    Parameters
    ----------
    counts
        Values in each cell; the last one is that of nulls.
    steps
        Where the cells of a number stand; None for a category.

    Examples
    --------
    >>> np.exp(-rarity(np.array([8, 2, 0]))).round(2).tolist()
    [1.0, 0.24, 0.05]

    """
    n = counts.sum()
    density = counts.astype(np.float64)
    beyond = np.zeros(len(counts))
    if steps is not None and n > counts[-1]:
        at = steps - steps.min()
        grid = np.zeros(int(at.max()) + len(KERNEL))
        np.add.at(grid, at + len(KERNEL) // 2, density[:-1])
        density[:-1] = np.convolve(grid, KERNEL, mode="same")[at + len(KERNEL) // 2]
        seen = steps[counts[:-1] > 0]
        beyond[:-1] = np.maximum(np.maximum(seen.min() - steps, steps - seen.max()), 0)
    _, inverse = np.unique(density.round(9), return_inverse=True)
    mass = np.bincount(inverse, weights=counts)
    share = (np.cumsum(mass)[inverse] + 0.5) / (n + 0.5) / (1 + beyond)
    rarities: NDArray[np.float64] = -np.log(np.minimum(share, 1.0))
    return rarities
