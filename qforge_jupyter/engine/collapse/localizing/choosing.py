"""The features on which a model rests, where there are too many for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import Floats

#: Features of a model at most.
MOST_FEATURES = 400


def strongest(first: Floats, second: Floats, most: int = MOST_FEATURES) -> NDArray[np.int64]:
    """Give the features in whose mean or spread two samples differ most, in their order.

    The samples must not hold the rows that the model is to judge.

    Examples
    --------
    >>> zeros = np.zeros((3, 3))
    >>> strongest(zeros, zeros + [0.0, 2.0, 1.0], most=2).tolist()
    [1, 2]

    """
    if first.shape[1] <= most:
        return np.arange(first.shape[1])
    mean = np.abs(first.mean(axis=0) - second.mean(axis=0))
    spread = np.abs(first.std(axis=0) - second.std(axis=0))
    scale = np.sqrt(first.var(axis=0) + second.var(axis=0)) + 1e-6
    order = np.argsort(-np.maximum(mean, spread) / scale, kind="stable")
    return np.sort(order[:most])
