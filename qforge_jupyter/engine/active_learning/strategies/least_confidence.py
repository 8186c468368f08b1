"""Least confidence: how far the best class is from certain (Lewis and Gale 1994).

With many classes the rows of least confidence are much alike, as those of highest entropy are, and
a batch of them taught less than a random one: so each is weighed by its distance to all that was
taken before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool
from qforge_jupyter.engine.active_learning.spreading import spread

NEEDS_MODEL = True
REASON = "no class is likely, and the rows are unlike each other"


def worth(pool: Pool, n: int) -> NDArray[np.float64]:
    """Give 1 less the probability of the best class times the distance to all taken before."""
    value = (1.0 - pool.probabilities.max(axis=1)) * pool.weights
    return spread(pool.points, pool.labeled, value, n, device=pool.device)
