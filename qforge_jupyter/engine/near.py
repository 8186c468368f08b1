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

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.near_index import (
    N_NEIGHBORS,
    NearIndex,
    Neighbors,
    training_places,
)
from qforge_jupyter.results.progress import Progress, silent

Floats = NDArray[np.floating]
Places = NDArray[np.int64]

#: Rows of the reference that calibrate.
CALIBRATION_ROWS = 5_000
LEAST_CALIBRATION_ROWS = 30
#: Where more rows than this have an identical one, the columns repeat by nature.
MOST_REPEATED = 0.2
#: Share of the rows, those with the smallest ratios, where the law begins, and that tells it.
START, TAIL = 0.35, 0.2


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
    index = NearIndex.of(len(reference), reference.shape[1], len(queries))
    if not index.is_exact:
        index.train(reference[training_places(len(reference), seed)], seed)
    index.add(reference)
    return index.nearest(queries, n_neighbors, own=own, progress=progress)


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
