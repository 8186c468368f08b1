"""The features on which a model rests, where there are too many for it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase

Floats = NDArray[np.floating[Any]]

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
    order = np.argsort(-_difference(first, second), kind="stable")
    return np.sort(order[:most])


def different_columns(case: RowCase, first: Block, second: Block, most: int) -> NDArray[np.int64]:
    """Give the columns with the features in which two samples differ most, in their order."""
    if len(case.names) <= most:
        return np.arange(len(case.names))
    worst = np.zeros(len(case.names))
    np.maximum.at(worst, case.column_of_feature, _difference(first.features, second.features))
    return np.sort(np.argsort(-worst, kind="stable")[:most])


def _difference(first: Floats, second: Floats) -> NDArray[np.float64]:
    mean = np.abs(first.mean(axis=0) - second.mean(axis=0))
    spread = np.abs(first.std(axis=0) - second.std(axis=0))
    scale = np.sqrt(first.var(axis=0) + second.var(axis=0)) + 1e-6
    difference: NDArray[np.float64] = np.maximum(mean, spread) / scale
    return difference
