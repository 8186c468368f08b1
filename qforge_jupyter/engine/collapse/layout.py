"""How the cells of all columns lie side by side in one row of counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qforge_jupyter.engine.collapse.encoding import Encoder

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """Where each column's cells begin, and what each cell means.

    Parameters
    ----------
    starts
        First cell of each column, ``[d]``; the last one is the cell of nulls.
    column
        The column of each cell, ``[C]``.
    is_null
        Which cells hold nulls, ``[C]``.
    scores
        Normal score of each cell of a number, 0 elsewhere, ``[C]``.
    is_number
        Which columns are numbers, ``[d]``.

    """

    starts: NDArray[np.int64] = field(repr=False)
    column: NDArray[np.int64] = field(repr=False)
    is_null: NDArray[np.bool_] = field(repr=False)
    scores: Floats = field(repr=False)
    is_number: NDArray[np.bool_] = field(repr=False)

    @classmethod
    def of(cls, encoder: Encoder) -> Layout:
        """Lay out the cells of an encoder's columns."""
        sizes = np.array([each.n_cells + 1 for each in encoder.columns])
        ends = np.cumsum(sizes)
        is_null = np.zeros(ends[-1], dtype=bool)
        is_null[ends - 1] = True
        scores = [
            each.table[:, 0] if each.is_number else np.zeros(each.n_cells + 1)
            for each in encoder.columns
        ]
        return cls(
            ends - sizes,
            np.repeat(np.arange(len(sizes)), sizes),
            is_null,
            np.where(is_null, 0.0, np.concatenate(scores).astype(float)),
            np.array([each.is_number for each in encoder.columns]),
        )

    def sums(self, values: Floats) -> Floats:
        """Add up each column's cells, ``[b, C] -> [b, d]``."""
        found: Floats = np.add.reduceat(values, self.starts, axis=-1)
        return found

    def maxima(self, values: Floats) -> Floats:
        """Find the largest of each column's cells, ``[b, C] -> [b, d]``."""
        found: Floats = np.maximum.reduceat(values, self.starts, axis=-1)
        return found

    def running(self, values: Floats) -> Floats:
        """Add up each column's cells from its first on, ``[b, C] -> [b, C]``."""
        total = np.cumsum(values, axis=-1)
        before = np.take(total, self.starts, axis=-1) - np.take(values, self.starts, axis=-1)
        found: Floats = total - np.take(before, self.column, axis=-1)
        return found

    def spread(self, by_column: Floats) -> Floats:
        """Give each cell its column's value, ``[b, d] -> [b, C]``."""
        found: Floats = np.take(by_column, self.column, axis=-1)
        return found
