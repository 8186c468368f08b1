"""Planted bad rows are found, with a reason, a region and what is missing."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from planting import KINDS, plant, table
from sklearn.metrics import roc_auc_score

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.localizing.localizing import localize
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.frames import Table

CANCER = table("breast_cancer")
#: What each kind reaches at least; one draw, so below what kinds reach in the mean.
LEAST = dict.fromkeys(KINDS, 0.8) | {
    "copied": 0.99, "nearly copied": 0.98, "repeated": 0.98, "pair broken": 0.6,
}  # fmt: skip
STRONG = ("copied", "nearly copied", "repeated", "flipped", "outlying", "noise", "drifted")


@pytest.fixture(scope="module")
def found():
    return {kind: (planted := plant(kind, CANCER), localize(planted.case)) for kind in KINDS}


def auroc(planted, result):
    return roc_auc_score(planted.is_bad, result.scores["score"])


@pytest.mark.parametrize("kind", KINDS)
def test_bad_rows_of_every_kind_rank_above_the_others(found, kind):
    assert LEAST[kind] <= auroc(*found[kind])


def test_a_dozen_kinds_are_found_as_well_as_promised(found):
    assert 0.85 <= np.mean([auroc(*each) for each in found.values()])


@pytest.mark.parametrize("kind", STRONG)
def test_the_first_rows_are_bad(found, kind):
    planted, result = found[kind]
    first = result.rows["row"].head(10).to_numpy()
    assert 0.8 <= planted.is_bad[first].mean()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("copied", "copied from the reference"),
        ("nearly copied", "copied from the reference"),
        ("repeated", "repeats another row"),
        ("outlying", "a value rare in the reference"),
    ],
)
def test_the_reason_is_the_kind_of_damage(found, kind, reason):
    assert reason == found[kind][1].rows["reason"].head(20).mode().sort()[0]


def test_the_column_that_lies_out_is_named_and_drawn():
    planted = plant("none", CANCER)
    shown = planted.candidate.with_columns(
        pl.when(pl.int_range(pl.len()) < 40).then(999.0).otherwise("mean texture")
        .alias("mean texture")
    )  # fmt: skip
    result = localize(
        CollapseCase(Table.of_frame("synth", shown), Table.of_frame("real", planted.reference)),
        top=40,
    )
    assert set(range(40)) == set(result.rows["row"])
    assert "mean texture" == result.overlays[0].caption
    assert all("mean texture" in each for each in result.rows["columns"].to_list())


def test_a_name_with_a_comma_is_blamed_as_one_column():
    planted = plant("none", CANCER)
    named = {"mean texture": "mean, of texture", "mean radius": "mean"}
    candidate, reference = planted.candidate.rename(named), planted.reference.rename(named)
    shown = candidate.with_columns(
        pl.when(pl.int_range(pl.len()) < 40).then(999.0).otherwise("mean, of texture")
        .alias("mean, of texture")
    )  # fmt: skip
    result = localize(
        CollapseCase(Table.of_frame("synth", shown), Table.of_frame("real", reference)), top=40
    )
    assert all("mean, of texture" in each for each in result.rows["columns"].to_list())
    assert "mean, of texture" in repr(result)


def test_sound_data_has_nobody_that_stands_out():
    result = localize(plant("none", CANCER).case)
    assert (0, (), ()) == (result.n_unlike, result.regions, result.missing_regions)
    assert 0.5 < result.rows["share_healthy"].min()
    assert () == result.findings()
    assert "stands out beyond chance" in result.document().verdict


def test_the_order_of_rows_changes_nothing():
    planted = plant("outlying", CANCER)
    tables = planted.candidate, planted.reference
    backwards = [each.reverse() for each in tables]
    once, again = (
        localize(CollapseCase(Table.of_frame("s", s), Table.of_frame("r", r), "target"))
        for s, r in (tables, backwards)
    )
    assert once.scores["score"].to_list() == again.scores["score"].reverse().to_list()
    assert once.regions == again.regions


def customers(n, rng):
    return pl.DataFrame({
        "id": rng.permutation(n), "age": rng.integers(18, 80, n),
        "plan": rng.choice(list("ABC"), n),
        "spend": rng.lognormal(3, 1, n).round(2),
    })  # fmt: skip


def test_a_region_that_is_missing_is_a_rule_with_its_counts():
    rng = np.random.default_rng(0)
    synth, real = customers(2000, rng), customers(4000, rng)
    lost = (pl.col("age") > 61) & (pl.col("plan") == "C")
    synth = synth.filter(~lost)
    result = localize(CollapseCase(Table.of_frame("synth", synth), Table.of_frame("real", real)))
    (region,) = result.missing_regions
    age, plan = region.rule.split(" and ")
    assert "plan = 'C'" == plan
    assert 59 <= int(age.removeprefix("age > ")) <= 64
    assert region.n_candidate < 0.1 * region.expected
    assert region.low <= region.ratio <= region.high < 0.3
    missing = real[result.missing["row"].head(50)]
    assert 0.9 <= missing.select(lost.mean()).item()


def test_a_region_with_too_many_rows_can_be_filtered_by_its_rule():
    from qforge_jupyter.rules.expressions import read_filter

    rng = np.random.default_rng(1)
    synth, real = customers(2000, rng), customers(2000, rng)
    spot = {"age": 30, "plan": "B"}
    extra = customers(200, rng).with_columns(pl.lit(v).alias(k) for k, v in spot.items())
    synth = pl.concat([synth, extra], how="vertical_relaxed")
    result = localize(CollapseCase(Table.of_frame("synth", synth), Table.of_frame("real", real)))
    held = synth.filter(read_filter(result.regions[0].rule, synth.schema))
    assert [(30, "B")] == held.select("age", "plan").unique().rows()


def test_some_rows_of_the_reference_are_judged_as_if_they_were_the_candidate():
    from qforge_jupyter.engine.collapse.localizing.case import RowCase
    from qforge_jupyter.engine.collapse.localizing.judging import judge

    case = RowCase.of(CollapseCase(Table.of_frame("s", CANCER[300:]), Table.of_frame("r", CANCER)))
    judged = judge(case.swapped(np.arange(0, 300, 3)), ("isolation", "single-column"))
    assert 100 == len(judged.score)


def test_without_a_target_labels_are_not_judged():
    planted = plant("flipped", CANCER)
    case = CollapseCase(
        Table.of_frame("s", planted.candidate), Table.of_frame("r", planted.reference)
    )
    declined = localize(case).channels.filter(pl.col("declined") != "")
    told = dict(declined.select("channel", "declined").iter_rows())
    assert "no target was named" == told["label-loss"] == told["influence"]


NOTHING = pl.Series([None] * 60, dtype=pl.Float64)
HOSTILE = {
    "one row": pl.DataFrame({"x": [1.5], "y": ["a"]}),
    "ten rows": pl.DataFrame({"x": np.arange(10) / 3, "y": ["a", "b"] * 5}),
    "constant beside a number": pl.DataFrame({"x": np.arange(60) / 7, "y": ["a"] * 60}),
    "all null beside a number": pl.DataFrame({"x": np.arange(60) / 7, "y": NOTHING}),
    "mostly null": pl.DataFrame({"x": [1.5, 2.5] + [None] * 58, "y": np.arange(60) / 7}),
    "names that are patterns": pl.DataFrame({"^.*$": np.arange(60) / 7, "*": ["a", "b"] * 30}),
    "infinite": pl.DataFrame({"x": [np.inf, -np.inf, 1.5, np.nan] * 15, "y": np.arange(60) / 7}),
    "few distinct rows": pl.DataFrame({"x": ["a", "b"] * 40, "y": [True, False] * 40}),
    "hostile text": pl.DataFrame({"<b>`x`": ["</td><script>", "'\"\\"] * 30, "y": range(60)}),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_any_table_gets_a_page_and_valid_json(kind):
    frame = HOSTILE[kind]
    tables = Table.of_frame("synth", frame), Table.of_frame("real", frame.reverse())
    if frame.height == 1:
        with pytest.raises(DataError, match="No column of synth and real can be compared"):
            localize(CollapseCase(*tables))
        return
    result = localize(CollapseCase(*tables, frame.columns[-1]), top=5)
    bundle, _ = result._repr_mimebundle_()
    assert len(bundle["text/html"]) <= 100_000
    assert "<script>" not in bundle["text/html"]
    json.dumps(result.payload(), allow_nan=False)
    n_listed = 5 if frame.height > 40 else 0
    assert (n_listed, frame.height - n_listed) == (result.frame.height, result.kept.height)


def test_of_too_few_rows_none_is_listed_and_the_page_says_why():
    frame = HOSTILE["ten rows"]
    result = localize(CollapseCase(Table.of_frame("s", frame), Table.of_frame("r", frame)))
    assert 0 == result.rows.height
    assert "No row was judged: 10 rows on one side, and it takes 40." == result.notes[0]


def test_no_rows_and_no_common_column_are_refused_in_a_sentence():
    frame = CANCER.head(50)
    with pytest.raises(DataError, match="s has no rows"):
        localize(CollapseCase(Table.of_frame("s", frame.clear()), Table.of_frame("r", frame)))
    other = pl.DataFrame({"other": [1.5, 2.5]})
    with pytest.raises(DataError, match="can be compared"):
        localize(CollapseCase(Table.of_frame("s", other), Table.of_frame("r", frame)))
    with pytest.raises(CallError, match="did you mean 'target'"):
        CollapseCase(Table.of_frame("s", frame), Table.of_frame("r", frame), "targe")
