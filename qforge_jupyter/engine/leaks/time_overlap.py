"""Time overlap: what is trained on must lie before what it is judged on."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.results.leak_outcome import Leak, Outcome
from qforge_jupyter.results.run import Severity

NAME = "time overlap"
SHOWN_PAIRS = 20
GRAVE_SHARE = 0.01


def find(case: LeakCase) -> Outcome:
    """Compare each part's earliest time with the latest one of the part before."""
    if case.time is None:
        return Outcome.declined(NAME, "no time column is named: give time")
    dtype = case.schema[case.time]
    if not (dtype.is_temporal() or dtype.is_numeric()):
        reason = f"the column {case.time!r} is {dtype}: make it a date, a time or a number"
        return Outcome.declined(NAME, reason)
    times = case.rows.select(exact(case.time).alias("time")).with_columns(
        pl.Series("part", case.part), pl.Series("at", range(case.rows.height), dtype=pl.Int64)
    )
    times = times.drop_nulls()
    if dtype.is_float():
        times = times.filter(pl.col("time").is_not_nan())
    present = times["part"].unique().sort().to_list()
    if len(present) < 2:
        return Outcome.declined(NAME, f"fewer than two parts have a time in {case.time!r}")
    leaks, gaps = [], []
    for before, after in pairwise(present):
        leak, gap = _compare(case, times, before, after)
        leaks += leak
        gaps.append(gap)
    n_missing = case.rows.height - times.height
    missing = f"; {n_missing:,} rows have no time" if n_missing else ""
    return Outcome.of(NAME, "; ".join(gaps) + missing, leaks, (("grave share", GRAVE_SHARE),))


def _compare(
    case: LeakCase, times: pl.DataFrame, before: int, after: int
) -> tuple[list[Leak], str]:
    earlier = times.filter(pl.col("part") <= before)
    later = times.filter(pl.col("part") == after)
    last = earlier.filter(pl.col("time") == pl.col("time").max()).row(0, named=True)
    early = later.filter(pl.col("time") < last["time"]).sort("time", "at")
    at_once = later.filter(pl.col("time") == last["time"]).height
    names = case.names[before], case.names[after]
    first = later.sort("time", "at").row(0, named=True)
    if not early.height and not at_once:
        gap = f"{names[1]} begins {first['time'] - last['time']} after the end of {names[0]}"
        return [], gap
    share = early.height / later.height
    severity: Severity = "high" if share >= GRAVE_SHARE else "medium" if early.height else "low"
    count = early.height or at_once
    said = "lie before the end of" if early.height else "lie at the very end of"
    leak = Leak(
        NAME,
        f"rows of {names[1]} that {said} what is used earlier",
        severity,
        count,
        names,
        column=case.time or "",
        statistic=share,
        threshold=GRAVE_SHARE,
        examples=tuple(case.pair(last["at"], at) for at in early["at"].head(SHOWN_PAIRS).to_list()),
        note="the future is known to the model" if early.height else "equal times in both",
    )
    return [leak], f"{names[1]} begins {last['time'] - first['time']} before the end of {names[0]}"
