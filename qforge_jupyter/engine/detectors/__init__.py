"""Ways to find outliers, one file each; the file's name is the method's name.

A member says ``WORKS_ON``, ``THRESHOLD`` (its default), ``UNIT`` (of a
distance) and `bands`. One that works on ``"columns"`` gives the `Anchors` of
an array and, for groups, of a Polars expression; both must agree. One that
works on ``"rows"`` measures whole rows at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.registry import Family

DETECTORS = Family("outlier method", "qforge_jupyter.engine.detectors")

Number = TypeVar("Number")
Bands = tuple[float, float, float]


@dataclass(frozen=True)
class Anchors(Generic[Number]):
    """Where distances start and what one unit of distance is.

    A value above ``upper`` lies (value - upper) / scale above it, one below
    ``lower`` lies (value - lower) / scale below it; between them it is 0.
    """

    lower: Number
    centre: Number
    upper: Number
    scale: Number


@dataclass(frozen=True)
class RowDistances:
    """How far every row lies out, in the method's unit, and what to know of it.

    ``threshold`` is where the method itself would cut.
    """

    distances: NDArray[np.float64]
    threshold: float
    notes: tuple[str, ...] = ()


def multiples(threshold: float) -> Bands:
    """Start the severities medium, high and critical at 1.5, 2 and 4 thresholds.

    For the interquartile range, high starts at 3 IQR: what Tukey called "far
    out" (Exploratory Data Analysis, 1977).

    Examples
    --------
    >>> multiples(1.5)
    (2.25, 3.0, 6.0)

    """
    return 1.5 * threshold, 2 * threshold, 4 * threshold
