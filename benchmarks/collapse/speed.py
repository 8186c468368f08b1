"""``python -m benchmarks.collapse.speed``: seconds of CPU of a check, and where they go.

Two sides of 15 numbers and 5 categories, drawn from one distribution with
dependent columns; SDMetrics' QualityReport is asked about the same tables in
the same run.
"""

from __future__ import annotations

import argparse
import cProfile
import itertools
import os
import pstats
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402 — after the threads are limited
import polars as pl  # noqa: E402 — as above

from benchmarks.collapse import rivals  # noqa: E402 — as above
from benchmarks.collapse.methods import Method, Question, methods  # noqa: E402 — as above

#: Rows of a file.
PIECE = 250_000
N_NUMBERS, N_CATEGORIES, N_LEVELS = 15, 5, 8
#: What is asked for: seconds at 10,000 rows a side, and the share of SDMetrics' at a million.
AT_MOST_S, AT_MOST_SHARE = 4.0, 0.2


def side(n: int, seed: int) -> pl.DataFrame:
    """Draw rows: five hidden factors, skewed numbers, levels that follow the factors."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(0).normal(size=(5, N_NUMBERS + N_CATEGORIES))
    hidden = rng.normal(size=(n, 5)) @ mixing + rng.normal(size=(n, N_NUMBERS + N_CATEGORIES))
    columns: list[pl.Series] = []
    for i in range(N_NUMBERS):
        values = hidden[:, i]
        columns.append(pl.Series(f"number {i}", np.exp(values / 2) if i % 3 == 0 else values))
    for i in range(N_CATEGORIES):
        level = np.clip(np.floor(hidden[:, N_NUMBERS + i] + N_LEVELS / 2), 0, N_LEVELS - 1)
        names = pl.Series([f"level {k}" for k in range(N_LEVELS)])
        columns.append(names.gather(level.astype(int)).alias(f"category {i}"))
    return pl.DataFrame(columns)


def prepared(name: str, method: Method, asked: Question) -> Callable[[], object]:
    """Give the question ready to be asked; SDMetrics' tables are pandas' already."""
    return rivals.quality_report_on(asked) if name == "SDMetrics" else partial(method, asked)


def seconds(ask: Callable[[], object]) -> tuple[float, float]:
    """Measure seconds of CPU and of the clock."""
    cpu, clock = time.process_time(), time.perf_counter()
    ask()
    return time.process_time() - cpu, time.perf_counter() - clock


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser(prog="python -m benchmarks.collapse.speed")
    ask.add_argument("--n", default="10000,100000,1000000", help="rows a side, comma-separated")
    ask.add_argument("--methods", default="check,SDMetrics")
    ask.add_argument("--files", action="store_true", help="the check reads Parquet, batch by batch")
    ask.add_argument("--profile", action="store_true", help="print where the check's time goes")
    given = ask.parse_args()
    known = methods()
    names = [name for name in given.methods.split(",") if name in known]
    sizes = [int(n) for n in given.n.split(",")]
    if given.files:
        for n in sizes:
            print(of_files(n), flush=True)
        return
    for name in names:  # imports
        known[name](Question(side(500, 0), side(500, 1), "", 0))
    spent: dict[tuple[str, int], float] = {}
    for n in sizes:
        candidate, reference = side(n, 1), side(n, 2)
        for name in names:
            asked = Question(candidate, reference, "", 0)
            cpu, clock = seconds(prepared(name, known[name], asked))
            spent[name, n] = cpu
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            print(f"{name:10s} {n:>9,} a side: {cpu:8.2f} s CPU, {clock:8.2f} s of the clock, "
                  f"{1e6 * cpu / n:.2f} µs a row, peak {peak:.1f} GiB", flush=True)  # fmt: skip
        if given.profile and "check" in names:
            print(where_it_goes(partial(known["check"], asked)))
    print(verdict(spent, sizes))


def of_files(n: int) -> str:
    """Check two sides that lie in files; give the memory that came on top, too."""
    from qforge_jupyter.engine.collapse.case import CollapseCase
    from qforge_jupyter.engine.collapse.checking import check
    from qforge_jupyter.frames import Table

    small = [Table.of_frame(name, side(500, seed)) for seed, name in enumerate("sr")]
    check(CollapseCase(small[0], small[1]))
    with tempfile.TemporaryDirectory() as folder:
        for name in "sr":
            for start in range(0, n, PIECE):
                held = side(min(PIECE, n - start), seed=start + ord(name))
                held.write_parquet(Path(folder) / f"{name}-{start:012}.parquet")
        tables = [Table(name, pl.scan_parquet(Path(folder) / f"{name}-*.parquet")) for name in "sr"]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        cpu, clock = seconds(partial(check, CollapseCase(tables[0], tables[1])))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**20
    return (
        f"check of files {n:>11,} a side: {cpu:8.2f} s CPU, {clock:8.2f} s of the clock, "
        f"{1e6 * cpu / n:.2f} µs a row, peak {grown:.2f} GiB above that of 500 rows"
    )


def where_it_goes(ask: Callable[[], object]) -> str:
    """List the package's functions by the time they take with what they call."""
    import io

    profile, text = cProfile.Profile(time.process_time), io.StringIO()
    profile.runcall(ask)
    stats = pstats.Stats(profile, stream=text).sort_stats("cumulative")
    stats.print_stats("engine/collapse/", 25)
    lines = [line for line in text.getvalue().splitlines() if ".py:" in line]
    return "\n".join(["  calls  own s  all s  where", *(_short(line) for line in lines)])


def _short(line: str) -> str:
    calls, own, _, cumulative, _, where = line.split(None, 5)
    return f"{calls:>7} {own:>6} {cumulative:>6}  {where.rsplit('collapse/', 1)[-1]}"


def verdict(spent: dict[tuple[str, int], float], sizes: list[int]) -> str:
    """Say whether what is asked for holds, and how the time grows with the rows."""
    lines = []
    ten_thousand, largest = ("check", 10_000), max(sizes)
    if ten_thousand in spent:
        took = spent[ten_thousand]
        lines.append(line(took <= AT_MOST_S, f"10,000 a side in {AT_MOST_S:g} s: {took:.2f} s"))
    if ("check", largest) in spent and ("SDMetrics", largest) in spent:
        share = spent["check", largest] / spent["SDMetrics", largest]
        wanted = f"{largest:,} a side in {AT_MOST_SHARE:.0%} of SDMetrics' time: {share:.0%}"
        lines.append(line(share <= AT_MOST_SHARE, wanted))
    for less, more in itertools.pairwise(sizes):
        if ("check", less) in spent and ("check", more) in spent:
            times = spent["check", more] / spent["check", less]
            lines.append(f"      {more / less:g} times the rows took {times:.1f} times the CPU")
    return "\n".join(lines)


def line(holds: bool, text: str) -> str:
    """Mark what holds and what does not."""
    return f"{'pass' if holds else 'FAIL'}  {text}"


if __name__ == "__main__":
    main()
