"""Damage to what columns say about one another; every column alone stays as it was."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import rankdata

from benchmarks.collapse.draw import DoesNotApply, Draw, Family
from benchmarks.collapse.view import codes

#: Below this rank correlation there is nothing to break.
LEAST = 0.2


def break_pair(draw: Draw, share: float) -> pl.DataFrame:
    """Permute one of the two most dependent columns among a share of the rows."""
    first, second, _ = strongest(draw)
    moved = first if first != draw.target else second
    return draw.source.with_columns(permuted(draw, moved, share))


def break_triple(draw: Draw, share: float) -> pl.DataFrame:
    """Permute a column within fifths of a second: what a third says beyond that is gone."""
    first, second, size = strongest(draw)
    names = draw.source.columns
    a, b = names.index(first), names.index(second)
    others = [i for i in range(len(names)) if i not in {a, b}]
    if not others:
        raise DoesNotApply("two columns")
    held = max(others, key=lambda i: size[a, i])
    values = codes(draw.source.select(names[held]), draw.pool.select(names[held]))[:, 0]
    strata = np.floor(5 * (rankdata(np.nan_to_num(values, nan=-np.inf)) - 1) / len(values)).astype(
        int
    )
    return draw.source.with_columns(permuted(draw, first, share, strata))


def shrink_correlation(draw: Draw, share: float) -> pl.DataFrame:
    """Permute every column, on its own, among a share of the rows."""
    strongest(draw)
    return draw.source.with_columns(permuted(draw, name, share) for name in draw.source.columns)


def strongest(draw: Draw) -> tuple[str, str, np.ndarray]:
    """Find the two columns with the largest rank correlation below 1, and all correlations."""
    matrix = codes(draw.source, draw.pool)
    matrix = np.where(np.isnan(matrix), np.nanmin(matrix, axis=0, initial=0.0) - 1, matrix)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.nan_to_num(np.abs(np.corrcoef(rankdata(matrix, axis=0), rowvar=False)))
    size[size > 0.999] = 0.0
    if size.max() < LEAST:
        raise DoesNotApply("no two columns depend on one another")
    first, second = np.unravel_index(int(size.argmax()), size.shape)
    return draw.source.columns[int(first)], draw.source.columns[int(second)], size


def permuted(draw: Draw, name: str, share: float, strata: np.ndarray | None = None) -> pl.Series:
    """Permute a column among rows chosen by chance, within strata where given."""
    order = np.arange(draw.source.height)
    hit = draw.rng.random(len(order)) < share
    for stratum in np.unique(strata) if strata is not None else [None]:
        rows = np.flatnonzero(hit if stratum is None else hit & (strata == stratum))
        order[rows] = draw.rng.permutation(rows)
    return draw.source[name].gather(order)


FAMILIES = (
    Family("pair broken", (0.3, 0.6, 1.0), break_pair),
    Family("triple broken", (0.3, 0.6, 1.0), break_triple),
    Family("correlation shrunk", (0.1, 0.3, 0.7), shrink_correlation),
)
