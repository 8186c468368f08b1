"""Does the recommender's first choice help? Asked of real rows that it has never had.

For tables and damages of the collapse benchmark the fixes are estimated on one half of the
reference, verified on the other, and judged once more by an independent sample of real rows:
`pytest benchmarks/test_recommender.py -s`. `QFORGE_RECOMMENDER_CASES` says how many cases.
"""

from __future__ import annotations

import os
import time
import warnings
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from benchmarks.collapse.damages.catalogue import FAMILIES
from benchmarks.collapse.draw import DoesNotApply, Draw
from benchmarks.collapse.tables import load, names_of
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.recommending.recommending import recommend
from qforge_jupyter.engine.collapse.recommending.trialing import (
    Ground,
    applied,
)
from qforge_jupyter.frames import Table

N = 800
POOL = 3
CASES = int(os.environ.get("QFORGE_RECOMMENDER_CASES", "4"))
#: Damage that copies rows of the reference cannot be judged by other real rows: it is left out.
WANTED = (
    "variance shrunk",
    "correlation shrunk",
    "rows repeated",
    "sharpened",
    "drift",
    "modes lost",
    "pair broken",
    "rank lowered",
    "class collapsed",
    "rare categories lost",
)


@dataclass(frozen=True)
class Tried:
    """One fix in one case: estimated, verified, and judged by an independent sample."""

    case: str
    fix: str
    place: int
    standing: str
    estimated: float
    verified: float
    real: float


def drawn(table: str, family: str, seed: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Give a damaged candidate, the reference, and independent rows that judge."""
    frame = load(table).frame
    chance = np.random.default_rng([seed, len(table), len(family)])
    rows = chance.permutation(frame.height)
    if len(rows) < (2 + POOL) * N:
        raise DoesNotApply("too few rows")
    reference, judge, pool = np.split(rows[: (2 + POOL) * N], [N, 2 * N])
    draw = Draw(frame[pool], frame[reference], N, load(table).target, seed, chance)
    return FAMILIES[family](draw, "severe"), frame[reference], frame[judge]


def tried(name: str, sides: tuple[pl.DataFrame, ...], target: str) -> list[Tried]:
    """Recommend, and judge every fix by the independent rows."""
    candidate, reference, judge = (Table.of_frame("side", each) for each in sides)
    case = CollapseCase(candidate, reference, target=target)
    plan = recommend(case, clock=time.perf_counter)
    ground = Ground.of(case)
    found = []
    for each in plan.entries:
        repair = applied(each.fixes, ground.fix_case)
        real = ground.gain(ground.made(ground.fix_case, repair), judge)
        found.append(
            Tried(
                name,
                each.name,
                each.place,
                each.standing,
                each.estimated,
                each.gain.value if each.gain else 0.0,
                real.value,
            )
        )
    return found


@pytest.fixture(scope="module")
def trials() -> pl.DataFrame:
    """Try all fixes in some cases, taken in turn from tables and families."""
    tables = [*names_of("held"), *names_of("dev")]
    pairs = [(table, family) for family in WANTED for table in tables]
    order = np.random.default_rng(5).permutation(len(pairs))
    lines: list[Tried] = []
    done = 0
    started = time.process_time()
    for seed, index in enumerate(order):
        table, family = pairs[index]
        if done >= CASES:
            break
        try:
            sides = drawn(table, family, seed)
        except DoesNotApply:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            lines += tried(f"{family} / {table}", sides, load(table).target)
        done += 1
        best = next((each for each in lines if each.case == f"{family} / {table}"), None)
        print(f"{done:3} {time.process_time() - started:7.1f} CPU s  {family} / {table}: {best}")
    return pl.DataFrame([vars(each) for each in lines])


def test_the_first_choice_helps(trials: pl.DataFrame):
    n = trials["case"].n_unique()
    helping = trials.filter(pl.col("standing") == "helps")
    first = helping.filter(pl.col("place") == 0)
    oracle = trials.group_by("case").agg(pl.col("real").max())["real"]
    print(f"\n{n} cases, {trials.height} fixes tried, n = {N} a side")
    for one, two in (("estimated", "verified"), ("verified", "real"), ("estimated", "real")):
        r = trials.select(pl.corr(one, two)).item()
        mae = trials.select((pl.col(one) - pl.col(two)).abs().mean()).item()
        print(f"{one:10} and {two:9} r = {r:.2f}, mean absolute difference {mae:.1f} points")
    print(f"cases in which a fix is proven to help: {first.height}")
    print(f"gain of the first choice {first['real'].sum() / n:+.1f} a case, of the best possible ")
    print(f"{oracle.mean():+.1f}, of any fix {trials['real'].mean():+.1f}")
    print(f"first choices that harm: {(first['real'] < -1).sum()} of {first.height}")
    print(f"fixes said to help that harm: {(helping['real'] < -1).sum()} of {helping.height}")
    for line in first.sort("case").iter_rows(named=True):
        print(f"  {line['case']:50} {line['fix']:28} {line['verified']:+6.1f} {line['real']:+6.1f}")
    assert trials.select(pl.corr("verified", "real")).item() >= 0.8
    assert (first["real"] < -1).mean() <= 0.06
