"""An index of rows in which the nearest ones are looked up, filled batch by batch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.results.progress import Progress, silent

Floats = NDArray[np.floating]
Places = NDArray[np.int64]

#: The neighbour whose distance is the measure of those before it.
N_NEIGHBORS = 10
#: Multiplications up to which every pair is looked at; above, cells of an index are.
EXACT_WORK = 4e11
QUERY_ROWS = 4_096
#: Numbers held at once while distances are computed again in double precision.
GATHERED_NUMBERS = 8_000_000


@dataclass(frozen=True)
class Neighbors:
    """The nearest rows of each query, the nearest first.

    Parameters
    ----------
    distances
        One line a query.
    places
        Their rows in the reference.
    is_exact
        False where an index of cells was searched.

    """

    distances: NDArray[np.float64]
    places: Places
    is_exact: bool = True

    def ratios(self, nth: int = 1) -> NDArray[np.float64]:
        """Divide the first (or nth) distance above 0 by the last; 1 where there is none."""
        n_rows, last = np.arange(len(self.distances)), self.distances[:, -1]
        at = (self.distances == 0).sum(axis=1) + nth - 1
        chosen = self.distances[n_rows, np.minimum(at, self.distances.shape[1] - 1)]
        usable = np.isfinite(last) & (last > 0)
        return np.where(usable, chosen / np.where(usable, last, 1.0), 1.0)


@dataclass(frozen=True)
class NearIndex:
    """Rows that neighbours are looked up among: every one where that is affordable, else cells.

    Parameters
    ----------
    index
        FAISS's, which holds the rows.
    is_exact
        Whether every row is looked at; else it is trained before rows are added.

    """

    index: Any
    is_exact: bool

    @classmethod
    def of(cls, n_rows: int, width: int, n_queries: int) -> NearIndex:
        """Make an index without rows, for so many of them and so many queries."""
        import faiss

        flat = faiss.IndexFlatL2(width)
        if float(n_rows) * n_queries * width <= EXACT_WORK or n_rows < 10_000:
            return cls(flat, is_exact=True)
        cells = faiss.IndexIVFFlat(flat, width, _n_cells(n_rows))
        cells.nprobe = 24
        return cls(cells, is_exact=False)

    def train(self, rows: Floats, seed: int) -> None:
        """Learn the cells from some rows."""
        self.index.cp.seed, self.index.cp.niter = seed, 8
        self.index.train(np.ascontiguousarray(rows, dtype=np.float32))

    def add(self, rows: Floats) -> None:
        """Add rows after those that are there."""
        self.index.add(np.ascontiguousarray(rows, dtype=np.float32))

    def nearest(
        self,
        queries: Floats,
        n_neighbors: int = N_NEIGHBORS,
        *,
        own: Places | None = None,
        progress: Progress = silent,
    ) -> Neighbors:
        """Find the nearest rows; ``own`` names queries that are rows here, -1 those that are not.

        Examples
        --------
        >>> index = NearIndex.of(3, 1, 1)
        >>> index.add(np.array([[0.0], [1.0], [3.0]], dtype=np.float32))
        >>> index.nearest(np.array([[2.9]], dtype=np.float32), 2).places.tolist()
        [[2, 1]]

        """
        extra = 0 if own is None else 1
        k = min(n_neighbors + extra, self.index.ntotal)
        kept = k - extra
        distances = np.empty((len(queries), kept))
        places = np.empty((len(queries), kept), dtype=np.int64)
        if not self.is_exact:
            self.index.make_direct_map()
        for start in range(0, len(queries), QUERY_ROWS):
            batch = slice(start, start + QUERY_ROWS)
            points = np.ascontiguousarray(queries[batch], dtype=np.float32)
            found = self.index.search(points, k)[1].astype(np.int64)
            lengths = self._distances(points, found)
            if own is not None:
                lengths[found == own[batch, None]] = np.nan
            order = np.lexsort((found, lengths), axis=1)[:, :kept]
            distances[batch] = np.nan_to_num(np.take_along_axis(lengths, order, 1), nan=np.inf)
            places[batch] = np.take_along_axis(found, order, 1)
            progress(min(start + QUERY_ROWS, len(queries)), len(queries), "nearest rows")
        return Neighbors(distances, places, self.is_exact)

    def _distances(self, queries: Floats, places: Places) -> NDArray[np.float64]:
        """Compute distances again in double precision: FAISS's own cancel for copies."""
        n_queries, k = places.shape
        lengths = np.empty(places.shape)
        step = max(1, GATHERED_NUMBERS // max(1, k * queries.shape[1]))
        for start in range(0, n_queries, step):
            at = places[start : start + step]
            held = self.index.reconstruct_batch(np.maximum(at, 0).ravel())
            difference = held.reshape(len(at), k, -1).astype(np.float64)
            difference -= queries[start : start + step, None, :]
            lengths[start : start + step] = np.sqrt(
                np.einsum("ijk,ijk->ij", difference, difference)
            )
            lengths[start : start + step][at < 0] = np.nan
        return lengths


def training_places(n_rows: int, seed: int) -> Places:
    """Draw the rows that the cells of an index are learned from.

    Examples
    --------
    >>> training_places(4, seed=1).tolist()
    [0, 1, 2, 3]

    """
    n_drawn = min(n_rows, 40 * _n_cells(n_rows))
    return np.sort(np.random.default_rng(seed).choice(n_rows, n_drawn, replace=False))


def _n_cells(n_rows: int) -> int:
    return int(4 * math.sqrt(n_rows))
