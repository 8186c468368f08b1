"""Reasons why a row is suspected, one file each.

A channel is a module with a ``SAID`` (what it holds against a row, as a
phrase) and ``prepare(case)``, which gives a `Scorer` or says why it cannot
judge. A row's score may be of any scale, the higher the worse, as long as a row
of the reference is scored as if it were one of the candidate: by models that
have not seen it. What the reference's rows get is the null of the candidate's.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import Block
from qforge_jupyter.registry import Family

CHANNELS = Family("reason channel", __name__)

Scores = NDArray[np.float64]
#: For each row the indices of up to two columns, the first one first; -1 for none.
Blamed = NDArray[np.int64]


class Scorer(Protocol):
    """Judges rows of either side."""

    def score(self, block: Block) -> Scores:
        """Give each row a number, the higher the more suspect."""

    def blame(self, block: Block) -> Blamed:
        """Name the columns that made the score of each row."""


def nobody(block: Block) -> Blamed:
    """Blame no column: it is the whole row."""
    return np.full((len(block), 2), -1, dtype=np.int64)


def worst_two(by_column: NDArray[np.floating]) -> Blamed:
    """Name the two columns with the highest number, one line a row.

    Examples
    --------
    >>> worst_two(np.array([[1.0, 5.0, 3.0]])).tolist()
    [[1, 2]]

    """
    order = np.argsort(-by_column, axis=1, kind="stable")[:, :2].astype(np.int64)
    missing = 2 - order.shape[1]
    return np.pad(order, ((0, 0), (0, missing)), constant_values=-1)
