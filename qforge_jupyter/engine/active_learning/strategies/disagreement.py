"""Disagreement: how the labelers' answers differ, as vote entropy (Dagan and Engelson 1995)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool, entropy_of
from qforge_jupyter.results.uncertainty import NotApplicable

NEEDS_MODEL = False
REASON = "labelers gave different answers"
#: Why it declines.
NOBODY = (
    "no answers of several labelers are known: name their columns with --labelers or a table with "
    "--ratings, let several label the stored dataset, or take committee"
)


def worth(pool: Pool, n: int) -> NDArray[np.float64] | NotApplicable:  # noqa: ARG001
    """Give the entropy of the answers to each row; 0 where nobody answered."""
    if pool.votes is None:
        return NotApplicable(NOBODY)
    votes = np.nan_to_num(pool.votes)
    return entropy_of(votes) * pool.weights
