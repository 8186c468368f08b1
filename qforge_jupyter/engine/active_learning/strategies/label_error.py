"""Label error: how unlikely the given label is to the model, of rows that have one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool
from qforge_jupyter.results.uncertainty import NotApplicable

NEEDS_MODEL = True
REASON = "the model contradicts the given label"


def worth(pool: Pool, n: int) -> NDArray[np.float64] | NotApplicable:  # noqa: ARG001
    """Give 1 less the probability of the given label; 0 where there is none."""
    if pool.given is None or not (pool.given >= 0).any():
        return NotApplicable("no row to choose from has a label yet: take another strategy")
    own = pool.probabilities[np.arange(pool.n), pool.given]
    return np.where(pool.given >= 0, 1.0 - own, 0.0) * pool.weights
