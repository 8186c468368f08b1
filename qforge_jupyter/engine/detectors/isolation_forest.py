"""Isolation forest: rows that random cuts set apart after few steps.

F. T. Liu, K. M. Ting and Z.-H. Zhou, Isolation Forest, ICDM 2008. The distance
is the paper's anomaly score between 0 and 1: from .6 on the paper speaks of
anomalies, near 1 is certain. With many columns all scores shrink, so that the
cut lies lower where the bulk does: at 3.5 robust deviations above the median
score, if that is less than .6. 100 trees of 256 rows each.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.detectors import Bands, RowDistances, mad
from qforge_jupyter.results.progress import Progress

WORKS_ON: Literal["rows"] = "rows"
THRESHOLD = 0.6
UNIT = "anomaly score (0 to 1)"
BATCH_ROWS = 100_000


def bands(threshold: float) -> Bands:
    """Divide what lies between threshold and 1 into four equal severities."""
    rest = max(1 - threshold, 0.0)
    return threshold + rest / 4, threshold + rest / 2, threshold + 3 * rest / 4


def least_rows(n_columns: int) -> int:
    """Give the fewest rows among which isolation means something."""
    return max(10, n_columns + 1)


def measure(points: NDArray[np.float64], *, seed: int, progress: Progress) -> RowDistances:
    """Score standardised rows without missing values."""
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(n_estimators=100, random_state=seed).fit(points)
    distances = np.empty(len(points))
    for start in range(0, len(points), BATCH_ROWS):
        progress(start, len(points), "isolation forest")
        batch = slice(start, start + BATCH_ROWS)
        distances[batch] = -forest.score_samples(points[batch])
    bulk = mad.of_values(distances)
    cut = bulk.centre + mad.THRESHOLD * bulk.scale
    return RowDistances(distances, min(THRESHOLD, cut))
