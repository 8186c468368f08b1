"""The gates: what has to hold before the check may be believed."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from benchmarks.collapse.negatives import BOOTSTRAP, HOLD_OUT
from benchmarks.collapse.rates import Share

#: The score a hold-out has to reach, and the share that has to.
SOUND_SCORE, SOUND_SHARE = 95.0, 0.95
#: Hold-outs below which their false alarms are not bounded well enough.
LEAST_HOLD_OUTS = 300


@dataclass(frozen=True, slots=True)
class Gate:
    """A requirement, what was measured, and whether it holds."""

    name: str
    measured: str
    holds: bool

    def __str__(self) -> str:
        return f"{'pass' if self.holds else 'FAIL'}  {self.name}: {self.measured}"


def gates(rows: pl.DataFrame) -> list[Gate]:
    """Judge the rows of one method that gives verdicts."""
    found = [_hold_outs(rows)]
    found += [_scores(rows, n) for n in sorted(rows["n"].unique())]
    large = rows.filter(pl.col("n") >= 1_000)
    found.append(
        _missed(
            large, ["severe"], "severe damage at n >= 1,000 missed <= 2 %, bound <= 5 %", 0.02, 0.05
        )
    )
    found.append(
        _missed(
            large,
            ["moderate", "severe"],
            "moderate or severe at n >= 1,000 missed <= 9 %",
            0.09,
            1.0,
        )
    )
    found.append(_bootstraps(rows))
    return found


def _hold_outs(rows: pl.DataFrame) -> Gate:
    fresh = rows.filter(pl.col("class") == HOLD_OUT)
    share = Share(int(fresh["is_flagged"].sum()), fresh.height)
    name = f"hold-outs flagged <= 5 %, bound <= 7.5 %, of {LEAST_HOLD_OUTS} at least"
    is_enough = share.all >= LEAST_HOLD_OUTS
    return Gate(name, str(share), is_enough and share.value <= 0.05 and share.high <= 0.075)


def _scores(rows: pl.DataFrame, n: int) -> Gate:
    fresh = rows.filter((pl.col("class") == HOLD_OUT) & (pl.col("n") == n))
    share = Share(int((fresh["score"] >= SOUND_SCORE).sum()), fresh.height)
    name = f"hold-outs of {n:,} rows score >= {SOUND_SCORE:g} in {SOUND_SHARE:.0%} of cases"
    return Gate(name, str(share), bool(share.all) and share.value >= SOUND_SHARE)


def _missed(rows: pl.DataFrame, strengths: list[str], name: str, most: float, bound: float) -> Gate:
    hurt = rows.filter(pl.col("strength").is_in(strengths))
    share = Share(hurt.height - int(hurt["is_flagged"].sum()), hurt.height)
    return Gate(name, str(share), bool(share.all) and share.value <= most and share.high <= bound)


def _bootstraps(rows: pl.DataFrame) -> Gate:
    again = rows.filter((pl.col("class") == BOOTSTRAP) & (pl.col("family") != "jittered bootstrap"))
    copying = Share(int(again["is_copying"].sum()), again.height)
    more = Share(int(again["is_damage"].sum()), again.height)
    return Gate(
        "bootstraps flagged as copying, and for nothing else in 95 %",
        f"copying {copying}; more than copying {more}",
        bool(again.height) and more.value <= 0.05,
    )
