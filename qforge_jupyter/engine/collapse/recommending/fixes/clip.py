"""Clip: bring numbers that lie far out of the reference's range back to it."""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "clip to the reference's range"
NEEDS = "the extremes of every number; values outside change"
TAKES_ROWS = False
IS_OF_ALL_ROWS = False
#: From fewer values no range can be told.
LEAST_VALUES = 30
#: A fresh sample goes beyond the extreme about as far as the extremes lie apart.
OUTERMOST = 10


def apply(case: FixCase) -> Repair | NotApplicable:
    """Clip to the extremes, widened by the distance between the first and the tenth of them."""
    columns = {}
    for each in case.written:
        held = case.candidate.get_column(each.name)
        if each.kind != "number" or held.dtype.is_temporal():
            continue
        values = each.values(case.reference)
        known = np.sort(values.filter(values.is_finite()).to_numpy())
        if len(known) < LEAST_VALUES:
            continue
        low = known[0] - (known[OUTERMOST - 1] - known[0])
        high = known[-1] + (known[-1] - known[-OUTERMOST])
        own = each.values(case.candidate)
        if ((own < low) | (own > high)).any():
            columns[each.name] = _clipped(held, low, high)
    if not columns:
        return NotApplicable("no number lies outside the reference's range")
    named = ", ".join(list(columns)[:5]) + (", …" if len(columns) > 5 else "")
    return case.rewritten(columns, f"values of {named} are brought back to the reference's range")


def _clipped(held: pl.Series, low: float, high: float) -> pl.Series:
    if held.dtype.is_integer():
        bounds = int(np.ceil(low)), int(np.floor(high))
        return held.cast(pl.Int64, strict=False).clip(*bounds).cast(held.dtype)
    return held.cast(pl.Float64).clip(low, high).cast(held.dtype)
