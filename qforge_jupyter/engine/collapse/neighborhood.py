"""Nearest rows of a pooled sample: found once, read under every dealing of the buckets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Rows of each side at most, and neighbors kept of each.
ROWS = 3_000
NEIGHBORS = 24
#: The neighbor whose distance is the reach of a row.
FIFTH = 5


@dataclass(frozen=True)
class Neighborhood:
    """Nearest neighbors of sampled rows.

    Parameters
    ----------
    buckets
        Bucket of each sampled row, candidate's before reference's, ``[n]``.
    nearest
        Places of each row's nearest others, the nearest first, ``[n, k]``.
    log_distances
        Logarithms of their distances, ``[n, k]``.

    """

    buckets: NDArray[np.int64] = field(repr=False)
    nearest: NDArray[np.int64] = field(repr=False)
    log_distances: NDArray[np.float32] = field(repr=False)

    @classmethod
    def find(
        cls, metric: NDArray[np.float32], buckets: NDArray[np.int64], seed: int
    ) -> Neighborhood:
        """Find the neighbors of every row; ties are broken without looking at the sides."""
        import faiss

        chance = np.random.default_rng([seed, 0x4E16])
        # Equal rows lie at distance 0: which of them is nearer has to be chance.
        shaken = metric + chance.normal(scale=1e-4, size=metric.shape).astype(np.float32)
        index = faiss.IndexFlatL2(shaken.shape[1])
        index.add(shaken)
        k = min(NEIGHBORS + 1, len(shaken))
        squares, found = index.search(shaken, k)
        is_self = found == np.arange(len(found))[:, None]
        # A row that is not among its own nearest gives up its farthest.
        is_self[~is_self.any(axis=1), -1] = True
        others = found[~is_self].reshape(len(found), k - 1)
        distances = np.sqrt(np.maximum(squares[~is_self].reshape(len(found), k - 1), 1e-8))
        return cls(buckets, others.astype(np.int64), np.log(distances))

    def sides(self, dealt: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Say which rows, and which of their neighbors, count as candidate."""
        own = dealt[:, self.buckets] > 0
        return own, own[:, self.nearest]
