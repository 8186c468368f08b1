"""How the values of one column share themselves out on both sides."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.documents.blocks import Overlay
from qforge_jupyter.engine.collapse.columns import in_microseconds

N_BINS = 30
MOST_LEVELS = 20


def overlay_of(
    name: str, first: pl.DataFrame, second: pl.DataFrame, names: tuple[str, str]
) -> Overlay:
    """Lay the distributions of a column over each other.

    A number is put into equal bins between the .5th and 99.5th percentile of both
    sides, with what is beyond in the outer ones; of a category the most frequent
    levels are shown.

    Examples
    --------
    >>> sides = [pl.DataFrame({"a": ["x", "y"]}), pl.DataFrame({"a": ["x", "x"]})]
    >>> overlay = overlay_of("a", *sides, ("synth", "real"))
    >>> overlay.labels, overlay.first, overlay.second
    (('x', 'y'), (0.5, 0.5), (1.0, 0.0))

    """
    columns = [each.get_column(name).alias("value") for each in (first, second)]
    if any(column.dtype == pl.Duration for column in columns):
        columns = [in_microseconds(column) for column in columns]
    if all(column.dtype.is_numeric() for column in columns):
        numbers = [column.cast(pl.Float64) for column in columns]
        known = [_finite(each) for each in numbers]
        if all(len(each) for each in known) and len(np.unique(np.concatenate(known))) > MOST_LEVELS:
            labels, shares = _binned(known)
            return Overlay(labels, *shares, *names, caption=name)
    labels, shares = _levels(columns)
    return Overlay(labels, *shares, *names, caption=name)


Shares = tuple[tuple[float, ...], tuple[float, ...]]


def _finite(column: pl.Series) -> NDArray[np.float64]:
    values = column.drop_nulls().to_numpy()
    finite: NDArray[np.float64] = values[np.isfinite(values)]
    return finite


def _binned(sides: list[NDArray[np.float64]]) -> tuple[tuple[str, ...], Shares]:
    together = np.concatenate(sides)
    # Differences of the largest numbers there are would overflow.
    unit = 4.0 if np.abs(together).max() > 1e307 else 1.0
    sides = [side / unit for side in sides]
    low, high = np.quantile(together / unit, [0.005, 0.995])
    if not high > low:
        low, high = float(together.min()) / unit, float(together.max()) / unit
    edges = np.linspace(low, high, N_BINS + 1)
    counts = [np.histogram(np.clip(side, low, high), edges)[0] / len(side) for side in sides]
    return tuple(f"{edge * unit:.4g}" for edge in edges[:-1]), _pair(counts)


def _levels(columns: list[pl.Series]) -> tuple[tuple[str, ...], Shares]:
    texts = [column.cast(pl.String).fill_null("null") for column in columns]
    counts = pl.concat(texts).value_counts().sort(["count", "value"], descending=[True, False])
    levels = counts["value"].head(MOST_LEVELS).to_list()
    if all(column.dtype.is_numeric() for column in columns):
        levels.sort(key=lambda level: (level == "null", float(level) if level != "null" else 0))
    shares = [
        np.array([(text == level).sum() for level in levels]) / max(1, len(text)) for text in texts
    ]
    return tuple(levels), _pair(shares)


def _pair(shares: list[NDArray[np.float64]]) -> Shares:
    first, second = (tuple(float(share) for share in side) for side in shares)
    return first, second
