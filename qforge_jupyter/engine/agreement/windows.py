"""Agreement over time."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.agreement.bootstrap import Resampling, resampled
from qforge_jupyter.engine.agreement.krippendorff import krippendorff_alpha
from qforge_jupyter.engine.agreement.moments import alpha_of_numbers
from qforge_jupyter.engine.agreement.patterns import countable
from qforge_jupyter.engine.agreement.percent import percent_agreement
from qforge_jupyter.engine.agreement.ratings import Ratings
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.interval import Interval

WINDOWS_AT_MOST = 200

SCHEMA = {
    "window": pl.Int64,
    "start": pl.String,
    "end": pl.String,
    "n_items": pl.Int64,
    "percent": pl.Float64,
    "alpha": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "reason": pl.String,
}


def check_windows(n_windows: int) -> None:
    """Refuse a number of windows that makes no line.

    Raises
    ------
    CallError
        It is out of range.

    """
    if not 1 <= n_windows <= WINDOWS_AT_MOST:
        raise CallError(f"There are {n_windows} windows, wanted 1 to {WINDOWS_AT_MOST}")


def over_time(ratings: Ratings, n_windows: int, resampling: Resampling) -> pl.DataFrame:
    """Give agreement in windows of equally many items.

    An item belongs to the time of its last rating, when it was complete; items
    of one time are never parted, so windows differ where times repeat.

    Parameters
    ----------
    ratings
        Of one question, with times.
    n_windows
        How many; fewer where there are fewer times.
    resampling
        How intervals are wanted.

    Returns
    -------
    polars.DataFrame
        window, start, end, n_items that can be compared, percent agreement,
        Krippendorff's alpha with its ends, and why there is none.

    """
    if ratings.times is None or ratings.time_names is None or not len(ratings):
        return pl.DataFrame(schema=SCHEMA)
    last = np.zeros(ratings.n_items, dtype=np.int64)
    np.maximum.at(last, ratings.items, ratings.times)
    known = np.sort(last[last > 0])
    window = np.searchsorted(known, last) * n_windows // max(1, len(known))
    window[last == 0] = -1
    names = ratings.time_names.cast(pl.String).to_list()
    lines: list[tuple[object, ...]] = []
    for number in np.unique(window[window >= 0]).tolist():
        times = last[window == number]
        ends = (names[times.min() - 1], names[times.max() - 1])
        lines.append((len(lines) + 1, *ends, *_one(ratings, window == number, resampling)))
    return pl.DataFrame(lines, schema=SCHEMA, orient="row")


def _one(ratings: Ratings, is_in: NDArray[np.bool_], resampling: Resampling) -> tuple[object, ...]:
    where = is_in[ratings.items]
    n_pairable = int((np.bincount(ratings.items[where]) >= 2).sum())
    if not n_pairable:
        return 0, None, None, None, None, "no item was rated by two labelers"
    patterns = countable(ratings, where)
    if patterns is None:
        percent, found = None, alpha_of_numbers(ratings, resampling, where=where)
    else:
        percent = float(percent_agreement(patterns, patterns.weights)[0])
        alpha = partial(krippendorff_alpha, patterns, level=ratings.scale.level)
        found = resampled({"alpha": alpha}, patterns.n_items, resampling)["alpha"]
    if not isinstance(found, Interval):
        return n_pairable, percent, None, None, None, found.reason
    low, high = (end if np.isfinite(end) else None for end in (found.low, found.high))
    return n_pairable, percent, found.value, low, high, ""
