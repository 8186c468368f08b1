"""Parts of a table to plant leaks in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.leak_case import LeakCase

WORDS = (
    *("the", "of", "a", "red", "blue", "cat", "dog", "house", "runs", "over", "under", "quickly"),
    *("slowly", "tree", "river", "stone", "light", "dark", "moon", "sun", "glass", "paper"),
    *("metal", "wood", "city", "road", "field"),
)


@pytest.fixture
def table() -> Callable[..., pl.DataFrame]:
    """Give a maker of independent rows of every kind of column."""

    def make(seed: int = 0, n: int = 400) -> pl.DataFrame:
        rng = np.random.default_rng(seed)
        values = rng.standard_normal((n, 6))
        label = np.where(values[:, 0] + rng.standard_normal(n) > 0, "yes", "no")
        return pl.DataFrame(values, schema=[f"x{i}" for i in range(6)]).with_columns(
            id=pl.Series(rng.permutation(n) + 1000),
            age=pl.Series(rng.integers(18, 90, n)),
            site=pl.Series(rng.choice(list("abcd"), n)),
            share=pl.Series(rng.random(n)),
            text=pl.Series([" ".join(rng.choice(WORDS, 12)) for _ in range(n)]),
            y=pl.Series(label),
        )

    return make


@pytest.fixture
def parted(table: Callable[..., pl.DataFrame]) -> Callable[..., LeakCase]:
    """Give a maker of cases: 70 % of the rows at random are trained on."""

    def make(frame: pl.DataFrame | None = None, seed: int = 0, **roles: object) -> LeakCase:
        frame = table(seed) if frame is None else frame
        is_train = np.random.default_rng(seed + 1).random(frame.height) < 0.7
        part = pl.Series(np.where(is_train, "train", "test"))
        return LeakCase.of_rows(frame, part, seed=seed, **roles)

    return make
