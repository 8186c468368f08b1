"""Splits of single tables: what is left out, what is refused, what is said."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.engine.splitting import Memory, SplitCase, split
from qforge_jupyter.errors import CallError, DataError, SealedError
from qforge_jupyter.frames import Table

N = 100
ROWS = pl.DataFrame(
    {
        "id": range(N),
        "gap": [i / 10 for i in range(N)],
        "label": ["a" if i % 4 else "b" for i in range(N)],
        "patient": [i // 5 for i in range(N)],
        "day": [dt.date(2026, 1, 1) + dt.timedelta(days=i // 2) for i in range(N)],
        "none": pl.Series([None] * N, dtype=pl.String),
    }
)


def divide(frame=ROWS, *, seed=42, reasons=None, memory=None, **plan: object):
    case = SplitCase(
        Table.of_frame("calcs", frame),
        SplitPlan.model_validate(plan),
        seed=seed,
        reasons=reasons,
        memory=memory,
    )
    return split(case)


def counts(found):
    return dict(found.summary.select("part", "rows").iter_rows())


def test_the_usual_parts_have_their_shares():
    assert list(counts(divide())) == ["train", "validation", "test"]
    assert list(counts(divide()).values()) == pytest.approx([70, 15, 15], abs=1)


@pytest.mark.parametrize("parts", [{"train": 80, "test": 20}, {"train": 0.8, "test": 0.2}])
def test_percent_and_fractions_mean_the_same(parts):
    assert divide(parts=parts).shares == {"train": 0.8, "test": 0.2}
    assert divide(parts=parts).part_of.equals(divide(parts={"train": "80", "test": "20"}).part_of)


def test_rows_of_equal_content_stay_together():
    twice = pl.concat([ROWS, ROWS])
    found = divide(twice)
    assert found.part_of[:N].equals(found.part_of[N:])


def test_a_key_decides_instead_of_the_content():
    changed = ROWS.with_columns(gap=pl.col("gap") * 2)
    here, there = (divide(each, key=["id"]).part_of for each in (ROWS, changed))
    assert here.equals(there)
    assert not divide(ROWS).part_of.equals(divide(changed).part_of)


def test_every_class_has_its_share_in_every_part():
    found = divide(stratify=["label"], parts={"train": 60, "test": 40})
    assert (found.classes["share"] - found.classes["overall"]).abs().max() <= 0.02


def test_a_number_is_stratified_by_its_quantiles():
    found = divide(stratify=["gap in 4 bins"], parts={"train": 60, "test": 40})
    assert found.classes["rows"].to_list() == pytest.approx([15] * 4 + [10] * 4, abs=1)
    assert found.edges["gap"] == pytest.approx((0.0, 2.475, 4.95, 7.425, 9.9))
    assert found.numbers["mean"].to_list() == pytest.approx([4.95, 4.95], abs=0.4)


def test_rows_without_a_value_are_a_stratum_of_their_own():
    lacking = ROWS.with_columns(
        gap=pl.when(pl.col("id") % 10 == 0)
        .then(None)
        .when(pl.col("id") % 10 == 1)
        .then(math.nan)
        .otherwise("gap")
    )
    found = divide(lacking, stratify=["gap in 2 bins"], parts={"train": 50, "test": 50})
    nothing = found.classes.filter(pl.col("class") == "no value")
    assert nothing["rows"].to_list() == pytest.approx([10, 10], abs=1)
    assert found.numbers["n_missing"].sum() == 20


def test_a_row_without_a_group_stands_alone():
    lacking = ROWS.with_columns(patient=pl.when(pl.col("id") < 10).then(None).otherwise("patient"))
    found = divide(lacking, group=["patient"])
    assert found.n_units == 18 + 10
    assert found.notes == ("10 rows have no group and stand alone",)


def test_several_group_columns_are_taken_together():
    assert divide(group=["patient", "label"]).n_units == ROWS.n_unique(["patient", "label"])


LINKED = pl.DataFrame(
    {
        "patient": ["p1", "p1", "p2", "p3", None, None, "p4", "s1", *(f"q{i}" for i in range(20))],
        "site": ["s1", "s2", "s2", "s3", "s3", None, "s4", None, *(f"t{i}" for i in range(20))],
    }
)


def test_rows_that_share_either_value_stay_together_directly_or_through_others():
    found = divide(LINKED, group=["patient or site"], parts={"train": 50, "test": 50})
    # p1, s1, s2, p2 are one; p3, s3 another; one row has neither; s1 is no patient.
    assert found.n_units == 5 + 20
    parts = found.part_of.to_list()
    assert (len(set(parts[:3])), len(set(parts[3:5]))) == (1, 1)
    assert found.notes == ("1 rows have no group and stand alone",)
    turned = divide(LINKED.reverse(), group=["patient or site"], parts={"train": 50, "test": 50})
    assert turned.part_of.reverse().equals(found.part_of)


def test_linked_rows_are_the_components_that_brute_force_finds():
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"a": random.integers(0, 150, 200), "b": random.integers(0, 150, 200)})
    found = divide(frame, group=["a or b"], parts={"train": 50, "test": 50})
    left, n_components = set(range(200)), 0
    rows = frame.rows()
    while left:
        reached, n_components = [left.pop()], n_components + 1
        while reached:
            a, b = rows[reached.pop()]
            joined = {row for row in left if rows[row][0] == a or rows[row][1] == b}
            left -= joined
            reached += joined
    assert n_components == found.n_units
    for name in ("a", "b"):
        held = frame.with_columns(found.part_of).group_by(name).agg(pl.col("part").n_unique())
        assert held["part"].max() == 1


def test_a_large_group_of_linked_rows_is_told():
    frame = pl.DataFrame({"a": [0] * 30 + list(range(1, 71)), "b": range(100)})
    found = divide(frame, group=["a or b"], parts={"train": 50, "test": 50})
    assert found.notes == ("the largest group of linked rows holds 30% of them",)


def test_linked_groups_can_be_stratified():
    frame = ROWS.with_columns(site=pl.col("id") // 7)
    found = divide(frame, group=["patient or site"], stratify=["label"], parts={"a": 50, "b": 50})
    assert found.strategy == "stratified-group"
    places = frame.with_columns(found.part_of)
    for name in ("patient", "site"):
        assert places.group_by(name).agg(pl.col("part").n_unique())["part"].max() == 1


def test_parts_in_time_follow_each_other_and_ties_stay_together():
    found = divide(time="day", parts={"train": 55, "test": 45})
    train, test = found["train"]["day"], found["test"]["day"]
    assert train.max() < test.min()
    assert (train.len(), test.len()) in {(54, 46), (56, 44)}


def test_the_gap_is_taken_from_the_end_of_the_earlier_part():
    found = divide(time="day", gap="7 days", parts={"train": 50, "test": 50})
    start = found["test"]["day"].min()
    assert found["train"]["day"].max() == start - dt.timedelta(days=7)
    assert found.excluded["reason"].unique().to_list() == ["in the gap before the next part"]
    assert found.excluded.height == 2 * 6


def test_folds_in_time_chain_forward_with_their_gap():
    found = divide(time="day", gap="3 days", folds=4)
    days = ROWS["day"].to_numpy()
    pairs = list(found.split(ROWS))
    assert len(pairs) == 4
    for train, validation in pairs:
        assert days[train].max() == days[validation].min() - np.timedelta64(3, "D")
    assert [len(train) for train, _ in pairs] == sorted(len(train) for train, _ in pairs)


def test_a_row_without_a_time_is_left_out_with_the_reason():
    lacking = ROWS.with_columns(day=pl.when(pl.col("id") == 3).then(None).otherwise("day"))
    found = divide(lacking, time="day")
    assert found.excluded.rows() == [(3, "no time")]


def test_new_rows_in_time_follow_the_ones_before_them():
    found = divide(time="day", parts={"train": 50, "test": 50})
    later = ROWS.with_columns(id=pl.col("id") + N, day=pl.col("day") + pl.duration(days=100))
    grown = divide(
        pl.concat([ROWS, later]),
        time="day",
        parts={"train": 50, "test": 50},
        memory=Memory(found.assignment, found.edges),
    )
    assert grown.part_of[:N].equals(found.part_of)
    assert grown.part_of[N:].unique().to_list() == ["test"]
    assert "missed share" in {each.kind for each in grown.findings()}


MOLECULES = pl.DataFrame(
    {
        "id": range(24),
        "smiles": ["c1ccccc1C", "CCc1ccccc1", "CCO", "OCC", "CCCC", "c1ccncc1", "CN", "C1CCC1"] * 3,
    }
)


def test_old_rows_that_are_not_found_again_are_said():
    found = divide()
    memory = Memory(found.assignment, found.edges)
    fewer = divide(ROWS.head(90), memory=memory)
    assert (90, 10) == (fewer.n_remembered, fewer.n_forgotten)
    assert "forgotten rows" in [each.kind for each in fewer.findings()]
    widened = divide(ROWS.with_columns(new=pl.lit(1)), memory=memory)
    assert ["forgotten rows"] == [each.kind for each in widened.findings()]
    assert "name a row by `key`" in widened.findings()[0].note


def test_molecules_of_one_scaffold_stay_together():
    found = divide(MOLECULES, group=["scaffold(smiles)"], parts={"train": 50, "test": 50})
    places = MOLECULES.with_columns(found.part_of)
    for alike in (["c1ccccc1C", "CCc1ccccc1"], ["CCO", "OCC"]):
        assert places.filter(pl.col("smiles").is_in(alike))["part"].n_unique() == 1
    # Two with rings of six, one of four; four chains, of which two are ethanol.
    assert found.n_units == 6
    assert found.notes == ("12 molecules without a ring stand alone",)


@pytest.mark.parametrize("how", [{"group": ["scaffold(smiles)"]}, {"similar": "smiles"}])
def test_what_is_no_molecule_is_left_out(how):
    bad = pl.concat([MOLECULES, pl.DataFrame({"id": [98, 99], "smiles": ["C(", None]})])
    found = divide(bad, **how)
    assert found.excluded.rows() == [(24, "no valid SMILES"), (25, "no valid SMILES")]


def test_rows_that_are_near_through_others_stay_together():
    chain = pl.DataFrame({"x": [0.0, 0.15, 0.3, 0.45, 5.0, 5.1, 9.0, 12.0], "y": [0.0] * 8})
    found = divide(chain, similar="x, y within 0.2", parts={"train": 50, "test": 50})
    assert found.n_units == 4
    again = divide(chain, similar=["x", "y"], within=0.2, parts={"train": 50, "test": 50})
    assert again.part_of.equals(found.part_of)
    for within in (0.2, "0.2"):
        similar = {"columns": ["x", "y"], "within": within}
        again = divide(chain, similar=similar, parts={"train": 50, "test": 50})
        assert again.part_of.equals(found.part_of)
    parts = found.part_of.to_list()
    assert (len(set(parts[:4])), len(set(parts[4:6]))) == (1, 1)


def test_rows_that_cannot_be_compared_are_left_out():
    odd = pl.DataFrame({"x": [0.0, 1.0, 2.0, 3.0, math.inf, math.nan, None]})
    found = divide(odd, similar="x within 0.1", parts={"a": 50, "b": 50})
    assert found.excluded["row"].to_list() == [4, 5, 6]


def test_what_was_left_out_before_keeps_its_reason():
    reasons = pl.Series([None] * 90 + ["not gap < 9"] * 10, dtype=pl.String)
    found = divide(reasons=reasons)
    assert found.excluded["reason"].to_list() == ["not gap < 9"] * 10
    assert sum(counts(found).values()) == 90


def test_a_column_may_be_named_like_a_pattern():
    odd = ROWS.rename({"patient": "^.*$", "label": "*"})
    found = divide(odd, group=["^.*$"], stratify=["*"], key=["^.*$", "id"])
    assert found.n_units == 20
    with pytest.raises(DataError, match="100 rows"):
        divide(ROWS.rename({"none": "^.*$"}), key=["^.*$"])


def test_a_sealed_part_is_refused_and_the_others_are_not():
    found = divide(seal=["test"])
    with pytest.raises(SealedError, match="--unseal"):
        found["test"]
    with pytest.raises(SealedError, match="--unseal"):
        found.torch("test")
    assert [part.height for part in found.parts] == [
        counts(found)["train"],
        counts(found)["validation"],
    ]
    sealed = divide(seal=["test"], parts={"train": 70, "test": 30})
    with pytest.raises(SealedError):
        list(sealed.split())


def test_a_class_that_a_part_lacks_is_a_finding():
    rare = ROWS.with_columns(label=pl.when(pl.col("id") == 0).then(pl.lit("c")).otherwise("label"))
    kinds = [each.kind for each in divide(rare, stratify=["label"]).findings()]
    assert kinds == ["class absent from a part"] * 2
    folded = divide(rare, stratify=["label"], folds=5)
    assert {each.kind for each in folded.findings()} == {"class thin in a fold"}


BAD = {
    "parts that make no whole": ({"parts": {"a": 50, "b": 60}}, "add up to 110"),
    "one part": ({"parts": {"a": 100}}, "at least two parts"),
    "a part of nothing": ({"parts": {"a": 100, "b": 0}}, "share above 0"),
    "a part that is no number": ({"parts": {"a": math.nan, "b": 1}}, "share above 0"),
    "a part with a slash": ({"parts": {"a/b": 50, "b": 50}}, "without blanks, slashes"),
    "no such column": ({"stratify": ["gpa"]}, "did you mean 'gap'"),
    "no such group": ({"group": ["pateint"]}, "did you mean 'patient'"),
    "no such SMILES": ({"group": ["scaffold(lable)"]}, "did you mean 'label'"),
    "no such key": ({"key": ["idd"]}, "did you mean 'id'"),
    "no such time": ({"time": "dya"}, "did you mean 'day'"),
    "a group that nobody has": ({"group": ["none"]}, "Every row lacks the group"),
    "more folds than groups": ({"group": ["patient"], "folds": 21}, "20 groups cannot fill 21"),
    "one fold": ({"folds": 1}, "'folds' lies between 2"),
    "repeats alone": ({"repeats": 3}, "needs `folds`"),
    "strata of single rows": ({"stratify": ["id"], "folds": 5}, "gap in 10 bins"),
    "bins of text": ({"stratify": ["label in 3 bins"]}, "cannot be cut into bins"),
    "one bin": ({"stratify": ["gap in 1 bins"]}, "2 to 1,000 bins"),
    "time and group": ({"time": "day", "group": ["patient"]}, "can be neither"),
    "similar and group": ({"similar": "gap within 1", "group": ["patient"]}, "groups of its own"),
    "a gap without time": ({"gap": "7 days"}, "name the column with `time`"),
    "a gap of words": ({"time": "day", "gap": "a week or so"}, "length of time"),
    "a gap in no unit": ({"time": "day", "gap": "7 dyas"}, "did you mean 'day'"),
    "a time of words": ({"time": "label"}, "no order in time"),
    "numbers without a distance": ({"similar": "gap"}, "within 0.2"),
    "a distance that is none": ({"similar": "gap within far"}, "is a distance"),
    "an or beside another": ({"group": ["patient or label", "id"]}, "stands alone"),
    "an or of a scaffold": ({"group": ["scaffold(label) or id"]}, "stands alone"),
    "an or of no column": ({"group": ["patient or lable"]}, "did you mean 'label'"),
    "an or of one column": ({"group": ["patient or patient"]}, "names one column twice"),
    "an or of nothing": ({"group": ["none or none2"]}, "No column named 'none2'"),
    "a mapping of other keys": ({"similar": {"column": ["gap"]}}, "did you mean 'columns'"),
    "a mapping of no column": ({"similar": {"within": 0.2}}, "names columns"),
    "a mapping of a number": ({"similar": {"columns": 0.2}}, "names columns"),
    "a mapping with two distances": (
        {"similar": {"columns": ["gap"], "within": 1}, "within": 2.0},
        "stands twice",
    ),
    "two distances": ({"similar": "gap within 1", "within": 2.0}, "stands twice"),
    "a distance alone": ({"within": 2.0}, "with `similar`"),
    "a distance below zero": ({"similar": "gap", "within": -1.0}, "is a distance"),
    "no such part to seal": ({"seal": ["tset"]}, "No part named 'tset' to seal"),
    "a column twice": ({"group": ["patient", "patient"]}, "names one column twice"),
    "a quality beyond 1": ({"quality": 1.5}, "between 0 and 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_done_is_refused_in_one_sentence(name):
    plan, said = BAD[name]
    with pytest.raises(DataError) as problem:
        divide(**plan)
    assert said in problem.value.message
    assert "\n" not in problem.value.message


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(CallError, match="A seed lies between"):
        divide(seed=seed)


def test_an_empty_table_and_one_without_a_row_left_are_refused():
    with pytest.raises(DataError, match="no rows to split"):
        divide(ROWS.head(0))
    with pytest.raises(DataError, match="None of the 100 rows"):
        divide(reasons=pl.Series(["no"] * N))


def test_a_key_that_a_row_lacks_is_refused():
    with pytest.raises(DataError, match="The key 'none' is missing in 100 rows"):
        divide(key=["none"])


def test_the_text_says_what_the_data_decides():
    assert repr(divide(stratify=["label"])) == repr(divide(ROWS.reverse(), stratify=["label"]))
    assert "100 of 100 rows in 3 parts (stratified, seed 42)" in repr(divide(stratify=["label"]))
