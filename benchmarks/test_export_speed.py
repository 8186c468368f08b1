"""How fast TFRecord is written and read, beside the `tfrecord` package in the same run."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.formats import tfrecord

N_ROWS = 1_000_000
#: Rows that the other package writes; it is linear in them.
N_THEIRS = 20_000


def twenty_columns(kind: type[pl.DataType]) -> pl.DataFrame:
    random = np.random.default_rng(0)
    words = np.array([f"category {i}" for i in range(20)])
    columns = {f"f{i}": pl.Series(random.normal(size=N_ROWS)).cast(kind) for i in range(12)}
    columns |= {f"i{i}": pl.Series(random.integers(0, 1000, N_ROWS)) for i in range(4)}
    for i in range(3):
        columns[f"c{i}"] = pl.Series(words[random.integers(0, 20, N_ROWS)]).cast(pl.Categorical)
    columns["id"] = pl.Series(np.arange(N_ROWS)).cast(pl.String) + "-some-molecule"
    return pl.DataFrame(columns)


def rows_a_second(n_rows: int, begun: tuple[float, float]) -> tuple[float, float]:
    return n_rows / (time.perf_counter() - begun[0]), n_rows / (time.process_time() - begun[1])


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def theirs(frame: pl.DataFrame, path: Path) -> float:
    """Rows a CPU second of the package that people use without TensorFlow."""
    writer = pytest.importorskip("tfrecord.writer").TFRecordWriter
    kinds = {
        name: "float" if dtype.is_float() else "int" if dtype.is_integer() else "byte"
        for name, dtype in frame.schema.items()
    }
    begun, out = now(), writer(str(path))
    for row in frame.iter_rows(named=True):
        cells = {
            name: (value.encode() if kinds[name] == "byte" else value, kinds[name])
            for name, value in row.items()
        }
        out.write(cells)
    out.close()
    return rows_a_second(frame.height, begun)[1]


@pytest.mark.parametrize("kind", [pl.Float32, pl.Float64])
def test_a_million_rows_of_twenty_columns(kind: type[pl.DataType], tmp_path: Path):
    frame, path = twenty_columns(kind), tmp_path / "a.tfrecord"
    begun = now()
    tfrecord.write_batches(frame.iter_slices(250_000), frame.schema, path)
    wall, cpu = rows_a_second(N_ROWS, begun)
    begun = now()
    back = tfrecord.restore(path, frame.schema).collect()
    read_wall, read_cpu = rows_a_second(N_ROWS, begun)
    other = theirs(frame.head(N_THEIRS), tmp_path / "b.tfrecord")
    megabytes = path.stat().st_size / 1e6
    path.unlink()
    print(
        f"\nTFRecord of 1M x 20 ({kind.__name__}, {megabytes:.0f} MB): written at {wall:,.0f} "
        f"rows/s ({cpu:,.0f} a CPU s), {cpu / other:.0f} x the tfrecord package "
        f"({other:,.0f} a CPU s); read at {read_wall:,.0f} rows/s ({read_cpu:,.0f} a CPU s)"
    )
    assert frame["i0"].equals(back["i0"])
    assert cpu >= 50_000
