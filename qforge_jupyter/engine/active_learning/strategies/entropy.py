"""Entropy: how evenly the prediction is spread over the classes (Shannon; Settles 2009, 3.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool, entropy_of

NEEDS_MODEL = True
REASON = "the prediction is open"


def worth(pool: Pool, n: int) -> NDArray[np.float64]:  # noqa: ARG001 — every strategy takes it
    """Give the entropy of each prediction, 1 where all classes are alike."""
    return entropy_of(pool.probabilities) * pool.weights
