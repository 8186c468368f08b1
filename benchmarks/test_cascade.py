"""What a cascade takes, and how often it is right, against one full fit of the same models.

The truth is the gap of the full fit on ten times as many held-out rows; a decision is whether
that gap is above .05.
"""

from __future__ import annotations

import time

import numpy as np
import polars as pl
import pytest

from benchmarks.collapse.damages.catalogue import FAMILIES
from benchmarks.collapse.draw import Draw
from benchmarks.collapse.tables import load
from qforge_jupyter.engine.collapse.cascade import climbing
from qforge_jupyter.engine.collapse.cascade.case import CascadeCase
from qforge_jupyter.engine.collapse.cascade.climbing import climb
from qforge_jupyter.engine.collapse.cascade.metrics import worth_of
from qforge_jupyter.engine.collapse.cascade.proxies import predict
from qforge_jupyter.engine.collapse.cascade.rungs import Step
from qforge_jupyter.engine.collapse.cascade.targets import Target
from qforge_jupyter.engine.one_thread import one_thread
from qforge_jupyter.frames import Table

N, TOLERATED = 4_000, 0.05
INPUTS = [f"x{i}" for i in range(6)]


def rows_of(seed, n):
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(n, 6))
    z = x[:, 0] + x[:, 1] * x[:, 2] + 0.7 * x[:, 3] + chance.normal(size=n)
    return pl.DataFrame(x, schema=INPUTS).with_columns(
        y=pl.when(pl.Series(z > 0)).then(pl.lit("yes")).otherwise(pl.lit("no"))
    )


def turned(rows, share, seed):
    """Turn the labels of a share of the rows."""
    is_turned = pl.Series(np.random.default_rng(seed).random(rows.height) < share)
    other = pl.when(pl.col("y") == "yes").then(pl.lit("no")).otherwise(pl.lit("yes"))
    return rows.with_columns(y=pl.when(is_turned).then(other).otherwise("y"))


DAMAGES = {
    "none": lambda rows, seed: rows,  # noqa: ARG005 — a family of functions
    "labels turned 10 %": lambda rows, seed: turned(rows, 0.1, seed),
    "labels turned 25 %": lambda rows, seed: turned(rows, 0.25, seed),
    "labels turned 50 %": lambda rows, seed: turned(rows, 0.5, seed),
    "column scrambled": lambda rows, seed: rows.with_columns(
        pl.col("x0").shuffle(seed), pl.col("x1").shuffle(seed + 1)
    ),
    "variance halved": lambda rows, seed: rows.with_columns(  # noqa: ARG005 — as above
        pl.col(INPUTS) * 0.5
    ),
    "rows repeated 20 times": lambda rows, seed: rows.sample(rows.height // 20, seed=seed).select(
        pl.all().repeat_by(20).explode()
    ),
}


def full_gap(candidate, real, judged):
    """Fit the trees on all rows of either side, once."""
    target = Target("y", "auc", ("no", "yes"), np.arange(6))

    def worth(rows):
        features = rows.select(INPUTS).to_numpy().astype(np.float32)
        asked = judged.select(INPUTS).to_numpy().astype(np.float32)
        said = predict("trees", target, features, target.values(rows), asked, seed=1)
        return worth_of("auc", target.values(judged), said).value

    with one_thread():
        return worth(real) - worth(candidate)


def test_the_cost_of_a_cascade_and_its_decisions():
    judged, right, clear = rows_of(99, 20_000), [], []
    print(f"\n{'damage':<24}{'full':>7}{'last':>7}{'interval':>17}{'rows':>7}{'CPU s':>7}  verdict")
    for index, (name, damage) in enumerate(DAMAGES.items()):
        for seed in (index, index + 20):
            real, candidate = rows_of(seed + 100, N * 3 // 2), damage(rows_of(seed, N), seed)
            truth = full_gap(candidate, real.head(N), judged)
            tables = Table.of_frame("synth", candidate), Table.of_frame("real", real)
            start = time.process_time()
            found = climb(CascadeCase(*tables, "y", tolerance=TOLERATED))
            seconds = time.process_time() - start
            gap, share = found.gap, found.rows_fitted / found.rows_full
            right.append((gap.value > TOLERATED) == (truth > TOLERATED))
            if found.verdict != "not clear":
                clear.append(((found.verdict == "costs") == (truth > TOLERATED), share))
            print(
                f"{name:<24}{truth:>7.3f}{gap.value:>7.3f}{gap.low:>8.3f} …{gap.high:>7.3f}"
                f"{share:>7.0%}{seconds:>7.1f}  {found.verdict}"
            )
    print(
        f"decision by the last rung right in {np.mean(right):.0%} of {len(right)}; clear verdicts "
        f"right in {np.mean([each for each, _ in clear]):.0%} of {len(clear)}, "
        f"median rows fitted {np.median([share for _, share in clear]):.0%} of one full fit"
    )
    assert np.mean(right) >= 0.8
    assert np.mean([each for each, _ in clear]) >= 0.9


def dealt(name, n, seed):
    """Deal n rows of a real table, the same with labels flipped, and real rows beside them."""
    table = load(name)
    order = np.random.default_rng(seed).permutation(table.frame.height)
    pool, real = table.frame[order[: 2 * n]], table.frame[order[2 * n : 2 * n + n * 3 // 2]]
    draw = Draw(pool, real, n, table.target, seed, np.random.default_rng(seed))
    return {"fresh": draw.source, "flipped": FAMILIES["labels flipped"](draw, "severe")}, real


def cpu_s(case):
    """Climb, and say what it took."""
    start = time.process_time()
    found = climb(case)
    return found, time.process_time() - start


@pytest.mark.parametrize("n", [10_000, 14_000])
def test_the_cost_of_a_cascade_on_real_tables(monkeypatch, n):
    climb(CascadeCase(*(Table.of_frame("warm", rows_of(seed, 600)) for seed in (1, 2)), "y"))
    print(f"\n{'table':<12}{'rows':>7}  {'candidate':<10}{'cascade':>9}{'full fit':>9}{'ratio':>7}")
    for name in ("diamonds", "Hdma", "shuttle"):
        if load(name).frame.height < 7 * n // 2:
            continue
        candidates, real = dealt(name, n, 3)
        for what, candidate in candidates.items():
            tables = Table.of_frame("synth", candidate), Table.of_frame("real", real)
            case = CascadeCase(*tables, load(name).target)
            found, seconds = cpu_s(case)
            with monkeypatch.context() as only:
                only.setattr(climbing, "steps_of", lambda n: [Step(n, 1)])
                _, full = cpu_s(case)
            print(
                f"{name:<12}{n:>7,}  {what:<10}{seconds:>9.2f}{full:>9.2f}{seconds / full:>7.2f}"
                f"  {found.verdict} after {len(found.rungs)} rungs"
            )
            assert found.verdict != {"fresh": "costs"}.get(what, "costs nothing that matters")
