"""``python -m benchmarks.collapse --part dev --n 300,1000 --cases 60 --seconds 600``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

# One thread, so that seconds of CPU are the work's and not those of waiting threads.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from benchmarks.collapse.cases import enumerate_cases  # noqa: E402 — after the threads are limited
from benchmarks.collapse.methods import methods  # noqa: E402 — after the threads are limited
from benchmarks.collapse.protocol import run  # noqa: E402 — after the threads are limited
from benchmarks.collapse.report import report  # noqa: E402 — after the threads are limited


def main() -> None:
    """Run cases and print the report."""
    ask = argparse.ArgumentParser(prog="python -m benchmarks.collapse", description=__doc__)
    ask.add_argument("--part", choices=["dev", "held"], default="dev")
    ask.add_argument("--n", default="300,1000", help="rows a side, comma-separated")
    ask.add_argument("--cases", type=int, default=60, help="cases at most")
    ask.add_argument("--seconds", type=float, default=600, help="seconds at most")
    ask.add_argument("--methods", default="", help="names, comma-separated; all without")
    ask.add_argument("--tables", default="", help="names, comma-separated; all without")
    ask.add_argument("--families", default="", help="families or classes, comma-separated")
    ask.add_argument("--strengths", default="", help="of damage, comma-separated; all without")
    ask.add_argument("--out", type=Path, help="a parquet file for the rows")
    ask.add_argument("--resume", action="store_true", help="go on with the rows of --out")
    ask.add_argument("--seed", type=int, default=0, help="decides the order of the cases")
    ask.add_argument("--report", action="store_true", help="only print the report of --out")
    ask.add_argument("--beside", type=Path, nargs="*", default=[], help="files of other runs")
    given = ask.parse_args()
    if given.report:
        print(report_of(given.out, *given.beside))
        return
    known = methods()
    chosen = {name: known[name] for name in split(given.methods) or known}
    specs = enumerate_cases(
        given.part, [int(n) for n in split(given.n)], given.seed,
        split(given.tables), split(given.families), split(given.strengths),
    )  # fmt: skip
    print(f"{len(specs)} cases of part {given.part}; methods: {', '.join(chosen)}", flush=True)
    rows = run(specs, chosen, path=given.out, resume=given.resume, cases=given.cases,
               seconds=given.seconds, quiet=False)  # fmt: skip
    print(report_of(given.out, *given.beside) if given.out else report(rows))


def report_of(path: Path, *others: Path) -> str:
    """Report on a run's file, with every statistic where they were kept, and on others' rows."""
    import polars as pl

    details = path.with_suffix(".statistics.parquet")
    rows = pl.concat([pl.read_parquet(each) for each in (path, *others)], how="diagonal_relaxed")
    rows = rows.unique(["id", "method"], keep="first", maintain_order=True)
    return report(rows, pl.read_parquet(details) if details.exists() else None)


def split(text: str) -> list[str]:
    """Split at commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


if __name__ == "__main__":
    main()
