"""The robust z-score: beyond 3.5 from the median, in scaled absolute deviations.

B. Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers, 1993: the
modified z-score .6745·(x - median)/MAD with the cut 3.5. MAD is the median of
the absolute deviations from the median; .6745 (here with all digits) makes it
a standard deviation for normal data.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.detectors import Anchors, multiples

WORKS_ON: Literal["columns"] = "columns"
THRESHOLD = 3.5
UNIT = "scaled median absolute deviation"
bands = multiples

#: Upper quartile of the standard normal distribution.
QUARTILE = 0.6744897501960817


def least_rows(_threshold: float) -> int:
    """Give the fewest values of which a median deviation says something."""
    return 5


def of_values(values: NDArray[np.float64]) -> Anchors[float]:
    """Take median and scaled median absolute deviation of finite values.

    Examples
    --------
    >>> round(of_values(np.array([1.0, 2.0, 3.0, 4.0, 50.0])).scale, 4)
    1.4826

    """
    centre = float(np.median(values))
    scale = float(np.median(np.abs(values - centre))) / QUARTILE
    return Anchors(centre, centre, centre, scale)


def of_groups(values: pl.Expr) -> Anchors[pl.Expr]:
    """Say the same of the finite values of each group."""
    centre = values.median()
    return Anchors(centre, centre, centre, (values - centre).abs().median() / QUARTILE)
