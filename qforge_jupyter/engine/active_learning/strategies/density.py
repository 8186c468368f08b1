"""Density: uncertain, and like many other rows (information density, Settles and Craven 2008).

Rows in one dense place are alike, so each is weighed by its distance to all that was taken
before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool, entropy_of
from qforge_jupyter.engine.active_learning.spreading import spread

NEEDS_MODEL = True
REASON = "uncertain, and many rows are like it"
#: Rows to which each is compared, drawn where there are more.
MOST_COMPARED = 2_000


def worth(pool: Pool, n: int) -> NDArray[np.float64]:
    """Give entropy times mean cosine similarity (moved above 0) times the distance to others."""
    length = np.sqrt((pool.points.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
    unit = pool.points / np.where(length > 0, length, 1.0)
    drawn = np.random.default_rng(pool.seed).permutation(pool.n)[:MOST_COMPARED]
    similarity = (1.0 + unit @ unit[drawn].mean(axis=0)) / 2.0
    value = entropy_of(pool.probabilities) * similarity * pool.weights
    return spread(pool.points, pool.labeled, value, n, device=pool.device)
