"""Scoring 1M x 20 with its per-row scores, against a query that only counts."""

import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.frames import Table

N = 1_000_000
FLOATS = [f"f{i}" for i in range(12)]
INTEGERS = [f"i{i}" for i in range(4)]


def made(n: int) -> pl.DataFrame:
    """12 floats with 2 % nulls, 4 integers, 3 categories, 1 id; 0.5 % repeated rows."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=(n, 4))
    columns: dict[str, pl.Series] = {}
    for i, name in enumerate(FLOATS):
        values = common[:, i % 4] * 0.6 + rng.normal(size=n) * 0.8
        values = np.exp(values) if i % 3 == 2 else values
        columns[name] = pl.Series(values).set(pl.Series(rng.random(n) < 0.02), None)
    for i, name in enumerate(INTEGERS):
        columns[name] = pl.Series(rng.integers(0, 10 ** (i + 2), n))
    for size in (3, 30, 1000):
        columns[f"c{size}"] = pl.Series(rng.integers(0, size, n)).cast(pl.String)
    columns["id"] = pl.Series([f"id{i:08d}" for i in range(n)])
    frame = pl.DataFrame(columns)
    return pl.concat([frame.head(n - n // 200), frame.head(n // 200)])


CARD = Scorecard(
    required=(*FLOATS, *INTEGERS, "c3", "c30", "c1000", "id"),
    ranges={
        **dict.fromkeys(FLOATS, "-6 .. 60"),
        **{name: f"0 ..< {10 ** (i + 2)}" for i, name in enumerate(INTEGERS)},
    },
    values={"c3": ("0", "1", "2"), "c30": tuple(map(str, range(30)))},
    patterns={"id": "^id[0-9]{8}$"},
    rules={
        **{f"rule {i}": f"f{i} <= f{i + 1} + 10" for i in range(11)},
        **{f"sum {i}": f"i{i} + i{i + 1} >= 0" for i in range(3)},
        **{f"gap {i}": f"f{i} - f{i + 2} < 20" for i in range(3)},
    },
    unique_by=("*",),
    outliers={"method": "iqr", "columns": tuple(FLOATS)},
    ml_ready="overall >= 0.8 and completeness >= 0.7 and no failed check and no outlier",
)


def by_hand(frame: pl.DataFrame) -> pl.DataFrame:
    """The same 69 checks, counted and nothing else."""
    column = pl.col
    asked = [column(name).is_null().sum().alias(f"null {name}") for name in CARD.required]
    asked += [(~column(name).is_between(-6, 60)).sum().alias(f"range {name}") for name in FLOATS]
    asked += [
        (~column(name).is_between(0, 10 ** (i + 2), closed="left")).sum().alias(f"range {name}")
        for i, name in enumerate(INTEGERS)
    ]
    asked += [
        (~column(name).is_in(list(allowed))).sum().alias(f"value {name}")
        for name, allowed in CARD.values.items()
    ]
    asked.append((~column("id").str.contains("^id[0-9]{8}$")).sum().alias("pattern"))
    asked += [
        (~(column(f"f{i}") <= column(f"f{i + 1}") + 10)).sum().alias(f"rule {i}") for i in range(11)
    ]
    asked += [
        (~(column(f"i{i}") + column(f"i{i + 1}") >= 0)).sum().alias(f"sum {i}") for i in range(3)
    ]
    asked += [
        (~(column(f"f{i}") - column(f"f{i + 2}") < 20)).sum().alias(f"gap {i}") for i in range(3)
    ]
    quartiles = {name: frame[name].drop_nulls().quantile(0.25) for name in FLOATS}
    upper = {name: frame[name].drop_nulls().quantile(0.75) for name in FLOATS}
    for name in FLOATS:
        reach = 1.5 * (upper[name] - quartiles[name])
        beyond = ~column(name).is_between(quartiles[name] - reach, upper[name] + reach)
        asked.append(beyond.sum().alias(f"outliers {name}"))
    asked.append(pl.struct(pl.all()).is_first_distinct().not_().sum().alias("duplicates"))
    return frame.lazy().select(asked).collect()


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return made(N)


@pytest.mark.benchmark(group="score 1M x 20")
def test_counting_by_hand(benchmark, frame):
    answer = benchmark.pedantic(by_hand, args=(frame,), rounds=3, warmup_rounds=1)
    benchmark.extra_info["duplicates"] = answer["duplicates"].item()


@pytest.mark.benchmark(group="score 1M x 20")
def test_scoring_every_row_and_writing_it(benchmark, frame, tmp_path):
    def work() -> int:
        report = score(Case(Table.of_frame("t", frame), CARD))
        for name, rows in report.frames().items():
            rows.write_parquet(tmp_path / f"{name}.parquet")
        return len(report.checks)

    n_checks = benchmark.pedantic(work, rounds=3, warmup_rounds=1)
    benchmark.extra_info["checks, outlier columns"] = (n_checks, len(FLOATS))
    assert 69 == n_checks + len(FLOATS)


MEMORY = """
import sys, threading, time
import polars as pl
sys.path.insert(0, "benchmarks")
from test_score_speed import CARD, Case, Table, score

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

frame = pl.read_ipc(sys.argv[1]).rechunk()
score(Case(Table.of_frame("t", frame.head(1000)), CARD))
start, seen, is_done = resident(), [0], False

def watch():
    while not is_done:
        seen.append(resident())
        time.sleep(0.002)

watcher = threading.Thread(target=watch)
watcher.start()
score(Case(Table.of_frame("t", frame), CARD))
is_done = True
watcher.join()
print(frame.estimated_size(), max(seen) - start)
"""


@pytest.mark.benchmark(group="score 1M x 20, memory")
def test_peak_memory(benchmark, frame, tmp_path):
    frame.write_ipc(tmp_path / "frame.arrow")
    command = [sys.executable, "-c", MEMORY, str(tmp_path / "frame.arrow")]

    def work() -> list[int]:
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        return [int(part) for part in found.stdout.split()]

    size, above = benchmark.pedantic(work, rounds=1)
    benchmark.extra_info["frame MB"] = round(size / 1e6)
    benchmark.extra_info["peak, in frames, the frame included"] = round(1 + above / size, 2)


@pytest.mark.benchmark(group="load_ext")
@pytest.mark.parametrize("what", ["import polars", "load_ext"])
def test_loading_the_extension(benchmark, what):
    code = "import polars, IPython; from IPython.core.interactiveshell import InteractiveShell as S"
    code += "; s = S.instance()"
    if what == "load_ext":
        code += "; s.run_line_magic('load_ext', 'qforge_jupyter')"
    command = [sys.executable, "-c", code]
    benchmark.pedantic(subprocess.run, args=(command,), kwargs={"check": True}, rounds=5)
