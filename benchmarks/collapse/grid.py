"""Numbers written back on the grid they were read from, so that damage leaves no lattice."""

from __future__ import annotations

import numpy as np
import polars as pl


def decimals(column: pl.Series) -> int | None:
    """How many decimals hold every value: 0 for integers, None for measurements."""
    values = column.drop_nulls().to_numpy().astype(float)
    values = values[np.isfinite(values)]
    for places in range(4):
        if np.allclose(values, np.round(values, places), rtol=0, atol=1e-9):
            return places
    return None


def like(
    column: pl.Series, values: np.ndarray, rng: np.random.Generator | None = None
) -> pl.Series:
    """Give values the column's grid and type; with rng, rounding keeps the mean."""
    places = decimals(column)
    if places is not None:
        step = 10.0**-places
        jitter = rng.random(len(values)) if rng is not None else 0.5
        values = np.floor(values / step + jitter) * step
    made = pl.Series(column.name, values, nan_to_null=True)
    return (
        made.round(0).cast(column.dtype) if column.dtype.is_integer() else made.cast(column.dtype)
    )


def center_and_scale(column: pl.Series) -> tuple[float, float]:
    """Median and robust standard deviation; the plain one where half the values are equal."""
    values = column.drop_nulls().to_numpy().astype(float)
    if not len(values):
        return 0.0, 1.0
    low, center, high = np.quantile(values, [0.25, 0.5, 0.75])
    scale = (high - low) / 1.349 or float(np.std(values)) or 1.0
    return float(center), float(scale)
