"""What a fingerprint costs, beside Polars' own hash of rows in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import polars as pl

from qforge_jupyter.frames.fingerprint import fingerprint

N_ROWS = 1_000_000


def twenty_columns() -> pl.DataFrame:
    random = np.random.default_rng(0)
    words = np.array([f"category {i}" for i in range(20)])
    columns = {f"f{i}": pl.Series(random.normal(size=N_ROWS)) for i in range(12)}
    columns |= {f"i{i}": pl.Series(random.integers(0, 1000, N_ROWS)) for i in range(4)}
    for i in range(3):
        columns[f"c{i}"] = pl.Series(words[random.integers(0, 20, N_ROWS)]).cast(pl.Categorical)
    columns["id"] = pl.Series(np.arange(N_ROWS)).cast(pl.String) + "-some-molecule"
    return pl.DataFrame(columns)


def cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def test_a_million_rows_of_twenty_columns_take_at_most_three_cpu_seconds():
    frame = twenty_columns()
    ours = min(cpu_seconds(lambda: fingerprint(frame)) for _ in range(3))
    polars = min(cpu_seconds(frame.hash_rows) for _ in range(3))
    print(
        f"\nfingerprint, 1M x 20: {ours:.2f} CPU s; "
        f"polars hash_rows: {polars:.3f} CPU s; ratio {ours / polars:.1f}"
    )
    assert ours <= 3.0
