"""Run methods over cases in a time budget, one row each, and go on where a run stopped."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import polars as pl

from benchmarks.collapse.cases import Case, DoesNotApply, Spec, build
from benchmarks.collapse.methods import Answer, Method, Question

FLUSH_EVERY = 20


class Record:
    """Rows of a run, on disk every few cases."""

    def __init__(self, path: Path | None, *, resume: bool) -> None:
        self.path = path
        has_old = bool(path and path.exists() and resume)
        self.frames = [pl.read_parquet(path)] if path and has_old else []
        self.rows: list[dict[str, object]] = []
        self.details: list[pl.DataFrame] = []
        details = self.details_path
        if details and details.exists() and resume:
            self.details.append(pl.read_parquet(details))

    @property
    def details_path(self) -> Path | None:
        """Where every statistic of every case goes."""
        return self.path.with_suffix(".statistics.parquet") if self.path else None

    def done(self) -> set[tuple[str, str]]:
        """Name the cases and methods that have a row."""
        return set(self.frame().select("id", "method").iter_rows()) if self.frames else set()

    def add(self, row: dict[str, object], statistics: pl.DataFrame | None) -> None:
        """Keep a row."""
        self.rows.append(row)
        if statistics is not None:
            self.details.append(statistics.with_columns(id=pl.lit(row["id"])))
        if len(self.rows) >= FLUSH_EVERY:
            self.flush()

    def frame(self) -> pl.DataFrame:
        """Give all rows."""
        if self.rows:
            self.frames.append(pl.DataFrame(self.rows, infer_schema_length=None))
            self.rows = []
        self.frames = [pl.concat(self.frames, how="diagonal_relaxed")] if self.frames else []
        return self.frames[0] if self.frames else pl.DataFrame()

    def flush(self) -> None:
        """Write what there is; a killed run leaves a whole file."""
        frame = self.frame()
        write(frame, self.path)
        if self.details:
            self.details = [pl.concat(self.details, how="diagonal_relaxed")]
            write(self.details[0], self.details_path)


def write(frame: pl.DataFrame, path: Path | None) -> None:
    """Write a file beside and move it into place."""
    if path is None or frame.is_empty():
        return
    beside = path.with_suffix(".writing")
    frame.write_parquet(beside)
    beside.replace(path)


def run(  # noqa: PLR0913 — the budget is two numbers, the file two
    specs: Sequence[Spec], methods: Mapping[str, Method], *,
    path: Path | None = None, resume: bool = False, cases: int = 10**9, seconds: float = 1e9,
    quiet: bool = True,
) -> pl.DataFrame:  # fmt: skip
    """Ask every method about every case until the cases or the seconds are used up."""
    record = Record(path, resume=resume)
    done, began, made = record.done(), time.monotonic(), 0
    for spec in specs:
        missing = [name for name in methods if (spec.id, name) not in done]
        if not missing or (spec.id, "") in done:
            continue
        if made >= cases or time.monotonic() - began > seconds:
            break
        try:
            case = build(spec)
        except DoesNotApply as reason:
            record.add({**described(spec), "method": "", "skipped": str(reason)}, None)
            continue
        except Exception as raised:  # noqa: BLE001 — a case that cannot be made is reported, not fatal
            error = f"{type(raised).__name__}: {raised}"
            record.add({**described(spec), "method": "", "skipped": "error", "error": error}, None)
            continue
        made += 1
        for name in missing:
            row, statistics = asked(case, name, methods[name])
            record.add(row, statistics)
            if not quiet:
                print(f"{made:4d} {spec.id:60s} {name:16s} {row['verdict'] or row['statistic']}")
    record.flush()
    return record.frame()


def asked(case: Case, name: str, method: Method) -> tuple[dict[str, object], pl.DataFrame | None]:
    """Ask one method about one case; what it raises is a result too."""
    began = time.process_time()
    error = ""
    try:
        answer = method(Question(case.candidate, case.reference, case.target, case.spec.number))
    except Exception as raised:  # noqa: BLE001 — a method that fails has failed this case, not the run
        answer, error = (
            Answer(statistic=float("nan"), verdict="error"),
            f"{type(raised).__name__}: {raised}",
        )
    row = {
        **described(case.spec), "method": name, "skipped": "", "error": error,
        "utility": case.utility, "verdict": answer.verdict, "score": answer.score,
        "statistic": answer.statistic, "p_value": answer.p_value,
        "is_copying": answer.is_copying, "is_damage": answer.is_damage,
        "needed": answer.needed, "rows": case.candidate.height, "columns": case.reference.width,
        "cpu_s": time.process_time() - began,
        **{f"dimension: {dimension}": score for dimension, score in answer.dimensions.items()},
    }  # fmt: skip
    return row, answer.statistics


def described(spec: Spec) -> dict[str, object]:
    """Name the case in a row."""
    return {"id": spec.id, **asdict(spec)}
