"""Least confidence: how far the best class is from certain (Lewis and Gale 1994)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool

NEEDS_MODEL = True
REASON = "no class is likely"


def worth(pool: Pool, n: int) -> NDArray[np.float64]:  # noqa: ARG001 — every strategy takes it
    """Give 1 less the probability of the best class."""
    return (1.0 - pool.probabilities.max(axis=1)) * pool.weights  # type: ignore[no-any-return]
