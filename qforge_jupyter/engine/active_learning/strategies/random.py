"""Random: any row as well as any other; what every other strategy has to beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool

NEEDS_MODEL = False
REASON = "drawn at random"


def worth(pool: Pool, n: int) -> NDArray[np.float64]:  # noqa: ARG001 — every strategy takes it
    """Draw a number for each row."""
    return np.random.default_rng(pool.seed).random(pool.n) * pool.weights
