"""Parts follow each other in time, with a gap between them; folds chain forward.

Rows of the same moment stay together. A gap is taken from the end of the
earlier part: its rows too near to the next part's first row are left out. Of
k folds, the first validates on the second of k + 1 blocks and trains on the
first one, the next validates on the third and trains on the first two, and so
on; a gap keeps rows too near to the validated block out of the training.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import is_present
from qforge_jupyter.engine.splitters import Codes, Placement, Request, Rows, Units
from qforge_jupyter.errors import CallError, DataError, blaming, nearest

IS_ORDERED = True
_GAP = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)?\s*", re.IGNORECASE)
_SECONDS = {
    "second": 1, "s": 1, "minute": 60, "min": 60, "hour": 3_600, "h": 3_600,
    "day": 86_400, "d": 86_400, "week": 604_800,
}  # fmt: skip
_PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}


def units(rows: Rows) -> Units:
    """Make a unit of each moment.

    Raises
    ------
    DataError
        The column has no order in time, or no value.

    """
    column = rows.frame[rows.plan.time]
    dtype = column.dtype
    if not (dtype.is_numeric() or dtype in (pl.Date, pl.Datetime)) or dtype.is_decimal():
        raise DataError(
            f"{rows.plan.time!r} is {dtype} and has no order in time: "
            "name a column of dates, times or numbers"
        )
    gap = gap_of(rows.plan.gap, dtype)
    values = column.to_physical().alias("time")
    lacks = ~values.to_frame().select(is_present(pl.col("time"), values.dtype)).to_series()
    missing = np.flatnonzero(lacks.to_numpy())
    if column.len() and len(missing) == column.len():
        raise DataError(f"Every row lacks the time in {rows.plan.time!r}: name another column")
    moments, of_row = np.unique(values.filter(~lacks).to_numpy(), return_inverse=True)
    placed = np.full(column.len(), -1, dtype=np.int64)
    placed[~lacks.to_numpy()] = of_row
    left_out = ((missing, "no time"),) if len(missing) else ()
    # Their order places them, no hash does.
    hashes = np.arange(len(moments), dtype=np.uint64)
    return Units(
        placed, hashes, rows.strata, rows.n_strata, left_out, times=moments, gap=gap, noun="moment"
    )


def gap_of(asked: str | float, dtype: pl.DataType) -> float:
    """Give a gap in the unit in which a column counts its time.

    Examples
    --------
    >>> gap_of("7 days", pl.Date()), gap_of("1 hour", pl.Datetime("us")), gap_of(3, pl.Int64())
    (7.0, 3600000000.0, 3.0)

    """
    if asked == "":
        return 0.0
    with blaming("gap"):
        found = _GAP.fullmatch(str(asked))
        if found is None:
            raise CallError("`gap` is a length of time, as in  7 days  or  1.5 hours")
        size, unit = float(found[1]), (found[2] or "").lower()
        if dtype.is_numeric():
            if unit:
                raise CallError("The time is a plain number, so is `gap`: write it without a unit")
            return size
        singular = unit if unit in _SECONDS else unit.removesuffix("s")
        if singular not in _SECONDS:
            raise CallError(f"No unit of time named {unit!r}{nearest(singular, _SECONDS)}")
        seconds = size * _SECONDS[singular]
        if isinstance(dtype, pl.Datetime):
            return seconds * _PER_SECOND[dtype.time_unit]
        return seconds / _SECONDS["day"]


def place(units: Units, request: Request) -> Placement:
    """Cut the order of time where the cumulated rows come nearest to the shares."""
    if units.times is None or not units.n:
        return Placement(np.zeros(units.n, dtype=np.int64))
    weights = np.bincount(units.of_row[units.of_row >= 0], minlength=units.n)
    bins = _cut(weights, request.shares)
    if (request.kept >= 0).any():
        bins = _continued(request.kept)
    gap = units.gap
    starts = _starts(units.times, bins, len(request.shares))
    too_near, usable_from = _near(units.times, bins, starts, gap)
    names = too_near & (gap > 0)
    left_out = ((names, "in the gap before the next part"),) if names.any() else ()
    return Placement(bins, 0, left_out, usable_from)


def _cut(weights: Codes, shares: NDArray[np.float64]) -> Codes:
    """Give each moment its bin; a bin gets none only where there are too few moments."""
    ends = np.concatenate([[0], np.cumsum(weights)]).astype(np.float64)
    wanted = np.cumsum(shares)[:-1] * ends[-1]
    above = np.searchsorted(ends, wanted)
    below = np.maximum(above - 1, 0)
    cuts = np.where(np.abs(ends[above] - wanted) <= np.abs(ends[below] - wanted), above, below)
    n_moments, n_bins = len(weights), len(shares)
    if n_moments >= n_bins:
        for place_ in range(n_bins - 1):
            least = cuts[place_ - 1] + 1 if place_ else 1
            cuts[place_] = min(max(cuts[place_], least), n_moments - (n_bins - 1 - place_))
    return np.searchsorted(cuts, np.arange(n_moments), side="right").astype(np.int64)


def _continued(kept: Codes) -> Codes:
    """Give a new moment the bin of the kept one before it, or of the first kept one."""
    last = np.maximum.accumulate(np.where(kept >= 0, np.arange(len(kept)), -1))
    first = int(np.flatnonzero(kept >= 0)[0])
    return kept[np.where(last >= 0, last, first)]


def _starts(times: NDArray[np.float64], bins: Codes, n_bins: int) -> NDArray[np.float64]:
    """Give the first moment of every bin; infinity for one without."""
    starts = np.full(n_bins, np.inf)
    np.minimum.at(starts, bins, times.astype(np.float64))
    return starts


def _near(
    times: NDArray[np.float64], bins: Codes, starts: NDArray[np.float64], gap: float
) -> tuple[NDArray[np.bool_], Codes]:
    """Say which moments lie in the gap before the next bin, and from which bin on they serve."""
    # From the back: the next bin that holds anything.
    following = np.append(np.minimum.accumulate(starts[::-1])[::-1][1:], np.inf)
    moments = times.astype(np.float64)
    too_near = moments > following[bins] - gap
    usable_from = np.searchsorted(starts, moments + gap, side="left").astype(np.int64)
    return too_near, np.maximum(usable_from, bins + 1)
