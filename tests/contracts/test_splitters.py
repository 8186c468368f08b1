"""What every way to split keeps, whoever wrote it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.engine.splitters import SPLITTERS
from qforge_jupyter.engine.splitting import Memory, SplitCase, split
from qforge_jupyter.frames import Table

SMILES = [
    "c1ccccc1", "Cc1ccccc1", "CCO", "OCC", "CCCC", "c1ccncc1", "Cc1ccncc1", "C1CCCCC1",
    "CC1CCCCC1", "c1ccc2ccccc2c1", "CC(=O)O", "c1ccsc1", "CN", "CCN", "CCCN", "OC1CCCCC1",
    "c1ccoc1", "Cc1ccoc1", "C1CC1", "CC1CC1",
]  # fmt: skip
#: What each splitter is asked, and the column whose equal values it keeps together.
PLANS: dict[str, tuple[dict[str, object], str]] = {
    "random": ({}, "id"),
    "stratified": ({"stratify": ["x in 3 bins", "label"]}, "id"),
    "group": ({"group": ["patient"]}, "patient"),
    "stratified-group": ({"group": ["patient"], "stratify": ["label"]}, "patient"),
    "time": ({"time": "day"}, "day"),
    "scaffold": ({"group": ["scaffold(smiles)"]}, "smiles"),
    "similarity": ({"similar": "smiles within 0.3"}, "smiles"),
}
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def rows(n: int, seed: int, start: int = 0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "id": range(start, start + n),
            "x": [None if value > 2 else value for value in random.normal(size=n).tolist()],
            "label": random.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1]),
            "patient": random.integers(0, max(n // 4, 20), n),
            "day": random.integers(start, start + n, n),
            "smiles": random.choice(SMILES, n),
        }
    )


def divide(frame: pl.DataFrame, strategy: str, **more: object):
    memory = more.pop("memory", None)
    seed = more.pop("seed", 42)
    plan = SplitPlan.model_validate({**PLANS[strategy][0], **more})
    assert plan.strategy == strategy
    return split(SplitCase(Table.of_frame("t", frame), plan, seed=seed, memory=memory))


def place_of(frame: pl.DataFrame, found, column: str = "part") -> dict[int, object]:
    return dict(zip(frame["id"], found.assignment[column], strict=True))


def test_every_member_is_asked_for_by_some_plan():
    assert set(SPLITTERS.names()) == set(PLANS)


@pytest.mark.parametrize("strategy", PLANS)
@FEW
@given(n=st.integers(60, 200), seed=st.integers(0, 10**6))
def test_parts_do_not_overlap_and_cover_every_row(strategy, n, seed):
    frame = rows(n, seed)
    found = divide(frame, strategy, seed=seed)
    ids = [i for name in found.part_names for i in found[name]["id"]]
    left_out = found.excluded["row"].to_list()
    assert sorted([*ids, *(frame["id"][row] for row in left_out)]) == frame["id"].to_list()
    assert all(found.assignment.filter(pl.col("part").is_null())["reason"].is_not_null())


@pytest.mark.parametrize("strategy", PLANS)
@FEW
@given(n=st.integers(60, 200), seed=st.integers(0, 10**6))
def test_what_belongs_together_stays_together_in_parts_and_folds(strategy, n, seed):
    frame = rows(n, seed)
    together = PLANS[strategy][1]
    for column, found in (
        ("part", divide(frame, strategy, seed=seed)),
        ("fold_1", divide(frame, strategy, seed=seed, folds=3)),
    ):
        places = frame.with_columns(found.assignment[column].cast(pl.String).alias("place"))
        counts = places.group_by(together).agg(pl.col("place").n_unique())
        assert counts["place"].max() == 1


@pytest.mark.parametrize("strategy", PLANS)
@FEW
@given(n=st.integers(60, 200), seed=st.integers(0, 10**6))
def test_the_order_of_rows_and_columns_does_not_matter(strategy, n, seed):
    frame = rows(n, seed)
    turned = frame.sample(fraction=1, shuffle=True, seed=seed).select(reversed(frame.columns))
    for more, column in (({}, "part"), ({"folds": 3}, "fold_1")):
        here, there = (divide(each, strategy, **more) for each in (frame, turned))
        assert place_of(frame, here, column) == place_of(turned, there, column)


@pytest.mark.parametrize("strategy", PLANS)
@FEW
@given(n=st.integers(60, 150), added=st.integers(1, 150), seed=st.integers(0, 10**6))
def test_no_old_row_moves_when_a_remembered_split_grows(strategy, n, added, seed):
    frame = rows(n, seed)
    # A few rows may hold nothing but nulls in a column.
    grown = pl.concat([rows(added, seed + 1, start=n), frame], how="vertical_relaxed")
    for more, column in (({}, "part"), ({"folds": 3}, "fold_1")):
        before = divide(frame, strategy, **more)
        memory = Memory(before.assignment, before.edges)
        after = divide(grown, strategy, memory=memory, **more)
        old, new = place_of(frame, before, column), place_of(grown, after, column)
        assert {row: new[row] for row in old if old[row] is not None} == {
            row: place for row, place in old.items() if place is not None
        }


@pytest.mark.parametrize("strategy", ["random", "stratified", "group", "stratified-group"])
def test_shares_stay_within_a_percent_when_a_remembered_split_grows(strategy):
    frame = rows(2_000, 3)
    memory = None
    for n in (2_000, 2_200, 3_000, 6_000):
        # A row of a known group has no choice, so these are new groups.
        new = rows(n - 2_000, 4, start=2_000).with_columns(pl.col("patient") + 2_000)
        found = divide(pl.concat([frame, new]), strategy, memory=memory)
        memory = Memory(found.assignment, found.edges)
        assert (found.summary["share"] - found.summary["asked"]).abs().max() <= 0.01


@pytest.mark.parametrize("strategy", ["random", "stratified"])
def test_without_memory_nothing_moves_where_the_hash_suffices(strategy):
    frame = rows(60_000, 5)
    grown = pl.concat([rows(20_000, 6, start=60_000), frame])
    before, after = divide(frame, strategy), divide(grown, strategy)
    old, new = place_of(frame, before), place_of(grown, after)
    n_moved = sum(old[row] != new[row] for row in old)
    assert n_moved <= before.n_moved + after.n_moved
    if strategy == "random":
        assert (before.n_moved, after.n_moved, n_moved) == (0, 0, 0)


@pytest.mark.parametrize("strategy", [name for name in PLANS if name != "time"])
def test_another_seed_divides_otherwise(strategy):
    frame = rows(200, 7)
    first, second = (divide(frame, strategy, seed=seed).part_of for seed in (1, 2))
    assert not first.equals(second)


@pytest.mark.parametrize("strategy", PLANS)
def test_folds_validate_each_row_once_and_never_train_on_it(strategy):
    frame = rows(200, 8)
    found = divide(frame, strategy, folds=4)
    validated = np.zeros(200, dtype=int)
    for train, validation in found.split(frame):
        assert not set(train) & set(validation)
        validated[validation] += 1
    placed = found.assignment["fold_1"].fill_null(-1).to_numpy() >= 0
    assert (validated == placed).all()
    assert placed.all() or strategy == "time"


@pytest.mark.parametrize("strategy", [name for name in PLANS if name != "time"])
def test_repeats_fold_otherwise_each_time(strategy):
    found = divide(rows(200, 9), strategy, folds=4, repeats=3)
    assert found.get_n_splits() == 12
    assert len({tuple(found.assignment[f"fold_{r}"]) for r in (1, 2, 3)}) == 3


@pytest.mark.parametrize("strategy", PLANS)
def test_folds_beside_parts_divide_the_first_part_only(strategy):
    found = divide(rows(300, 10), strategy, parts={"train": 0.8, "test": 0.2}, folds=3)
    in_folds = found.assignment["fold_1"].is_not_null()
    assert in_folds.equals((found.part_of == "train").fill_null(value=False))
