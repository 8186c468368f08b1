"""Alpha of numbers that hardly repeat, from sums and squares of each item."""

from __future__ import annotations

from functools import partial

import numpy as np

from qforge_jupyter.engine.agreement.bootstrap import Resampling, resampled
from qforge_jupyter.engine.agreement.ratings import Floats, Ratings
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.progress import Progress, silent
from qforge_jupyter.results.uncertainty import NotApplicable


def alpha_of_numbers(
    ratings: Ratings,
    resampling: Resampling,
    progress: Progress = silent,
    where: np.ndarray | None = None,
) -> Interval | NotApplicable:
    """Give Krippendorff's alpha of the interval level without counting values.

    Σ(a - b)² over pairs is 2(mΣx² - (Σx)²), within an item of m ratings as among
    all, so that three sums of each item are enough (K. Krippendorff, Computing
    Krippendorff's Alpha-Reliability, 2011).

    Parameters
    ----------
    ratings
        Numbers.
    resampling, progress
        How an interval is wanted, and who is told how far it is.
    where
        Which ratings count; all by default.

    Examples
    --------
    >>> import polars as pl
    >>> from qforge_jupyter.engine.agreement.ratings import read_ratings
    >>> frame = pl.DataFrame({"item": [1, 1, 2, 2], "labeler": [1, 2] * 2, "value": [0, 0, 9, 9]})
    >>> alpha_of_numbers(read_ratings(frame), Resampling(method="none")).value
    1.0

    """
    is_in = np.ones(len(ratings), dtype=bool) if where is None else where
    items, n = ratings.items[is_in], ratings.n_items
    numbers = ratings.scale.points[ratings.categories[is_in]]
    sizes = np.bincount(items, minlength=n)
    sizes_of_pairable = sizes[sizes >= 2].astype(np.float64)
    if not len(sizes_of_pairable):
        return NotApplicable("no item was rated by two labelers", n)
    numbers = numbers - numbers.mean()
    sums = np.bincount(items, numbers, n)[sizes >= 2]
    squares = np.bincount(items, numbers**2, n)[sizes >= 2]
    within = 2 * (sizes_of_pairable * squares - sums**2) / (sizes_of_pairable - 1)
    moments = np.stack([sizes_of_pairable, sums, squares, within], axis=1)
    each_once = np.ones(len(moments), dtype=np.int64)
    return resampled({"alpha": partial(_alpha, moments)}, each_once, resampling, progress)["alpha"]


def _alpha(moments: Floats, weights: Floats) -> Floats:
    n, sums, squares, observed = (weights @ moments).T
    expected = 2 * (n * squares - sums**2)
    ratio = np.divide(
        (n - 1) * observed, expected, out=np.full_like(n, np.nan), where=expected > 1e-300
    )
    return np.asarray(1 - ratio)
