"""The golden score: four dimensions of labeled examples, with truths known by construction."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qforge_jupyter.engine.band_moves import band_moves, count_moves
from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scorecards import SCORECARDS
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table

RNG = np.random.default_rng(0)
TIERS = pl.DataFrame({
    "x": np.repeat([0.0, 9.0], 30) + RNG.normal(size=60),
    "tier": ["A"] * 30 + ["B"] * 30,
    "verified_by": ["ada"] * 60,
    "rationale": ["size"] * 60,
})  # fmt: skip


def golden(frame, examples=None, **body):  # noqa: ANN003 — keys of a card
    table = Table.of_frame("tiers", frame)
    card = SCORECARDS.get("golden").build(table)
    if examples or body:
        card = Scorecard(**({"examples": examples} if examples else {}), **body).over(card)
    return score(Case(table, card))


def check(report, name):
    return next(each for each in report.checks if each.name == name)


def failing(report, name):
    return check(report, name).failing.tolist()


def test_it_counts_thirty_forty_fifteen_fifteen():
    report = golden(TIERS)
    weights = {part.name: part.weight for part in report.dimensions if part.weight}
    assert weights == {
        "correctness": 0.4, "completeness": 0.3, "clarity": 0.15, "representativeness": 0.15,
    }  # fmt: skip
    assert 1.0 == report.overall.value
    assert {"gold"} == set(report.rows["band"])


@pytest.mark.parametrize(
    ("overall", "band"),
    [(1.0, "gold"), (0.9, "gold"), (0.8999, "silver"), (0.75, "silver"), (0.7499, "bronze"),
     (0.6, "bronze"), (0.5999, "rejected"), (0.0, "rejected")],
)  # fmt: skip
def test_the_tiers_begin_at_ninety_seventy_five_and_sixty(overall, band):
    from qforge_jupyter.engine.bands import band_of

    card = SCORECARDS.get("golden").build(Table.of_frame("t", TIERS))
    frame = pl.DataFrame({"overall": [overall]})
    assert band == frame.select(band_of("overall", card.bands, card.lowest)).item()


def test_an_unverified_example_among_its_like_lacks_half_of_correctness():
    report = golden(TIERS.with_columns(
        verified_by=pl.when(pl.int_range(60) == 4).then(pl.lit("")).otherwise("verified_by")
    ))  # fmt: skip
    assert [4] == failing(report, "verified by people")
    assert 0.5 == report.rows["correctness"][4]
    assert ("silver", 0.8) == (report.rows["band"][4], report.rows["overall"][4])


@pytest.mark.parametrize(
    ("label", "outcome"),
    [
        (pl.Series([0, 1] * 30), pl.Series([0.0, 1.0] * 30)),
        (pl.Series([0, 1] * 30), pl.Series([False, True] * 30)),
        (pl.Series([0.0, 1.0] * 30), pl.Series([False, True] * 30)),
        (pl.Series(["0", "1"] * 30), pl.Series([0, 1] * 30)),
    ],
)
def test_a_label_and_an_outcome_of_other_types_say_the_same(label, outcome):
    wrong = outcome.scatter(7, outcome[8])
    empty = wrong.scatter(9, None)
    report = golden(TIERS.with_columns(tier=label, outcome=empty))
    assert [7] == failing(report, "matches the outcome")
    assert 58 == check(report, "matches the outcome").n_passed


def test_a_label_unlike_its_neighbours_and_unlike_its_outcome_is_not_correct():
    wrong = TIERS.with_columns(outcome="tier").with_columns(
        tier=pl.when(pl.int_range(60) == 7).then(pl.lit("B")).otherwise("tier")
    )
    report = golden(wrong)
    assert [7] == failing(report, "consistent with similar examples")
    assert [7] == failing(report, "matches the outcome")
    assert 1 / 3 == pytest.approx(report.rows["correctness"][7])


def test_an_example_between_two_classes_is_not_clear():
    middle = pl.DataFrame({"x": [4.5], "tier": ["A"], "verified_by": ["ada"], "rationale": ["?"]})
    even = pl.DataFrame({"x": np.r_[np.zeros(20), np.full(20, 9.0)] + np.arange(40) / 100})
    even = even.with_columns(
        tier=pl.Series(["A"] * 20 + ["B"] * 20), verified_by=pl.lit("ada"), rationale=pl.lit("s")
    )
    tight = pl.DataFrame({"x": [4.4, 4.45, 4.55, 4.6], "tier": ["A", "B", "A", "B"]}).with_columns(
        verified_by=pl.lit("ada"), rationale=pl.lit("s")
    )
    report = golden(pl.concat([even, tight, middle]), {"neighbors": 4})
    assert 44 in failing(report, "clear of the boundary")
    assert not set(failing(report, "clear of the boundary")) & set(range(40))


def test_labelers_who_differ_make_a_label_ambiguous():
    asked = TIERS.with_columns(
        ann="tier", ben="tier",
        chi=pl.when(pl.int_range(60) < 2).then(pl.lit("C")).otherwise("tier"),
        dan=pl.when(pl.int_range(60) < 1).then(pl.lit("D")).otherwise(None),
    )  # fmt: skip
    report = golden(asked, {"labelers": ["ann", "ben", "chi", "dan"]})
    assert [0] == failing(report, "labelers agree")  # 2 of 4; the next has 2 of 3


def test_edge_cases_have_to_be_explained_and_to_be_there_in_every_class():
    marked = TIERS.with_columns(
        edge_case=pl.int_range(60) < 3, notes=pl.when(pl.int_range(60) != 1).then(pl.lit("odd"))
    )
    report = golden(marked)
    documented = check(report, "edge case documented")
    assert ([1], 2, 57) == (
        documented.failing.tolist(), documented.n_passed, documented.n_not_evaluable
    )  # fmt: skip
    assert list(range(30, 60)) == failing(report, "edge cases")


def test_a_class_that_crowds_out_the_other_is_out_of_balance():
    assert not failing(golden(TIERS[:40]), "class balance")  # 30 to 10: one and a half
    assert list(range(30)) == failing(golden(TIERS[:39]), "class balance")


def test_rare_kinds_are_not_covered():
    kinds = TIERS.with_columns(site=(pl.int_range(60) < 3).cast(pl.String))
    assert [0, 1, 2] == failing(golden(kinds, {"cover": ["site"]}), "coverage")


def test_what_cannot_be_measured_declines_and_is_not_certified():
    report = golden(pl.DataFrame({"x": [1.0, 2.0]}))
    declined = {part.name: part.declined for part in report.dimensions if part.declined}
    assert "no column of labels" in declined["correctness"]
    assert not report.is_certifiable
    assert {"correctness", "clarity", "representativeness"} == {
        each.partition(":")[0] for each in report.missing
    }


def test_too_few_labels_are_not_compared():
    report = golden(TIERS[[0, 1, 58, 59]].drop("verified_by", "rationale"))
    reasons = " ".join(report.missing)
    assert "4 labels of 2 classes are too few" in reasons


def test_usual_cards_know_nothing_of_examples():
    report = score(
        Case(Table.of_frame("t", TIERS), Scorecard(required="x", ml_ready="overall >= 0.8"))
    )
    assert "correctness" not in report.rows.columns
    assert {"examples", "lowest"}.isdisjoint(report.card)


def test_a_gate_may_ask_for_the_dimensions_of_the_card():
    report = golden(TIERS, ml_ready="correctness >= 0.9 and clarity >= 0.9")
    assert 60 == report.n_ready


def test_the_body_of_the_report_makes_the_same_card():
    from qforge_jupyter.language.body import read_body
    from qforge_jupyter.language.validation import validate

    report = golden(TIERS)
    again = validate(Scorecard, read_body(report.body))
    assert again.examples == Scorecard(**report.card).examples
    assert again.shares() == Scorecard(**report.card).shares()


@pytest.mark.parametrize("key", ["target", "verified", "outcome", "boundary", "edge_case"])
def test_a_column_that_is_not_there_is_told_with_the_nearest(key):
    with pytest.raises(CallError, match="did you mean 'rationale'"):
        golden(TIERS, {key: "rational"})


@pytest.mark.parametrize("key", ["cover", "labelers", "features"])
def test_columns_that_are_not_there_are_told(key):
    with pytest.raises(CallError, match="did you mean 'tier'"):
        golden(TIERS, {key: ["tierr", "x"]})


def test_a_change_of_tier_names_what_moved_it():
    old = golden(TIERS)
    new = golden(TIERS.with_columns(
        verified_by=pl.when(pl.int_range(60) > 2).then("verified_by"),
        x=pl.when(pl.int_range(60) != 50).then("x"),
        rationale=pl.when(pl.int_range(60) != 2).then("rationale"),
    ))  # fmt: skip
    moves = band_moves(old, new)
    told = {row: (a, b, what) for row, a, b, what in moves.select(
        "row_after", "from", "to", "component").iter_rows()}  # fmt: skip
    assert told[0] == ("gold", "silver", "correctness")
    assert told[2] == ("gold", "bronze", "correctness")  # .4 / 2 and .15 / 2
    assert 0 < moves.height
    assert ("gold", "silver", "correctness", 2) in count_moves(moves)
    assert band_moves(old, old).is_empty()


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.integers(0, 10_000))
def test_the_named_part_goes_the_way_of_the_whole(seed):
    rng = np.random.default_rng(seed)
    states = [
        TIERS.with_columns(
            pl.Series("verified_by", rng.choice(["ada", ""], 60).tolist()),
            pl.Series("rationale", rng.choice(["why", ""], 60).tolist()),
        )
        for _ in range(2)
    ]
    old, new = map(golden, states)
    moves = band_moves(old, new)
    assert (moves["part"] * moves["change"] > 0).all()
    gap = (new.rows["overall"] - old.rows["overall"])[moves["row_after"]]
    assert moves["change"].to_list() == pytest.approx(gap.to_list(), abs=1e-9)
