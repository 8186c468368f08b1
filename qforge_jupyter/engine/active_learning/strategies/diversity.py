"""Diversity: unlike all that is labeled and unlike each other, by greedy k-center."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool
from qforge_jupyter.engine.active_learning.spreading import spread

NEEDS_MODEL = False
REASON = "unlike all that is labeled"


def worth(pool: Pool, n: int) -> NDArray[np.float64]:
    """Give the distance to all that was taken before."""
    return spread(pool.points, pool.labeled, pool.weights, n, device=pool.device)
