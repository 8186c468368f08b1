"""Entropy: how evenly the prediction is spread over the classes (Shannon; Settles 2009, 3.1).

The rows of highest entropy are much alike where there are many classes and few labels: each
names the same classes that are out of the question (Joshi, Porikli and Papanikolopoulos, CVPR
2009), and a batch of them taught less than a random one. So each is weighed by its distance to
all that was taken before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool, entropy_of
from qforge_jupyter.engine.active_learning.spreading import spread

NEEDS_MODEL = True
REASON = "the prediction is open, and the rows are unlike each other"


def worth(pool: Pool, n: int) -> NDArray[np.float64]:
    """Give the entropy of each prediction times the distance to all that was taken before."""
    value = entropy_of(pool.probabilities) * pool.weights
    return spread(pool.points, pool.labeled, value, n, device=pool.device)
