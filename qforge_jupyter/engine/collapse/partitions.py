"""Random partitions of the rows into leaves, the same for both sides.

Each partition asks four columns one question each, drawn without looking at the sides: is
the cell at most a random quantile, is the level in a random half. Sixteen leaves follow. What
the share of a leaf, or the mean of a feature within it, differs by between the sides shows
damage to how two, three or four columns hang together, and where it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.encoding import Encoder

#: Partitions, and those in whose leaves features are summed too.
PARTITIONS = 48
DEEP = 8
QUESTIONS = 4


@dataclass(frozen=True)
class Question:
    """Which cells of a column answer yes."""

    column: int
    yes: NDArray[np.bool_] = field(repr=False)


@dataclass(frozen=True)
class Partitions:
    """Random partitions; leaf ``Σ answer_j 2^j``."""

    questions: tuple[tuple[Question, ...], ...]
    n_deep: int = DEEP

    @property
    def n_leaves(self) -> int:
        """Leaves of each partition."""
        return int(2**QUESTIONS)

    @classmethod
    def draw(cls, encoder: Encoder, shares: NDArray[np.float64], seed: int) -> Partitions:
        """Draw questions; ``shares`` says how many pooled rows are in each cell, ``[C]``."""
        chance = np.random.default_rng([seed, 0x9A27])
        d = len(encoder.columns)
        drawn = []
        for _ in range(PARTITIONS):
            columns = chance.choice(d, size=QUESTIONS, replace=d < QUESTIONS)
            drawn.append(tuple(_question(encoder, shares, int(c), chance) for c in columns))
        return cls(tuple(drawn))

    def leaves(self, cells: NDArray[np.uint16]) -> NDArray[np.int64]:
        """Give the leaf of each row in each partition, ``[n, T]``."""
        found = np.zeros((len(cells), len(self.questions)), dtype=np.int64)
        for tree, questions in enumerate(self.questions):
            for level, question in enumerate(questions):
                found[:, tree] += question.yes[cells[:, question.column]].astype(np.int64) << level
        return found


def _question(
    encoder: Encoder, shares: NDArray[np.float64], column: int, chance: np.random.Generator
) -> Question:
    compared = encoder.columns[column]
    start, end = encoder.offsets[column : column + 2]
    own = shares[start:end]
    yes = np.zeros(end - start, dtype=bool)
    order = np.arange(compared.n_cells)
    if not compared.is_number:
        order = chance.permutation(order)
    below = np.cumsum(own[order]) / max(own.sum(), 1e-12)
    cut = chance.uniform(0.2, 0.8)
    yes[order[: 1 + int(np.searchsorted(below, cut))]] = True
    if yes[: compared.n_cells].all() and compared.n_cells > 1:
        yes[order[-1]] = False
    return Question(column, yes)
