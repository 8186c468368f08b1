"""Two axes on which a person can see where rows lie: the first principal components."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: Other rows that are drawn.
MOST_DRAWN = 1_500


def map_of(points: NDArray[np.float32], chosen: NDArray[np.int64], seed: int) -> pl.DataFrame:
    """Place the chosen rows and a sample of the others: row, x, y, is_chosen.

    Examples
    --------
    >>> points = np.array([[0.0, 0.0], [1.0, 0.1], [9.0, 0.0]], dtype=np.float32)
    >>> map_of(points, np.array([2]), 1)["is_chosen"].to_list()
    [False, False, True]

    """
    is_chosen = np.zeros(len(points), dtype=np.bool_)
    is_chosen[chosen] = True
    drawn = np.random.default_rng(seed).permutation(len(points))[:MOST_DRAWN]
    rows = np.union1d(drawn, chosen)
    held = points[rows].astype(np.float64)
    held = held - held.mean(axis=0)
    _, vectors = np.linalg.eigh(held.T @ held)
    axes = vectors[:, ::-1][:, :2]
    # An axis has no direction of its own: the largest part of it points up.
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])] < 0, -1, 1)
    placed = np.zeros((len(rows), 2))
    placed[:, : axes.shape[1]] = held @ axes
    return pl.DataFrame(
        {"row": rows, "x": placed[:, 0], "y": placed[:, 1], "is_chosen": is_chosen[rows]}
    )
