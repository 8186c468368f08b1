"""Two versions of a sky dataset, compared by quality, by counts and by what was measured."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from qforge_jupyter.documents.blocks import Overlay
from qforge_jupyter.documents.numbers import show_number
from qforge_jupyter.engine.sky_quality import assess
from qforge_jupyter.results.sky_change import Counts, SkyChange

#: What detections are counted by, and what of them is measured.
COUNTED = ("anomaly_type", "survey", "field")
MEASURED = ("confidence", "background", "noise", "fwhm")
_N_BINS = 20


def compare_sky(name: str, before: pl.DataFrame, after: pl.DataFrame) -> SkyChange:
    """Compare two versions of a dataset of detections.

    Parameters
    ----------
    name
        Of the dataset.
    before, after
        Its detections, as `collect` keeps them.

    """
    counts = {each: _counts(each, before, after) for each in COUNTED}
    drawn = (_overlay(each, before, after) for each in MEASURED)
    return SkyChange(
        assess(before, name=name),
        assess(after, name=name),
        {each: rows for each, rows in counts.items() if rows},
        tuple(each for each in drawn if each is not None),
    )


def _counts(name: str, before: pl.DataFrame, after: pl.DataFrame) -> Counts:
    """Count the values of a column in both; those that changed most come first."""
    if name not in before.columns or name not in after.columns:
        return ()
    both = [
        frame.select(value=pl.col(name).cast(pl.String)).group_by("value").len(side)
        for side, frame in (("before", before), ("after", after))
    ]
    joined = both[0].join(both[1], on="value", how="full", coalesce=True, nulls_equal=True)
    counted = joined.with_columns(pl.col("before", "after").fill_null(0).cast(pl.Int64))
    change = (pl.col("after") - pl.col("before")).abs()
    ordered = counted.sort(change, "after", "value", descending=[True, True, False])
    return tuple(ordered.select("value", "before", "after").iter_rows())


def _overlay(name: str, before: pl.DataFrame, after: pl.DataFrame) -> Overlay | None:
    """Give the shares of both in the same bins; None where nothing was measured."""
    both = [_known(name, frame) for frame in (before, after)]
    if not all(each.size for each in both):
        return None
    every = np.concatenate(both)
    edges = np.histogram_bin_edges(every, bins=_N_BINS)
    shares = [np.histogram(each, edges)[0] / each.size for each in both]
    labels = tuple(
        f"{show_number(float(low))} … {show_number(float(high))}" for low, high in pairwise(edges)
    )
    first, second = (tuple(map(float, each)) for each in shares)
    return Overlay(labels, first, second, "before", "after", caption=name)


def _known(name: str, frame: pl.DataFrame) -> np.ndarray:
    if name not in frame.columns or not frame.schema[name].is_numeric():
        return np.empty(0)
    held = frame[name].cast(pl.Float64)
    return held.filter(held.is_finite().fill_null(value=False)).to_numpy()
