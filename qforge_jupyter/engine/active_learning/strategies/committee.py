"""Committee: rows for which the models vote for different classes, the closest first.

Query by committee (Seung, Opper and Sompolinsky 1992); with two members the vote entropy has two
values only, so rows alike in it are ordered by the margin of the mean.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool

NEEDS_MODEL = True
REASON = "two models say different things"


def worth(pool: Pool, n: int) -> NDArray[np.float64]:  # noqa: ARG001 — every strategy takes it
    """Give half for different votes, and half for a small margin."""
    members = pool.members if pool.members is not None else pool.probabilities[None]
    votes = members.argmax(axis=2)
    differs = (votes != votes[0]).any(axis=0)
    best = np.sort(pool.probabilities, axis=1)[:, -2:]
    return (differs + 1.0 - (best[:, 1] - best[:, 0])) / 2.0 * pool.weights  # type: ignore[no-any-return]
