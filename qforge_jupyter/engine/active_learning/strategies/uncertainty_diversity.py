"""Uncertainty and diversity: open to the model, unlike what is labeled and unlike each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool
from qforge_jupyter.engine.active_learning.spreading import spread

NEEDS_MODEL = True
REASON = "the prediction is open, and nothing like it is labeled"


def worth(pool: Pool, n: int) -> NDArray[np.float64]:
    """Give margin uncertainty times the distance to all that was taken before."""
    best = np.sort(pool.probabilities, axis=1)[:, -2:]
    open_ = 1.0 - (best[:, 1] - best[:, 0])
    return spread(pool.points, pool.labeled, open_ * pool.weights, n, device=pool.device)
