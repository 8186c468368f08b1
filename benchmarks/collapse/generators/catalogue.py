"""The generators by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from benchmarks.collapse.draw import DoesNotApply
from benchmarks.collapse.generators import autoencoder, copula, mixture, trees

Generator = Callable[[pl.DataFrame, list[str], int, np.random.Generator], pl.DataFrame]
GENERATORS: dict[str, Generator] = {
    "trees": trees.sample, "copula": copula.sample,
    "mixture": mixture.sample, "autoencoder": autoencoder.sample,
}  # fmt: skip
#: Rows a generator is fitted to: time is spent on cases, not on generators.
AT_MOST_FITTED = 3_000
#: A wide table's models take minutes each.
AT_MOST_COLUMNS = 40


def generate(
    name: str, frame: pl.DataFrame, numbers: list[str], n: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Fit a generator to rows, a few thousand at most, and draw n rows."""
    if frame.width > AT_MOST_COLUMNS:
        raise DoesNotApply("too many columns for the time")
    empty = [column.name for column in frame if column.null_count() == frame.height]
    if empty:
        raise DoesNotApply("a column of nulls")
    return GENERATORS[name](frame.head(AT_MOST_FITTED), numbers, n, rng)
