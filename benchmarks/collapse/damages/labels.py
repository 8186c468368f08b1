"""Damage to what a declared target says: one class collapsed, labels flipped."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.collapse.draw import FEW_VALUES, DoesNotApply, Draw, Family
from benchmarks.collapse.grid import center_and_scale, like
from benchmarks.collapse.oracle import skill

#: Shares of a target that move by less have not moved.
LEAST_MOVED = 0.05


def collapse_class(draw: Draw, kept: float) -> pl.DataFrame:
    """Shrink the numbers of one class to its median, and give categories its commonest level."""
    made, rows = draw.source, rows_of_a_class(draw)
    for name in made.columns:
        if name == draw.target:
            continue
        column, inside = made[name], made[name].filter(pl.Series(rows))
        if name in draw.numbers:
            center, _ = center_and_scale(inside)
            values = column.cast(pl.Float64).to_numpy().copy()
            values[rows] = center + kept * (values[rows] - center)
            changed = like(column, values)
            made = made.with_columns(
                pl.when(pl.Series(rows)).then(changed).otherwise(column).alias(name)
            )
            continue
        common = inside.value_counts(sort=True, name="_n").sort(
            "_n", name, descending=[True, False]
        )[name]
        hit = pl.Series(rows & (draw.rng.random(made.height) > kept))
        made = made.with_columns(
            pl.when(hit).then(pl.lit(common[0], column.dtype)).otherwise(column).alias(name)
        )
    return made


def rows_of_a_class(draw: Draw) -> np.ndarray:
    """Choose a class of a tenth of the rows at least; of a number, its upper quarter."""
    if not draw.target:
        raise DoesNotApply("no target")
    column = draw.source[draw.target]
    if column.dtype.is_numeric() and column.n_unique() > FEW_VALUES:
        return (column > column.quantile(0.75)).fill_null(value=False).to_numpy()
    counts = column.drop_nulls().value_counts(name="_n").sort(draw.target)
    large = counts.filter(pl.col("_n") >= 0.1 * len(column))[draw.target]
    if large.is_empty():
        raise DoesNotApply("no class of a tenth of the rows")
    return (column == large[int(draw.rng.integers(len(large)))]).fill_null(value=False).to_numpy()


def flip_labels(draw: Draw, share: float) -> pl.DataFrame:
    """Give a share of the rows another class, by chance; a number, another row's value."""
    if not draw.target:
        raise DoesNotApply("no target")
    column = draw.source[draw.target]
    hit = draw.rng.random(len(column)) < share
    classes = draw.pool[draw.target].drop_nulls().unique().sort()
    if column.dtype.is_numeric() and len(classes) > FEW_VALUES:
        other = draw.pool[draw.target].gather(draw.rng.integers(0, draw.pool.height, len(column)))
    else:
        place = column.replace_strict(classes, np.arange(len(classes)), default=0).to_numpy()
        step = draw.rng.integers(1, len(classes), len(column)) if len(classes) > 1 else 0
        other = classes.gather((place + step) % len(classes))
    if moved(column, share) < LEAST_MOVED and not is_foretold(draw):
        raise DoesNotApply("nothing foretells the target, and its shares stay: still one sample")
    return draw.source.with_columns(
        pl.when(pl.Series(hit)).then(other).otherwise(column).alias(draw.target)
    )


def moved(column: pl.Series, share: float) -> float:
    """Give the total variation by which flips move the shares of classes; numbers trade places."""
    if column.dtype.is_numeric() and column.n_unique() > FEW_VALUES:
        return 0.0
    held = column.drop_nulls().value_counts(normalize=True, name="share")["share"].to_numpy()
    return float(share * np.abs(held - (1 - held) / max(len(held) - 1, 1)).sum() / 2)


def is_foretold(draw: Draw) -> bool:
    """Say whether the other columns tell anything about the target, on rows not learned from."""
    test = draw.pool.slice(draw.n)
    is_number = draw.target in draw.numbers
    return skill(draw.source, draw.pool, test, draw.target, is_number=is_number) > 0


FAMILIES = (
    Family("class collapsed", (0.7, 0.4, 0.15), collapse_class),
    Family("labels flipped", (0.05, 0.15, 0.35), flip_labels),
)
