"""Elliptic envelope: Mahalanobis distance from a robust centre and covariance.

P. J. Rousseeuw and K. Van Driessen, A Fast Algorithm for the Minimum
Covariance Determinant Estimator, Technometrics 41, 212, 1999. For normal data
the squared distance follows chi-squared with as many degrees of freedom as
columns; the distance given here is the standard-normal deviate of equal tail
(Wilson & Hilferty, PNAS 17, 684, 1931), so that one threshold, 3, serves any
number of columns: it flags about .13 % of normal rows.
"""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.detectors import RowDistances, multiples
from qforge_jupyter.errors import DataError
from qforge_jupyter.results.progress import Progress

WORKS_ON: Literal["rows"] = "rows"
THRESHOLD = 3.0
UNIT = "normal deviate of the robust Mahalanobis distance"
SAMPLE_ROWS = 20_000
bands = multiples


def least_rows(n_columns: int) -> int:
    """Give the fewest rows: five a column (Rousseeuw & van Zomeren, JASA 85, 633, 1990)."""
    return max(10, 5 * n_columns)


def measure(points: NDArray[np.float64], *, seed: int, progress: Progress) -> RowDistances:
    """Measure standardised rows without missing values.

    Raises
    ------
    DataError
        Columns depend on each other linearly.

    """
    from sklearn.covariance import EllipticEnvelope

    n_rows, n_columns = points.shape
    if np.linalg.matrix_rank(points - points.mean(axis=0)) < n_columns:
        raise DataError(
            f"The {n_columns} columns depend on each other linearly, wanted independent ones "
            "for an elliptic envelope: leave the derived columns out"
        )
    sample, notes = points, []
    if n_rows > SAMPLE_ROWS:
        chosen = np.random.default_rng(seed).choice(n_rows, SAMPLE_ROWS, replace=False)
        sample = points[np.sort(chosen)]
        notes.append(f"The covariance rests on {SAMPLE_ROWS:,} drawn rows of {n_rows:,}.")
    progress(0, 1, "elliptic envelope")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        model = EllipticEnvelope(random_state=seed).fit(sample)
    if any("not full rank" in str(warning.message) for warning in heard):
        raise DataError(
            "More than half of the rows lie in one plane, wanted rows that spread over all "
            f"{n_columns} columns: use isolation-forest or leave columns out"
        )
    squared = np.maximum(model.mahalanobis(points), 0.0)
    # Wilson-Hilferty: the cube root of chi-squared over its mean is nearly normal.
    spread = 2 / (9 * n_columns)
    deviates = (np.cbrt(squared / n_columns) - (1 - spread)) / np.sqrt(spread)
    return RowDistances(deviates, THRESHOLD, tuple(notes))
