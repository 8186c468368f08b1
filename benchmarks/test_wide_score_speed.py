"""A table of very many columns: what each column costs beside its values."""

from __future__ import annotations

import time

import numpy as np
import polars as pl

import qforge_jupyter as qf

N_COLUMNS, N_ROWS = 10_000, 100


def test_ten_thousand_columns_are_scored_in_seconds(tmp_path):
    random = np.random.default_rng(0)
    frame = pl.DataFrame({f"c{i}": random.normal(size=N_ROWS) for i in range(N_COLUMNS)})
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        started = time.process_time()
        report = ws.score(frame, name="wide")
        cpu_s = time.process_time() - started
    print(f"10,000 columns of 100 rows, rules proposed, scored and stored: {cpu_s:.1f} CPU s")
    assert report.n_rows == N_ROWS
    assert cpu_s < 12
