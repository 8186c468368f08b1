"""Damage to single columns: spread, tails, place, grid, holes."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.collapse.draw import DoesNotApply, Draw, Family, part_of
from benchmarks.collapse.grid import center_and_scale, decimals, like
from benchmarks.collapse.view import metric


def numeric(frame: pl.DataFrame, name: str) -> np.ndarray:
    """Give a column's values as floats, null as NaN."""
    return frame[name].cast(pl.Float64).to_numpy().copy()


def shrink_variance(draw: Draw, kept: float) -> pl.DataFrame:
    """Move every number towards its column's median: what is left of the deviation is ``kept``."""
    made = draw.source
    for name in draw.chosen(draw.numbers, 1.0):
        center, _ = center_and_scale(made[name])
        made = made.with_columns(
            like(made[name], center + kept * (numeric(made, name) - center), draw.rng)
        )
    return made


def cut_tails(draw: Draw, share: float) -> pl.DataFrame:
    """Leave out the rows that lie farthest out in any number, a share of all."""
    if not draw.numbers:
        raise DoesNotApply("no numbers")
    far = np.abs(metric(draw.pool.select(draw.numbers))).max(axis=1)
    return part_of(draw, far < np.quantile(far, 1 - share), share / 3)


def drift(draw: Draw, deviations: float) -> pl.DataFrame:
    """Shift half of the numbers by so many robust standard deviations, each its own way."""
    made = draw.source
    for name in draw.chosen(draw.numbers, 0.5):
        _, scale = center_and_scale(draw.pool[name])
        way = draw.rng.choice([-1.0, 1.0]) * deviations * scale
        made = made.with_columns(like(made[name], numeric(made, name) + way, draw.rng))
    return made


def round_off(draw: Draw, deviations: float) -> pl.DataFrame:
    """Round numbers to a grid of so many robust standard deviations."""
    made, changed = draw.source, 0
    for name in draw.chosen(draw.numbers, 1.0):
        center, scale = center_and_scale(draw.pool[name])
        step = deviations * scale
        if (decimals(draw.pool[name]) == 0) and step < 1.5:
            continue
        before = numeric(made, name)
        after = center + np.round((before - center) / step) * step
        made = made.with_columns(
            pl.Series(name, after, nan_to_null=True).cast(made[name].dtype, strict=False)
        )
        changed += 1
    if not changed:
        raise DoesNotApply("the columns' own grids are coarser")
    return made


def change_nulls(draw: Draw, share: float) -> pl.DataFrame:
    """Empty a share of the cells of a third of the columns; where nulls were, fill as many."""
    made = draw.source
    names = [name for name in made.columns if name != draw.target]
    for name in draw.chosen(names, 1 / 3):
        hit = pl.Series(draw.rng.random(made.height) < share)
        donors = draw.pool[name].drop_nulls()
        if donors.is_empty():
            continue
        if made[name].null_count() > made.height / 4:
            drawn = donors.gather(draw.rng.integers(0, len(donors), made.height))
            value = pl.when(pl.col(name).is_null() & hit).then(drawn).otherwise(pl.col(name))
        else:
            value = pl.when(~hit).then(pl.col(name))
        made = made.with_columns(value.alias(name))
    return made


FAMILIES = (
    Family("variance shrunk", (0.9, 0.7, 0.5), shrink_variance),
    Family("tails cut", (0.02, 0.1, 0.25), cut_tails),
    Family("drift", (0.1, 0.25, 0.5), drift),
    Family("rounded", (0.25, 0.5, 1.0), round_off),
    Family("nulls changed", (0.02, 0.08, 0.25), change_nulls),
)
