"""Bootstrap-t intervals: each resample is measured in its own standard error.

P. Hall, The Annals of Statistics 16, 927, 1988; Efron & Tibshirani 1993, §12.5.
Deviations are studentised on the logarithmic scale and correlations on
Fisher's, where their error hardly depends on their value; standard errors are
those of the influence function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from qforge_jupyter.engine.uncertainty.resampling import BLOCK_DRAWS, Floats
from qforge_jupyter.results.progress import Progress

#: Fewer values give resamples without spread; for more, BCa covers as well and costs less.
FEWEST, MOST = 10, 5_000


@dataclass(frozen=True)
class Pivot:
    """A statistic on a scale with a steady error, and the way back.

    ``of`` takes (resamples, n) or (resamples, n, 2), gives value and error.
    """

    of: Callable[[Floats], tuple[Floats, Floats]]
    back: Callable[[Any], Any]


def student_ends(  # noqa: PLR0913 — what every bootstrap is given, and the pivot
    pivot: Pivot,
    values: Floats,
    ends: tuple[float, float],
    n_resamples: int,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[float, float] | None:
    """Give the interval's ends; None where the pivot is undefined for these values."""
    value, error = (float(part[0]) for part in pivot.of(values[np.newaxis]))
    if not (np.isfinite(value) and np.isfinite(error) and error > 0):
        return None
    n, at_once = len(values), max(1, BLOCK_DRAWS // len(values))
    pulls = np.empty(n_resamples)
    for start in range(0, n_resamples, at_once):
        progress(start, n_resamples, "resamples")
        size = min(at_once, n_resamples - start)
        found, errors = pivot.of(values[rng.integers(0, n, (size, n))])
        pulls[start : start + size] = (found - value) / errors
    progress(n_resamples, n_resamples, "resamples")
    pulls = pulls[np.isfinite(pulls)]
    if 2 * len(pulls) < n_resamples:
        return None
    low, high = np.quantile(pulls, ends)
    reached = pivot.back(value - high * error), pivot.back(value - low * error)
    return (float(reached[0]), float(reached[1])) if np.isfinite(reached).all() else None


def _mean(values: Floats) -> tuple[Floats, Floats]:
    n = values.shape[1]
    return values.mean(axis=1), values.std(axis=1, ddof=1) / np.sqrt(n)


def _sum(values: Floats) -> tuple[Floats, Floats]:
    mean, error = _mean(values)
    return mean * values.shape[1], error * values.shape[1]


def _log_deviation(values: Floats) -> tuple[Floats, Floats]:
    n = values.shape[1]
    squares = values - values.mean(axis=1, keepdims=True)
    squares *= squares
    second = squares.mean(axis=1)
    kurtosis = np.einsum("ij,ij->i", squares, squares) / n / second**2
    # Two values only have a kurtosis of 1 and would seem to be known without error.
    return np.log(second * n / (n - 1)) / 2, np.sqrt((kurtosis - 1) / (4 * n))


def _fisher(pairs: Floats) -> tuple[Floats, Floats]:
    centred = pairs - pairs.mean(axis=1, keepdims=True)
    centred /= np.sqrt((centred**2).mean(axis=1, keepdims=True))
    first, second = centred[..., 0], centred[..., 1]
    products = first * second
    r = products.mean(axis=1)
    influence = products - r[:, np.newaxis] * (first**2 + second**2) / 2
    error = np.sqrt((influence**2).mean(axis=1) / pairs.shape[1]) / (1 - r**2)
    return np.arctanh(r), error


PIVOTS: dict[str, Pivot] = {
    "mean": Pivot(_mean, float),
    "sum": Pivot(_sum, float),
    "std": Pivot(_log_deviation, np.exp),
    "var": Pivot(_log_deviation, lambda log: np.exp(2 * log)),
    "correlation": Pivot(_fisher, np.tanh),
}
