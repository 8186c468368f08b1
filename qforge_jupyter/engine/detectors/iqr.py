"""Tukey's fences: beyond 1.5 interquartile ranges from the nearer quartile.

J. W. Tukey, Exploratory Data Analysis, 1977. Quartiles are interpolated
linearly between order statistics (definition 7 of Hyndman & Fan, The American
Statistician 50, 361, 1996), as in NumPy's and SciPy's default.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.detectors import Anchors, multiples
from qforge_jupyter.engine.quantiles import quantiles

WORKS_ON: Literal["columns"] = "columns"
THRESHOLD = 1.5
UNIT = "interquartile range"
bands = multiples


def least_rows(_threshold: float) -> int:
    """Give the fewest values of which quartiles say something."""
    return 5


def of_values(values: NDArray[np.float64]) -> Anchors[float]:
    """Take the quartiles of finite values.

    Examples
    --------
    >>> of_values(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    Anchors(lower=2.0, centre=3.0, upper=4.0, scale=2.0)

    """
    lower, centre, upper = quantiles(values, (0.25, 0.5, 0.75))
    return Anchors(lower, centre, upper, upper - lower)


def of_groups(values: pl.Expr) -> Anchors[pl.Expr]:
    """Say the same of the finite values of each group."""
    lower, upper = values.quantile(0.25, "linear"), values.quantile(0.75, "linear")
    return Anchors(lower, values.median(), upper, upper - lower)
