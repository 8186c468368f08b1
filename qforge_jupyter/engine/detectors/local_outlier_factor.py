"""Local outlier factor: rows that lie less densely than their neighbours.

M. M. Breunig, H.-P. Kriegel, R. T. Ng and J. Sander, LOF, SIGMOD 2000, with 20
neighbours. The distance is the factor: about 1 inside a cluster. The work
grows with the square of the rows, so that above 10,000 rows the neighbours
come from a drawn sample of that size (said in a note); every row is judged.
"""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.detectors import RowDistances, multiples
from qforge_jupyter.results.progress import Progress

WORKS_ON: Literal["rows"] = "rows"
THRESHOLD = 1.5
UNIT = "local outlier factor"
N_NEIGHBORS = 20
SAMPLE_ROWS = 10_000
BATCH_ROWS = 20_000
bands = multiples


def least_rows(_n_columns: int) -> int:
    """Give the fewest rows that have neighbours to compare with."""
    return N_NEIGHBORS + 1


def measure(points: NDArray[np.float64], *, seed: int, progress: Progress) -> RowDistances:
    """Measure standardised rows without missing values."""
    from sklearn.neighbors import LocalOutlierFactor

    n_rows = len(points)
    sample = np.arange(n_rows)
    notes = []
    if n_rows > SAMPLE_ROWS:
        chosen = np.random.default_rng(seed).choice(n_rows, SAMPLE_ROWS, replace=False)
        sample = np.sort(chosen)
        notes.append(f"Neighbours were sought among {SAMPLE_ROWS:,} drawn rows of {n_rows:,}.")
    model = LocalOutlierFactor(n_neighbors=N_NEIGHBORS, novelty=True, algorithm="brute")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        model.fit(points[sample])
    if any("Duplicate" in str(warning.message) for warning in heard):
        notes.append(
            f"Some rows occur more than {N_NEIGHBORS} times: factors beside them are too large."
        )
    distances = np.empty(n_rows)
    distances[sample] = -model.negative_outlier_factor_
    rest = np.setdiff1d(np.arange(n_rows), sample, assume_unique=True)
    for start in range(0, len(rest), BATCH_ROWS):
        progress(start, len(rest), "local outlier factor")
        batch = rest[start : start + BATCH_ROWS]
        distances[batch] = -model.score_samples(points[batch])
    return RowDistances(distances, THRESHOLD, tuple(notes))
