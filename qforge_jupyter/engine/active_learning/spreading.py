"""Greedy k-center: take again and again the row that is furthest from all that are taken.

Sener and Savarese (ICLR 2018); the greedy choice is at most twice as far as the best one
(Gonzalez 1985). Each distance is multiplied by the row's weight, so that with an uncertainty as
the weight the rows are uncertain and unlike each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Points = NDArray[np.float32]


def spread(points: Points, taken: Points, weights: Floats, n: int) -> Floats:
    """Say how far each row was from all that were taken when its turn came, times its weight.

    Parameters
    ----------
    points
        Rows to choose from.
    taken
        Rows that are taken already; the first choice is then the row nearest to the mean.
    weights
        Of the rows to choose from, not below 0.
    n
        How many to choose; the others get what they would have had next.

    Examples
    --------
    >>> points = np.array([[0.0], [0.1], [5.0], [9.0]], dtype=np.float32)
    >>> worth = spread(points, points[:1], np.ones(4), 2)
    >>> np.argsort(-worth)[:2].tolist()
    [3, 2]

    """
    distances = _to_nearest(points, taken)
    found = np.full(len(points), np.nan)
    squares = np.einsum("ij,ij->i", points, points, dtype=np.float64)
    for _ in range(min(n, len(points))):
        worth = np.where(np.isnan(found), distances * weights, -1.0)
        best = int(worth.argmax())
        found[best] = worth[best]
        gap = squares + squares[best] - 2.0 * (points @ points[best]).astype(np.float64)
        distances = np.minimum(distances, np.sqrt(np.maximum(gap, 0.0)))
    return np.where(np.isnan(found), distances * weights, found)


def _to_nearest(points: Points, taken: Points) -> Floats:
    """Measure the distance to the nearest taken row; to the far end of the rows without any."""
    import faiss

    if not len(points):
        return np.zeros(0)
    if not len(taken):
        away = np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1)).astype(np.float64)
        return 2.0 * away.max(initial=1.0) - away  # type: ignore[no-any-return]
    index = faiss.IndexFlatL2(points.shape[1])
    index.add(np.ascontiguousarray(taken))
    squared, _ = index.search(np.ascontiguousarray(points), 1)
    return np.sqrt(np.maximum(squared[:, 0], 0.0)).astype(np.float64)
