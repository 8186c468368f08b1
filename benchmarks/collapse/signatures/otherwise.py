"""The same modes of damage, done in another way than in ``damages``: none is in the library."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import rankdata

from benchmarks.collapse.damages.dependence import permuted, strongest
from benchmarks.collapse.damages.labels import rows_of_a_class
from benchmarks.collapse.damages.recursion import generations
from benchmarks.collapse.damages.spread import numeric
from benchmarks.collapse.draw import DoesNotApply, Draw, Family, part_of
from benchmarks.collapse.grid import center_and_scale, like
from benchmarks.collapse.view import codes, metric


def pull_to_mean(draw: Draw, kept: float) -> pl.DataFrame:
    """Draw numbers towards their mean, each by a factor of its own, some not at all."""
    made = draw.source
    for name in draw.chosen(draw.numbers, 0.8):
        values = numeric(made, name)
        factor = np.clip(kept + draw.rng.uniform(-0.15, 0.15), 0.05, 0.95)
        mean = np.nanmean(values) if np.isfinite(values).any() else 0.0
        made = made.with_columns(like(made[name], mean + factor * (values - mean), draw.rng))
    return made


def drop_far_rows(draw: Draw, share: float) -> pl.DataFrame:
    """Leave out rows by the sum of squares of their robust distances."""
    if not draw.numbers:
        raise DoesNotApply("no numbers")
    far = (metric(draw.pool.select(draw.numbers)) ** 2).sum(axis=1)
    return part_of(draw, far < np.quantile(far, 1 - share), share / 3)


def trend(draw: Draw, deviations: float) -> pl.DataFrame:
    """Let a third of the numbers grow from row to row, by so many deviations on average."""
    made = draw.source
    slope = np.linspace(0, 2, made.height)
    for name in draw.chosen(draw.numbers, 1 / 3):
        _, scale = center_and_scale(draw.pool[name])
        moved = numeric(made, name) + deviations * scale * slope
        made = made.with_columns(like(made[name], moved, draw.rng))
    return made


def to_quantiles(draw: Draw, bins: float) -> pl.DataFrame:
    """Replace numbers by the middle value of one of so many equal parts of the rows."""
    made, changed = draw.source, 0
    for name in draw.chosen(draw.numbers, 0.8):
        values = numeric(made, name)
        known = values[np.isfinite(values)]
        if len(np.unique(known)) <= 3 * bins:
            continue
        edges = np.quantile(known, np.linspace(0, 1, int(bins) + 1)[1:-1])
        middles = np.quantile(known, (np.arange(int(bins)) + 0.5) / bins)
        put = np.where(np.isfinite(values), middles[np.searchsorted(edges, values)], values)
        made = made.with_columns(like(made[name], put))
        changed += 1
    if not changed:
        raise DoesNotApply("the columns' own grids are coarser")
    return made


def empty_rows(draw: Draw, share: float) -> pl.DataFrame:
    """Empty half of the columns in a share of the rows, those with the largest values first."""
    made = draw.source
    names = [name for name in made.columns if name != draw.target]
    odds = draw.rng.random(made.height)
    if draw.numbers:
        odds = odds + np.nan_to_num(rankdata(numeric(made, draw.numbers[0]))) / made.height
    hit = pl.Series(odds >= np.quantile(odds, 1 - share))
    return made.with_columns(
        pl.when(~hit).then(pl.col(name)).alias(name) for name in draw.chosen(names, 0.5)
    )


def lose_a_corner(draw: Draw, share: float) -> pl.DataFrame:
    """Leave out the rows that are high in one column and low in another, or of one level."""
    names = draw.chosen(draw.pool.columns, 1.0)
    picked = [names[i] for i in draw.rng.choice(len(names), min(2, len(names)), replace=False)]
    places = [rankdata(np.nan_to_num(codes(draw.pool.select(name), draw.pool.select(name))[:, 0],
                                     nan=-1)) / draw.pool.height for name in picked]  # fmt: skip
    corner = np.minimum(places[0], 1 - places[-1])
    keep = corner < np.quantile(corner, 1 - share)
    return part_of(draw, keep, share / 2)


def merge_rare_levels(draw: Draw, share: float) -> pl.DataFrame:
    """Give rows with rare levels the commonest one instead."""
    made, changed = draw.source, 0.0
    for name in draw.categories:
        counts = draw.pool[name].drop_nulls().value_counts(name="_n")
        counts = counts.sort(["_n", name], descending=[True, False])
        if not 3 <= counts.height <= 200 or name == draw.target:
            continue
        mass = counts["_n"].reverse().cum_sum().reverse() / draw.pool.height
        rare = counts[name].filter(mass <= share)
        hit = made[name].is_in(rare.implode()).fill_null(value=False)
        changed = max(changed, float(hit.mean() or 0.0))
        common = pl.lit(counts[name][0], made[name].dtype)
        made = made.with_columns(pl.when(hit).then(common).otherwise(pl.col(name)).alias(name))
    if changed < share / 3:
        raise DoesNotApply("no rare categories of that mass")
    return made


def prefer_inliers(draw: Draw, power: float) -> pl.DataFrame:
    """Draw rows with odds that grow with how much of an inlier an isolation forest finds them."""
    from sklearn.ensemble import IsolationForest

    pool = draw.pool
    view = metric(pool)
    seen = (
        IsolationForest(n_estimators=50, random_state=draw.seed % 2**31)
        .fit(view)
        .score_samples(view)
    )
    odds = np.maximum(rankdata(seen) / len(seen), 1e-3) ** power
    n = min(draw.n, len(view) // 2)
    return pool[draw.rng.choice(len(view), n, replace=False, p=odds / odds.sum())]


def predict_from_others(draw: Draw, share: float) -> pl.DataFrame:
    """Replace a share of the numbers by what a linear model of the others says."""
    if len(draw.numbers) < 4:
        raise DoesNotApply("fewer than four numbers")
    made = draw.source
    raw = made.select(pl.col(draw.numbers).cast(pl.Float64)).to_numpy()
    missing = np.isnan(raw)
    filled = np.where(missing, np.nanmedian(raw, axis=0), raw)
    order = draw.rng.permutation(len(draw.numbers))
    cut = max(1, round(share * len(order)))
    told, rest = order[:cut], order[cut:]
    inputs = np.column_stack([np.ones(len(filled)), filled[:, rest]])
    weights = np.linalg.lstsq(inputs, filled[:, told], rcond=None)[0]
    filled[:, told] = inputs @ weights
    filled[missing] = np.nan
    return made.with_columns(like(made[n], filled[:, i]) for i, n in enumerate(draw.numbers))


def redraw_column(draw: Draw, share: float) -> pl.DataFrame:
    """Redraw the more dependent of two columns from its own values, in a block of the rows."""
    first, second, size = strongest(draw)
    names = draw.source.columns
    moved = max(
        (first, second), key=lambda name: (name != draw.target, size[names.index(name)].sum())
    )
    n = draw.source.height
    drawn = draw.pool[moved].gather(draw.rng.integers(0, draw.pool.height, n))
    hit = pl.Series(np.arange(n) < share * n)
    return draw.source.with_columns(pl.when(hit).then(drawn).otherwise(pl.col(moved)).alias(moved))


def redraw_within(draw: Draw, share: float) -> pl.DataFrame:
    """Permute a column within eighths of its second closest one."""
    first, second, size = strongest(draw)
    names = draw.source.columns
    a, b = names.index(first), names.index(second)
    others = [i for i in range(len(names)) if i not in {a, b}]
    if not others:
        raise DoesNotApply("two columns")
    held = max(others, key=lambda i: size[b, i])
    values = codes(draw.source.select(names[held]), draw.pool.select(names[held]))[:, 0]
    ranks = rankdata(np.nan_to_num(values, nan=-np.inf)) - 1
    strata = np.floor(8 * ranks / len(values)).astype(int)
    return draw.source.with_columns(permuted(draw, second, share, strata))


def mix_cells(draw: Draw, share: float) -> pl.DataFrame:
    """Replace a share of all cells by a fresh row's value of the same column."""
    strongest(draw)
    n = draw.source.height
    spare = draw.pool.tail(max(draw.pool.height - draw.n, n))
    made = {}
    for name in draw.source.columns:
        other = spare[name].gather(draw.rng.integers(0, spare.height, n))
        hit = pl.Series(draw.rng.random(n) < share)
        made[name] = pl.select(pl.when(hit).then(other).otherwise(draw.source[name])).to_series()
    return pl.DataFrame({name: each.alias(name) for name, each in made.items()})


def only_typical_of_class(draw: Draw, kept: float) -> pl.DataFrame:
    """Take the rows of one class from those nearest to its middle only, among many more."""
    rows = rows_of_a_class(draw)
    values = draw.source[draw.target].filter(pl.Series(rows)).unique()
    spare = draw.pool.filter(pl.col(draw.target).is_in(values.implode()))
    view = metric(spare.select(pl.exclude(draw.target)))
    away = ((view - np.median(view, axis=0)) ** 2).sum(axis=1)
    n = int(rows.sum())
    few = np.argsort(away, kind="stable")[: max(n, round(kept * len(view)))]
    if len(few) > 0.8 * len(view):
        raise DoesNotApply("too few rows of that class")
    typical = spare[draw.rng.choice(few, n, replace=False)]
    return pl.concat([draw.source.filter(pl.Series(~rows)), typical])


def relabel_by_rank(draw: Draw, share: float) -> pl.DataFrame:
    """Give a share of the rows the next class in order; a number, that of a neighboring row."""
    if not draw.target:
        raise DoesNotApply("no target")
    column = draw.source[draw.target]
    hit = pl.Series(draw.rng.random(len(column)) < share)
    other = column.gather(np.roll(draw.rng.permutation(len(column)), 1))
    spare = draw.pool[draw.target].drop_nulls().value_counts(name="_n")
    if spare.height <= 10:
        common = spare.sort(["_n", draw.target], descending=[True, False])[draw.target]
        second = column == common[0]
        other = pl.select(
            pl.when(second).then(pl.lit(common[1 % len(common)], column.dtype))
            .otherwise(pl.lit(common[0], column.dtype))
        ).to_series()  # fmt: skip
    return draw.source.with_columns(pl.when(hit).then(other).otherwise(column).alias(draw.target))


def repeat_few(draw: Draw, share: float) -> pl.DataFrame:
    """Replace a share of the rows by repeats of a few, some far oftener than others."""
    n = draw.source.height
    many = round(share * n)
    few = draw.rng.choice(n, max(2, many // 6), replace=False)
    odds = draw.rng.exponential(size=len(few)) ** 2
    rows = np.concatenate([np.arange(n - many), draw.rng.choice(few, many, p=odds / odds.sum())])
    return draw.source[rows]


def copy_a_part(draw: Draw, share: float) -> pl.DataFrame:
    """Replace a share of the rows by the reference's own, in one run of its rows."""
    n = draw.source.height
    copies = min(round(share * n), draw.reference.height)
    start = int(draw.rng.integers(0, draw.reference.height - copies + 1))
    return pl.concat([draw.reference[start : start + copies], draw.source[: n - copies]])


#: By the mode that a good signature finds.
FAMILIES = (
    Family("variance shrunk", (0.9, 0.7, 0.5), pull_to_mean),
    Family("tails cut", (0.02, 0.1, 0.25), drop_far_rows),
    Family("drift", (0.1, 0.25, 0.5), trend),
    Family("rounded", (16, 8, 4), to_quantiles),
    Family("nulls changed", (0.04, 0.12, 0.3), empty_rows),
    Family("modes lost", (0.05, 0.15, 0.35), lose_a_corner),
    Family("rare categories lost", (0.01, 0.05, 0.15), merge_rare_levels),
    Family("sharpened", (0.5, 1.5, 4.0), prefer_inliers),
    Family("rank lowered", (0.2, 0.4, 0.6), predict_from_others),
    Family("pair broken", (0.3, 0.6, 1.0), redraw_column),
    Family("triple broken", (0.3, 0.6, 1.0), redraw_within),
    Family("correlation shrunk", (0.05, 0.2, 0.5), mix_cells),
    Family("class collapsed", (0.7, 0.4, 0.15), only_typical_of_class),
    Family("labels flipped", (0.05, 0.15, 0.35), relabel_by_rank),
    Family("rows repeated", (0.1, 0.3, 0.6), repeat_few),
    Family("reference copied", (0.1, 0.3, 0.6), copy_a_part),
    Family("generations of mixture", (1, 5, 20), generations("mixture")),
    Family("generations of autoencoder", (1, 5, 20), generations("autoencoder")),
)
