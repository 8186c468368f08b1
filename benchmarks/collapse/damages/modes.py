"""Damage to what there is: clusters gone, rare categories gone, only the typical kept, few axes."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.collapse.draw import DoesNotApply, Draw, Family, part_of
from benchmarks.collapse.grid import like
from benchmarks.collapse.view import metric

N_CLUSTERS = 12


def lose_modes(draw: Draw, share: float) -> pl.DataFrame:
    """Leave out whole k-means clusters until at least the share of the rows is gone."""
    from sklearn.cluster import KMeans

    view = metric(draw.pool)
    fitted = KMeans(N_CLUSTERS, n_init=1, random_state=draw.seed).fit(view[: max(2_000, draw.n)])
    label = fitted.predict(view)
    gone = np.zeros(len(label), dtype=bool)
    for cluster in draw.rng.permutation(N_CLUSTERS):
        adding = gone | (label == cluster)
        if adding.mean() <= 2 * share:
            gone = adding
        if gone.mean() >= share:
            break
    return part_of(draw, ~gone, share / 2)


def lose_rare_categories(draw: Draw, share: float) -> pl.DataFrame:
    """Leave out rows with levels that together make up at most the share, in every category."""
    keep, most = np.ones(draw.pool.height, dtype=bool), 0.0
    for name in draw.categories:
        counts = draw.pool[name].drop_nulls().value_counts(sort=True, name="_n")
        if not 3 <= counts.height <= 200:
            continue
        mass = counts.reverse()["_n"].cum_sum() / draw.pool.height
        rare = counts.reverse()[name].filter(mass <= share)
        lost = draw.pool[name].is_in(rare.implode()).fill_null(value=False).to_numpy()
        most = max(most, float(lost.mean()))
        keep &= ~lost
    if most < share / 3:
        raise DoesNotApply("no rare categories of that mass")
    return part_of(draw, keep, share / 3)


def sharpen(draw: Draw, power: float) -> pl.DataFrame:
    """Draw rows with odds that grow with the rank of their density: a low temperature."""
    from sklearn.neighbors import NearestNeighbors

    n = min(draw.n, draw.pool.height // 2)
    pool = draw.pool.head(4 * draw.n)
    view = metric(pool)
    view = view + draw.rng.normal(0, 1e-6, view.shape)
    distance = NearestNeighbors(n_neighbors=11).fit(view[:4_000]).kneighbors(view)[0][:, -1]
    typical = 1 - np.argsort(np.argsort(distance)) / len(view)
    odds = np.maximum(typical, 1e-3) ** power
    rows = draw.rng.choice(len(view), min(n, len(view) // 2), replace=False, p=odds / odds.sum())
    return pool[rows]


def lower_rank(draw: Draw, explained: float) -> pl.DataFrame:
    """Project the numbers on the leading axes that explain the share of their variance."""
    if len(draw.numbers) < 4:
        raise DoesNotApply("fewer than four numbers")
    made = draw.source
    raw = made.select(pl.col(draw.numbers).cast(pl.Float64)).to_numpy()
    missing = np.isnan(raw)
    filled = np.where(missing, np.nanmedian(raw, axis=0), raw)
    mean, sd = filled.mean(axis=0), filled.std(axis=0) + 1e-12
    z = (filled - mean) / sd
    _, values, axes = np.linalg.svd(z, full_matrices=False)
    rank = int(np.searchsorted(np.cumsum(values**2) / np.sum(values**2), explained)) + 1
    rank = min(rank, len(draw.numbers) - 1)
    back = (z @ axes[:rank].T @ axes[:rank]) * sd + mean
    back[missing] = np.nan
    columns = [like(made[name], back[:, i]) for i, name in enumerate(draw.numbers)]
    return made.with_columns(columns)


FAMILIES = (
    Family("modes lost", (0.05, 0.15, 0.35), lose_modes),
    Family("rare categories lost", (0.01, 0.05, 0.15), lose_rare_categories),
    Family("sharpened", (0.5, 1.5, 4.0), sharpen),
    Family("rank lowered", (0.95, 0.8, 0.5), lower_rank),
)
