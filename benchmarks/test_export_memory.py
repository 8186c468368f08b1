"""How much memory an export takes: measured in a process of its own.

``QFORGE_EXPORT_ROWS=10000000`` measures the size that is promised.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

N_ROWS = int(os.environ.get("QFORGE_EXPORT_ROWS", "1000000"))
CHUNK = 250_000
LIMIT = 2**30
SCRIPT = """
import json, resource, sys, time
from pathlib import Path
import polars as pl
from qforge_jupyter.formats._exporting import export
from qforge_jupyter.frames.table import Table
begun, cpu = time.perf_counter(), time.process_time()
table = Table("t", pl.scan_parquet(sys.argv[1]))
done = export({"data": table}, Path(sys.argv[2]), name="t", formats=[sys.argv[3]])
print(json.dumps({
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    "rows": done.parts[0][1],
    "wall": time.perf_counter() - begun,
    "cpu": time.process_time() - cpu,
    "bytes": sum(file.n_bytes for file in done.files),
}))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the table chunk by chunk, so that no process holds it."""
    import pyarrow.parquet as pq

    path = tmp_path_factory.mktemp("source") / "a.parquet"
    random, writer = np.random.default_rng(0), None
    words = np.array([f"category {i}" for i in range(20)])
    for start in range(0, N_ROWS, CHUNK):
        columns = {f"f{i}": random.normal(size=CHUNK) for i in range(12)}
        columns |= {f"i{i}": random.integers(0, 1000, CHUNK) for i in range(4)}
        columns |= {f"c{i}": words[random.integers(0, 20, CHUNK)] for i in range(3)}
        ids = pl.Series(np.arange(start, start + CHUNK)).cast(pl.String) + "-some-molecule"
        table = pl.DataFrame({**columns, "id": ids}).to_arrow()
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()
    return path


@pytest.mark.parametrize("name", ["parquet", "csv", "tfrecord", "jsonl"])
@pytest.mark.timeout(1200)
def test_an_export_takes_at_most_one_gibibyte(name: str, source: Path, tmp_path: Path):
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(source), str(tmp_path / "out"), name],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = json.loads(said)
    for path in (tmp_path / "out").iterdir():
        path.unlink()
    print(
        f"\n{name}, {found['rows']:,} x 20: peak {found['peak'] / 2**20:,.0f} MiB, "
        f"{found['rows'] / found['wall']:,.0f} rows/s ({found['rows'] / found['cpu']:,.0f} a CPU s)"
        f", {found['bytes'] / 1e6:,.0f} MB"
    )
    assert found["rows"] == N_ROWS
    assert found["peak"] <= LIMIT
