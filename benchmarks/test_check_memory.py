"""What a check holds in memory, and what it takes, as its files grow tenfold.

`QFORGE_CHECK_ROWS=1e6,1e8 pytest -s benchmarks/test_check_memory.py` says how many rows.
"""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SIZES = [int(float(n)) for n in os.environ.get("QFORGE_CHECK_ROWS", "1e6,1e7").split(",")]
AT_A_TIME = 1_000_000
CHECK = """
import resource, sys, time
import polars as pl
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.checking import check
from qforge_jupyter.frames import Table
sides = [Table(name, pl.scan_parquet(path)) for name, path in zip(("synth", "real"), sys.argv[1:])]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
verdict = check(CollapseCase(*sides)).verdict
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(verdict, before / 1024, peak / 1024, time.process_time(), sep=",", flush=True)
"""


def written(path, n, seed):
    """Write n rows of two numbers that depend on each other and a code."""
    chance, writer = np.random.default_rng(seed), None
    for start in range(0, n, AT_A_TIME):
        size = min(AT_A_TIME, n - start)
        x = chance.normal(size=size).astype(np.float32)
        y = x + chance.normal(size=size).astype(np.float32)
        code = chance.integers(0, 50, size).astype(np.int16)
        rows = pa.table({"x": x, "y": y, "code": code})
        writer = writer or pq.ParquetWriter(path, rows.schema, compression="lz4")
        writer.write_table(rows)
    writer.close()
    return path


@pytest.mark.timeout(3_600)
def test_the_memory_of_a_check_does_not_follow_its_rows(tmp_path):
    print(f"\n{'rows a side':>12}{'before MB':>11}{'peak MB':>9}{'CPU s':>8}  verdict")
    peaks = []
    for n in SIZES:
        files = [written(tmp_path / f"{seed}.parquet", n, seed) for seed in (1, 2)]
        call = [sys.executable, "-c", CHECK, *map(str, files)]
        said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
        verdict, before, peak, seconds = said.strip().split(",")
        peaks.append(float(peak))
        print(f"{n:>12,}{float(before):>11.0f}{peaks[-1]:>9.0f}{float(seconds):>8.1f}  {verdict}")
        assert verdict == "fit"
    assert peaks[-1] < 1.5 * 1024
