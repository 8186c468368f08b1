"""What keeping a million scores costs beside writing the same Parquet plainly."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.store import open_store

N_ROWS = 1_000_000
DIMENSIONS = ("completeness", "validity", "consistency", "uniqueness", "overall")


def scores(seed: int) -> pl.DataFrame:
    """Make scores as a scoring run leaves them: float32, two flags, a row number."""
    random = np.random.default_rng(seed)
    columns: dict[str, Any] = {"row": np.arange(N_ROWS, dtype=np.uint32)}
    for name in DIMENSIONS:
        columns[name] = (random.integers(0, 2**14, N_ROWS) / 2**14).astype(np.float32)
    columns["is_outlier"] = random.random(N_ROWS) < 0.02
    columns["is_ml_ready"] = random.random(N_ROWS) < 0.8
    return pl.DataFrame(columns)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Measure the processor time of every thread."""
    started = time.process_time()
    work()
    return time.process_time() - started


@pytest.mark.benchmark(group="store")
def test_a_million_scores_are_saved(benchmark: Any, tmp_path: Path):
    frames = [scores(seed) for seed in range(4)]
    plain = [
        cpu_seconds(
            lambda one=one: one.write_parquet(tmp_path / "plain.parquet", compression="zstd")
        )
        for one in frames
    ]
    kept = []
    with open_store(tmp_path / "lab", actor="ann") as store:
        left = iter(frames)
        spent = []

        def save() -> None:
            spent.append(cpu_seconds(lambda: kept.append(store.objects.put_frame(next(left)))))

        benchmark.pedantic(save, rounds=len(frames), iterations=1)
        read = cpu_seconds(lambda: store.objects.read_frame(kept[0].sha256))
    benchmark.extra_info |= {
        "rows": N_ROWS,
        "mib": round(kept[0].n_bytes / 2**20, 1),
        "plain_cpu_s": round(min(plain), 3),
        "saved_cpu_s": round(min(spent), 3),
        "read_cpu_s": round(read, 3),
        "saved_to_plain": round(min(spent) / min(plain), 2),
    }
    assert min(spent) < 3 * min(plain)
