"""Temporal distribution: detections are spread over the time that they span.

The span is cut into months, or into thirty units where times are numbers (as in MJD); the score
is the share of those that hold a detection.
"""

from __future__ import annotations

import polars as pl

from qforge_jupyter.engine.sky_dimensions import NotApplicable, Scored, SkyCase

WEIGHT = 0.1
_UNITS = 30.0


def measure(case: SkyCase) -> Scored | NotApplicable:
    """Give the share of the months that are not empty."""
    times = case.column("observed_at")
    if times is None:
        return NotApplicable("no detection has a time")
    months = _months(times.drop_nulls())
    if months is None:
        return NotApplicable("the times are neither dates nor numbers")
    first, last = int(months.min()), int(months.max())  # type: ignore[arg-type]
    n = last - first + 1
    if n < 2:
        return NotApplicable("all detections are of one month")
    empty = n - months.n_unique()
    issues = (f"{empty:,} of {n:,} months hold no detection",) if empty else ()
    return Scored(1 - empty / n, (("months", f"{n:,}"),), issues)


def _months(times: pl.Series) -> pl.Series | None:
    if times.dtype in (pl.Date, pl.Datetime):
        return times.dt.year().cast(pl.Int64) * 12 + times.dt.month()
    if times.dtype.is_numeric():
        finite = times.cast(pl.Float64)
        finite = finite.filter(finite.is_finite() & (finite.abs() < 1e12))
        return (finite / _UNITS).floor().cast(pl.Int64) if len(finite) else None
    return None
