"""Margin: how little the best class leads over the second (Scheffer et al. 2001)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool

NEEDS_MODEL = True
REASON = "two classes are about as likely"


def worth(pool: Pool, n: int) -> NDArray[np.float64]:  # noqa: ARG001 — every strategy takes it
    """Give 1 less the lead of the best class."""
    best = np.sort(pool.probabilities, axis=1)[:, -2:]
    return (1.0 - (best[:, 1] - best[:, 0])) * pool.weights
