"""Committee: how far the models differ, as Jensen-Shannon divergence (McCallum and Nigam 1998)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool, entropy_of

NEEDS_MODEL = True
REASON = "two models say different things"


def worth(pool: Pool, n: int) -> NDArray[np.float64]:  # noqa: ARG001 — every strategy takes it
    """Give the entropy of the mean less the mean of the entropies."""
    members = pool.members if pool.members is not None else pool.probabilities[None]
    apart = entropy_of(members.mean(axis=0)) - np.mean([entropy_of(m) for m in members], axis=0)
    return np.maximum(apart, 0.0) * pool.weights  # type: ignore[no-any-return]
