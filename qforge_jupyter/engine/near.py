"""Nearest neighbours, and from where on a neighbour is nearer than chance brings one.

How a row is judged: its distance to the nearest other row is divided by that
to the tenth. Where rows lie evenly about it, this ratio r does not depend on
how densely they lie; it falls below r with a probability that grows as r to
the power of the local dimension. That power is read off the data set's own
rows, and off the ratio of their *second* neighbours (where it stands twice),
since a copy among these rows spoils the first one; only the median of the
smallest fifth counts, at the lower end of its interval. The law is then
carried on to where one alarm in so many i.i.d. data sets is expected. Rows
nearer than that are near duplicates.
"""

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
#: Rows of the reference that calibrate.
CALIBRATION_ROWS = 5_000
LEAST_CALIBRATION_ROWS = 30
QUERY_ROWS = 4_096
#: Numbers held at once while distances are computed again in double precision.
GATHERED_NUMBERS = 8_000_000
#: Where more rows than this have an identical one, the columns repeat by nature.
MOST_REPEATED = 0.2
#: Share of the rows, those with the smallest ratios, where the law begins, and that tells it.
START, TAIL = 0.35, 0.2


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
class Calibration:
    """From which ratio on a neighbour is nearer than chance brings one.

    Parameters
    ----------
    ratio
        The threshold.
    exponent
        Power of the law, about the number of independent columns.
    n_rows
        Rows of which the law was read.
    share_within
        Share of them with such a near neighbour among themselves.
    share_identical
        Share of them with a neighbour at no distance at all.

    """

    ratio: float
    exponent: float
    n_rows: int
    share_within: float
    share_identical: float


def neighbors(  # noqa: PLR0913 — each is one question of the caller
    reference: Floats,
    queries: Floats,
    n_neighbors: int = N_NEIGHBORS,
    *,
    own: Places | None = None,
    seed: int = 42,
    progress: Progress = silent,
) -> Neighbors:
    """Find the nearest rows of a reference by Euclidean distance.

    Parameters
    ----------
    reference, queries
        Rows of numbers, single precision.
    n_neighbors
        How many are wanted; fewer where the reference is smaller.
    own
        For queries that are rows of the reference: which; never their own neighbour.
    seed
        Of the index's cells, where one is made.
    progress
        Told the queries done.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [3.0]], dtype=np.float32)
    >>> neighbors(line, line, 1, own=np.arange(3)).places.ravel().tolist()
    [1, 0, 1]

    """
    extra = 0 if own is None else 1
    k = min(n_neighbors + extra, len(reference))
    index, is_exact = _index(reference, len(queries), seed)
    kept = k - extra
    distances = np.empty((len(queries), kept))
    places = np.empty((len(queries), kept), dtype=np.int64)
    for start in range(0, len(queries), QUERY_ROWS):
        batch = slice(start, start + QUERY_ROWS)
        points = np.ascontiguousarray(queries[batch], dtype=np.float32)
        found = index.search(points, k)[1].astype(np.int64)
        lengths = _distances(reference, points, found)
        if own is not None:
            lengths[found == own[batch, None]] = np.nan
        order = np.lexsort((found, lengths), axis=1)[:, :kept]
        distances[batch] = np.nan_to_num(np.take_along_axis(lengths, order, 1), nan=np.inf)
        places[batch] = np.take_along_axis(found, order, 1)
        progress(min(start + QUERY_ROWS, len(queries)), len(queries), "nearest rows")
    return Neighbors(distances, places, is_exact)


def calibrate(
    reference: Floats,
    n_queries: int,
    false_alarms: float,
    *,
    seed: int = 42,
    most_rows: int = CALIBRATION_ROWS,
) -> Calibration | None:
    """Say from which ratio on ``n_queries`` i.i.d. rows raise an alarm that seldom.

    Returns
    -------
    Calibration or None
        None where the reference has too few rows or too few distinct ones.

    Examples
    --------
    >>> rows = np.random.default_rng(0).standard_normal((500, 8)).astype(np.float32)
    >>> calibration = calibrate(rows, 100, 0.05)
    >>> 0.1 < calibration.ratio < 0.4
    True

    """
    if len(reference) < max(LEAST_CALIBRATION_ROWS, N_NEIGHBORS + 2):
        return None
    own = np.arange(len(reference), dtype=np.int64)
    if len(own) > most_rows:
        drawn = np.random.default_rng(seed).choice(len(own), most_rows, replace=False)
        own = np.sort(drawn)
    found = neighbors(reference, reference[own], own=own, seed=seed)
    is_repeated = found.distances[:, 0] == 0
    if is_repeated.mean() > MOST_REPEATED:
        return None
    ratios = found.ratios()
    judged = ratios[ratios < 1]
    if len(judged) < LEAST_CALIBRATION_ROWS // 2:
        return None
    border = float(np.quantile(judged, START))
    expected = false_alarms / (max(1, n_queries) * START)
    exponent = _exponent(found.ratios(2))
    ratio = border * min(1.0, expected) ** (1 / exponent)
    return Calibration(
        ratio,
        exponent,
        len(own),
        float((ratios < ratio).mean()),
        float(is_repeated.mean()),
    )


def _exponent(second: NDArray[np.float64]) -> float:
    """Read the power of the law, at the lower end of its interval, off the second neighbours."""
    judged = second[second < 1]
    if not len(judged):
        return 1.0
    border = float(np.quantile(judged, TAIL))
    tail = judged[judged <= border]
    depth = 2 * float(np.median(np.log(border / tail)))
    # Equal ratios, as on a lattice, tell no power: then nothing below the border is like them.
    exponent = math.log(2) / depth if depth > 0 else 50.0
    # The median of exponential values has a relative standard error of 1 / (ln 2 sqrt(n)).
    return exponent / (1 + 2 / (math.log(2) * math.sqrt(len(tail))))


def _index(reference: Floats, n_queries: int, seed: int) -> tuple[Any, bool]:
    """Make what is searched: every row where that is affordable, else cells of rows."""
    import faiss

    points = np.ascontiguousarray(reference, dtype=np.float32)
    n_rows, width = points.shape
    if float(n_rows) * n_queries * width <= EXACT_WORK or n_rows < 10_000:
        flat = faiss.IndexFlatL2(width)
        flat.add(points)
        return flat, True
    n_cells = int(4 * math.sqrt(n_rows))
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(width), width, n_cells)
    index.cp.seed, index.cp.niter = seed, 8
    drawn = np.random.default_rng(seed).choice(n_rows, min(n_rows, 40 * n_cells), replace=False)
    index.train(points[np.sort(drawn)])
    index.add(points)
    index.nprobe = 24
    return index, False


def _distances(reference: Floats, queries: Floats, places: Places) -> NDArray[np.float64]:
    """Compute distances again in double precision: FAISS's own cancel for copies."""
    lengths = np.empty(places.shape)
    step = max(1, GATHERED_NUMBERS // max(1, places.shape[1] * queries.shape[1]))
    for start in range(0, len(queries), step):
        batch = slice(start, start + step)
        at = places[batch]
        difference = reference[np.maximum(at, 0)].astype(np.float64)
        difference -= queries[batch][:, None, :]
        lengths[batch] = np.sqrt(np.einsum("ijk,ijk->ij", difference, difference))
        lengths[batch][at < 0] = np.nan
    return lengths
