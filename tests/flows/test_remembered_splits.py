"""Splits of stored datasets are remembered without being asked, whatever they are made by."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qforge_jupyter as qf
from qforge_jupyter.engine.splitters import SPLITTERS
from qforge_jupyter.errors import CallError
from tests.contracts.test_splitters import PLANS, rows

FEW = settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
MADE = {"parts": ({}, "part"), "folds": ({"folds": 4}, "fold_1")}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with qf.open(str(tmp_path_factory.mktemp("lab")), tracker="none", actor="ann") as ws:
        yield ws


def place_of(frame, found, column):
    return dict(zip(frame["id"], found.assignment[column], strict=True))


def grown(frame, added, seed, *, new_patients=False):
    more = rows(added, seed, start=frame.height)
    if new_patients:  # a row of a known group has no choice
        more = more.with_columns(pl.col("patient") + 1_000_000 + seed)
    return pl.concat([more, frame]).sample(fraction=1, shuffle=True, seed=seed)


def name_of(strategy, made, seed):
    return f"{strategy}/{made}-{seed}"


def test_every_strategy_is_asked():
    assert set(SPLITTERS.names()) == set(PLANS)


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("strategy", PLANS)
@FEW
@given(
    sizes=st.lists(st.integers(60, 200), min_size=3, max_size=4),
    seed=st.integers(0, 10**6),
)
def test_no_old_row_of_a_stored_dataset_moves_when_it_grows(lab, strategy, made, sizes, seed):
    plan, column = {**PLANS[strategy][0], **MADE[made][0], "leaks": False}, MADE[made][1]
    frame, name = rows(sizes[0], seed), name_of(strategy, made, f"{seed}-{sum(sizes)}")
    lab.commit(frame, to=name, by=["id"])
    known = place_of(lab.checkout(name).frame, lab.split(name, **plan), column)
    for step, count in enumerate(sizes[1:], 1):
        frame = grown(frame, count, seed + step)
        lab.commit(frame, to=name)
        here = place_of(lab.checkout(name).frame, lab.split(name, **plan), column)
        assert {row: here[row] for row in known if known[row] is not None} == {
            row: place for row, place in known.items() if place is not None
        }
        known = here


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("strategy", ["random", "stratified", "group", "stratified-group"])
def test_shares_are_within_a_percent_at_all_times_from_a_thousand_rows_on(lab, strategy, made):
    plan, column = {**PLANS[strategy][0], **MADE[made][0], "leaks": False}, MADE[made][1]
    frame, name = rows(1_000, 3), name_of(strategy, made, "shares")
    lab.commit(frame, to=name, by=["id"])
    for step, count in enumerate((0, 1, 30, 400, 1_500, 3_000)):
        if count:
            frame = grown(frame, count, 10 + step, new_patients=True)
            lab.commit(frame, to=name)
        found = lab.split(name, **plan)
        held = found.assignment[column].value_counts(normalize=True)
        asked = found.shares or dict.fromkeys(range(4), 1 / 4)
        shares = dict(held.iter_rows())
        assert max(abs(shares[bin_] - share) for bin_, share in asked.items()) <= 0.01


def test_the_name_is_said_and_is_the_same_for_the_same_settings_only(lab):
    lab.commit(rows(100, 1), to="golden/calcs", by=["id"])
    made = lab.split("golden/calcs", stratify="label")
    assert made.name.startswith("golden-calcs.stratified-")
    assert f"Kept as {made.name}: split again with these settings" in repr(made)
    assert made.name == lab.split("golden/calcs", stratify="label").name
    assert repr(made) == repr(lab.split("golden/calcs", stratify="label"))
    others = [
        lab.split("golden/calcs", **plan).name
        for plan in ({}, {"stratify": "label", "folds": 3}, {"stratify": "patient"})
    ]
    assert 4 == len({made.name, *others})
    assert made["train"].equals(lab.unseal(f"{made.name}/train").frame)


def test_a_made_split_can_be_sealed_and_does_not_copy_its_rows(lab):
    lab.commit(rows(100, 2), to="sealed", by=["id"])
    made = lab.split("sealed", seal="test")
    kept = lab.context.store.splits.latest(made.name)
    assert ("", ("test",)) == (kept.rows, kept.sealed)
    with pytest.raises(qf.errors.SealedError):
        lab.unseal(f"{made.name}/test")
    assert 15 == pytest.approx(lab.unseal(f"{made.name}/test", reason="end").frame.height, abs=1)


def test_rows_that_were_away_for_a_while_come_back_to_their_place(lab):
    frame = rows(400, 4)
    lab.commit(frame, to="away", by=["id"])
    before = place_of(frame, lab.split("away", stratify="label"), "part")
    for kept in (frame.head(150), frame.tail(150), frame):
        lab.commit(kept, to="away")
        after = place_of(lab.checkout("away").frame, lab.split("away", stratify="label"), "part")
        assert {row: before[row] for row in after} == after


def test_rows_left_out_for_a_while_come_back_to_their_place(lab):
    frame = rows(300, 5)
    before = lab.split(frame, as_="left-out", key=["id"], only="id >= 0", stratify="label")
    gone = frame.with_columns(
        id=pl.when(pl.col("id") < 100).then(-pl.col("id") - 1).otherwise("id")
    )
    lab.split(gone, as_="left-out", key=["id"], only="id >= 0", stratify="label")
    after = lab.split(frame, as_="left-out", key=["id"], only="id >= 0", stratify="label")
    assert before.part_of.equals(after.part_of)


def test_a_part_of_a_made_split_is_read_after_rows_were_forgotten(lab):
    lab.commit(rows(100, 6), to="forgetful", by=["id"])
    made = lab.split("forgetful")
    train = made["train"]
    gone = train["id"][0]
    lab.forget("forgetful", where=f"id == {gone}", reason="asked to")
    assert train.filter(pl.col("id") != gone).equals(lab.unseal(f"{made.name}/train").frame)


def test_components_that_new_rows_join_are_told(lab):
    apart = pl.DataFrame({"id": range(40), "x": [float(i) for i in range(40)]})
    lab.commit(apart, to="joined", by=["id"])
    assert 0 == lab.split("joined", similar="x within 0.6").n_divided
    between = pl.DataFrame({"id": range(40, 60), "x": [i + 0.5 for i in range(20)]})
    lab.commit(pl.concat([apart, between]), to="joined")
    after = lab.split("joined", similar="x within 0.6")
    assert "divided units" in {each.kind for each in after.findings()}


GROWTH = {
    "random": "rows whose hash lies next to the border of two can move to another part",
    "stratified": "rows whose hash lies next to the border of two can move to another part",
    "group": "whole groups can move to another part",
    "stratified-group": "whole groups can move to another part",
    "time": "rows next to a border in time can move to another part",
    "scaffold": "whole scaffolds can move to another part",
    "similarity": "whole components can move to another part",
}


@pytest.mark.parametrize("strategy", PLANS)
def test_a_variable_without_a_name_is_told_which_rows_could_move(lab, strategy):
    frame = rows(100, 7)
    said = repr(lab.split(frame, leaks=False, **PLANS[strategy][0]))
    assert f"When the table grows, {GROWTH[strategy]}: split it  as NAME" in said
    named = repr(lab.split(frame, leaks=False, as_=f"named-{strategy}", **PLANS[strategy][0]))
    assert "When the table grows" not in named


def test_where_the_hash_alone_decides_nothing_is_said_and_no_row_moves(lab):
    frame = pl.DataFrame({"id": np.arange(400_000)})
    before = lab.split(frame, leaks=False)
    assert "When the table grows" not in repr(before)
    after = lab.split(pl.concat([frame, frame + 400_000]), leaks=False)
    assert before.part_of.equals(after.part_of[:400_000])


def test_another_plan_under_a_made_name_is_refused(lab):
    lab.commit(rows(50, 8), to="plans", by=["id"])
    name = lab.split("plans").name
    with pytest.raises(CallError, match="is kept with other"):
        lab.split("plans", as_=name, stratify="label")
