"""The confidence interval of a mean score, fast at any size."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.bca import acceleration, bca_ends, confidence_ends
from qforge_jupyter.engine.intervals import bootstrap, check_choice
from qforge_jupyter.engine.numbers import as_numbers
from qforge_jupyter.engine.proportions import wilson
from qforge_jupyter.engine.resampling import REPEATS, Floats, draw_sums_of_counts, generator
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.uncertainty import NotApplicable

N_RESAMPLES = 1000
#: Up to so many values a continuous mean is bootstrapped; above, Student's t is as good.
BOOTSTRAPPED_VALUES = 20_000
#: Fewer distinct values than this among the first are counted instead of drawn.
DISTINCT_SCORES = 2_000


def mean_interval(
    scores: Any, confidence: float = 0.95, seed: int = 42
) -> Interval | NotApplicable:
    """Give the confidence interval of the mean of per-row scores, fast at any size.

    Scores that are all 0 or 1 are a proportion: Wilson. Few distinct values:
    BCa with 1,000 exact multinomial resamples of their counts. Up to 20,000
    other values: BCa. More: Student's t, which the central limit theorem
    makes as good there.

    Parameters
    ----------
    scores
        One number a row; null, NaN and infinities are left out.
    confidence
        Nominal coverage.
    seed
        Of the resamples.

    Examples
    --------
    >>> print(mean_interval([1.0, 0.5, 1.0, 1.0, 0.75, 1.0]))
    0.875 [0.667, 1.000]

    """
    check_choice(confidence, N_RESAMPLES, seed)
    numbers = as_numbers(scores)
    usable = numbers[np.isfinite(numbers)]
    if len(usable) == 0:
        return NotApplicable("no usable value", 0)
    if len(np.unique(usable[:10_000])) <= DISTINCT_SCORES:
        counted = pl.Series("score", usable).value_counts().sort("score")
        distinct = counted["score"].to_numpy()
        counts = counted["count"].cast(pl.Int64).to_numpy()
        if set(distinct.tolist()) <= {0.0, 1.0}:
            return wilson(int(usable.sum()), len(usable), confidence)
        if len(distinct) > 1 and len(distinct) * REPEATS <= len(usable):
            return _mean_of_counts(distinct, counts, confidence, seed)
    if len(usable) <= BOOTSTRAPPED_VALUES:
        return bootstrap(usable, confidence=confidence, seed=seed)
    return _student(usable, confidence)


def _mean_of_counts(
    distinct: Floats, counts: NDArray[np.int64], confidence: float, seed: int
) -> Interval:
    n = int(counts.sum())
    centre = float(np.average(distinct, weights=counts))
    sums, _ = draw_sums_of_counts(distinct - centre, counts, N_RESAMPLES, generator(seed))
    replicates, left_out = centre + sums / n, centre - (distinct - centre) / (n - 1)
    ends = confidence_ends(confidence)
    shifted = bca_ends(centre, replicates, acceleration(left_out, counts), ends)
    low, high = np.quantile(replicates, shifted or ends).tolist()
    method = "bca" if shifted else "percentile, BCa undefined"
    return Interval(centre, low, high, confidence, method, n)


def _student(values: Floats, confidence: float) -> Interval:
    from scipy.special import stdtrit

    n, mean = len(values), float(values.mean())
    error = float(values.std(ddof=1)) / n**0.5
    reach = float(stdtrit(n - 1, (1 + confidence) / 2)) * error
    return Interval(mean, mean - reach, mean + reach, confidence, "student", n)
