"""The same data and the same seed: the same page, in another process, too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, tempfile
import polars as pl, numpy as np
import qforge_jupyter as qf
random = np.random.default_rng(5)
calcs = pl.DataFrame({
    "id": [f"m{i % 190}" for i in range(200)],
    "kind": [("b", "a", "c")[i % 3] for i in range(200)],
    "gap": random.normal(3, 2, 200),
    "homo": random.normal(-6, 1, 200),
})
with qf.open(tempfile.mkdtemp(), tracker="none") as ws:
    for report in (ws.score(calcs), ws.score(calcs, required="id, gap", ranges={"gap": "0 .. 5"},
                   rules={"r": "homo < -5"}, unique_by="id"), ws.outliers(calcs, by=["kind"])):
        print(repr(report))
        print(json.dumps(report._repr_mimebundle_()[0], sort_keys=True, default=str))
"""
HEAVY = {
    "torch", "mlflow", "faiss", "pandas", "sqlalchemy", "duckdb", "scipy", "sklearn", "pyarrow",
    "pint", "pydantic",
}  # fmt: skip


def printed(program: str, **environment: str) -> str:
    root = str(Path(__file__).parents[2])
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": root, **environment},
    )
    return done.stdout


def test_two_processes_print_the_same():
    first = printed(PROGRAM, PYTHONHASHSEED="1", POLARS_MAX_THREADS="1")
    assert first == printed(PROGRAM, PYTHONHASHSEED="2", POLARS_MAX_THREADS="2")
    assert len(first) > 5_000


@pytest.mark.parametrize(
    "program",
    [
        "import qforge_jupyter",
        (
            "from IPython.core.interactiveshell import InteractiveShell as S\n"
            "s = S(); s.run_line_magic('load_ext', 'qforge_jupyter')\n"
            "s.history_manager.end_session()"
        ),
    ],
    ids=["import", "load_ext"],
)
def test_nothing_heavy_is_imported_before_it_is_used(program: str):
    names = printed(f"{program}\nimport sys; print(' '.join(sys.modules))").split()
    assert HEAVY.intersection(names) == set()
