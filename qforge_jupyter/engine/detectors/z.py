"""The z-score: beyond 3 sample standard deviations from the mean.

The standard deviation divides by n - 1. No value of n can lie further than
(n - 1)/√n of them from the mean (R. E. Shiffler, The American Statistician 42,
79, 1988), so that below 11 values a threshold of 3 can never be met.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.detectors import Anchors, multiples

WORKS_ON: Literal["columns"] = "columns"
THRESHOLD = 3.0
UNIT = "standard deviation"
bands = multiples


def least_rows(threshold: float) -> int:
    """Give the fewest values among which one can lie beyond the threshold.

    Examples
    --------
    >>> least_rows(3.0)
    11

    """
    # (n - 1)/√n > t  is  √n > (t + √(t² + 4))/2
    root = (threshold + (threshold**2 + 4) ** 0.5) / 2
    return max(5, int(root**2) + 1)


def of_values(values: NDArray[np.float64]) -> Anchors[float]:
    """Take mean and standard deviation of finite values.

    Examples
    --------
    >>> of_values(np.array([1.0, 2.0, 3.0])).scale
    1.0

    """
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(values.mean())
        scale = float(values.std(ddof=1)) if len(values) > 1 else math.nan
    return Anchors(mean, mean, mean, scale)


def of_groups(values: pl.Expr) -> Anchors[pl.Expr]:
    """Say the same of the finite values of each group."""
    return Anchors(values.mean(), values.mean(), values.mean(), values.std())
