"""The collapse benchmark's parts, on real tables that the tests' own packages carry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.collapse import planted
from benchmarks.collapse.cases import Spec, build, drawn, enumerate_cases
from benchmarks.collapse.damages.catalogue import FAMILIES
from benchmarks.collapse.damages.labels import flip_labels
from benchmarks.collapse.draw import STRENGTHS, DoesNotApply, Draw
from benchmarks.collapse.exclusions import effects
from benchmarks.collapse.gates import gates
from benchmarks.collapse.generators.catalogue import GENERATORS, generate
from benchmarks.collapse.labelled import labelled
from benchmarks.collapse.methods import Answer, Question
from benchmarks.collapse.negatives import BOOTSTRAP, GENERATOR, HOLD_OUT, NEGATIVES
from benchmarks.collapse.protocol import run
from benchmarks.collapse.rates import Share, auroc, best_threshold
from benchmarks.collapse.report import report
from benchmarks.collapse.tables import DEV, HELD, load, names_of

TABLE = "Superstore"


def damage(family: str, strength: str = "mild", table: str = TABLE) -> Spec:
    return Spec("dev", table, 300, family, "damage", strength, 0)


def test_no_table_is_used_both_for_tuning_and_for_judging():
    assert set() == {source.name for source in DEV} & {source.name for source in HELD}
    assert len(DEV) + len(HELD) >= 34


@pytest.mark.parametrize("name", [*names_of("dev"), *names_of("held")])
def test_a_table_has_rows_for_two_sides_and_its_target(name: str):
    real = load(name)
    assert real.frame.height >= 600
    assert real.target in {"", *real.frame.columns}
    assert {pl.Int64, pl.Float64, pl.String} >= set(real.frame.dtypes)


@pytest.mark.parametrize("family", [name for name in FAMILIES if "generations" not in name])
@pytest.mark.parametrize("strength", STRENGTHS)
def test_a_family_changes_the_rows_and_does_so_again(family: str, strength: str):
    table = "stocks" if family == "rank lowered" else TABLE
    try:
        case = build(damage(family, strength, table))
    except DoesNotApply:
        pytest.skip("does not apply at that strength")
    assert case.reference.schema == case.candidate.schema
    assert not drawn(case.spec).source.sort(pl.all()).equals(case.candidate.sort(pl.all()))
    assert build(case.spec).candidate.equals(case.candidate)


def test_most_families_apply_to_a_mixed_table():
    applied = 0
    for family in FAMILIES:
        if "generations" not in family:
            try:
                build(damage(family, "severe"))
            except DoesNotApply:
                continue
            applied += 1
    assert applied >= 14


def test_shrinking_leaves_the_said_share_of_the_deviation():
    case = build(damage("variance shrunk", "severe", "stocks"))
    before, after = (side["Low"].std() for side in (drawn(case.spec).source, case.candidate))
    assert 0.5 == pytest.approx(after / before, abs=0.01)


def test_labels_that_nothing_foretells_cannot_be_flipped():
    chance = np.random.default_rng(0)
    rows = pl.DataFrame({"x": chance.normal(size=2_000), "side": chance.choice(["a", "b"], 2_000)})

    def flipped(rows: pl.DataFrame) -> pl.DataFrame:
        draw = Draw(rows[:1_500], rows[1_500:], 500, "side", 0, np.random.default_rng(1))
        return flip_labels(draw, 0.4)

    with pytest.raises(DoesNotApply, match="still one sample"):
        flipped(rows)
    told = rows.with_columns(side=pl.when(pl.col("x") > 0).then(pl.lit("a")).otherwise(pl.lit("b")))
    assert 0.6 == pytest.approx((flipped(told)["side"] == told[:500]["side"]).mean(), abs=0.06)
    rare = rows.with_columns(side=pl.Series(np.where(np.arange(2_000) % 10 == 0, "a", "b")))
    assert (flipped(rare)["side"] == "a").mean() > 0.3


def test_cases_are_chosen_by_strength():
    specs = enumerate_cases("dev", [300], 0, [TABLE], ["damage"], ["severe"])
    assert {("damage", "severe")} == {(each.kind, each.strength) for each in specs}


def test_copied_rows_are_rows_of_the_reference():
    case = build(damage("reference copied", "severe", "stocks"))
    shared = case.candidate.join(case.reference, on=case.reference.columns, how="semi")
    assert 180 <= shared.height <= 185


def test_fresh_rows_share_none_with_the_reference():
    case = build(Spec("dev", "stocks", 300, "fresh rows", HOLD_OUT, "none", 0))
    shared = case.candidate.join(case.reference, on=case.reference.columns, how="semi")
    assert shared.height <= 3  # the table repeats a few


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generator_gives_rows_of_the_same_kind(name: str):
    spec = damage("drift")
    real, numbers = drawn(spec).source, drawn(spec).numbers
    made = generate(name, real, numbers, 200, np.random.default_rng(1))
    again = generate(name, real, numbers, 200, np.random.default_rng(1))
    assert real.schema == made.schema
    assert made.equals(again)
    assert set(made["Category"]) <= set(real["Category"])


@pytest.mark.parametrize("name", [name for name in NEGATIVES if "noise" in name])
def test_noise_leaves_whole_numbers_whole(name: str):
    case = build(Spec("dev", TABLE, 300, name, NEGATIVES[name].kind, "none", 0))
    assert pl.Int64 == case.candidate.schema["Quantity"]
    assert case.candidate["Profit"].n_unique() > 280


def test_bounds_of_no_case_in_fifty_three():
    none = Share(0, 53)
    assert 0 == none.low
    assert 1 - 0.025 ** (1 / 53) == pytest.approx(none.high)
    assert 1.0 == Share(53, 53).high


def test_area_counts_ties_half():
    assert 0.5 == auroc(np.array([1.0, 1.0]), np.array([1.0]))
    assert 0.75 == auroc(np.array([0.0, 2.0]), np.array([1.0, 3.0]))


def test_the_best_threshold_parts_what_can_be_parted():
    assert 3.0 == best_threshold(np.array([0.0, 1.0]), np.array([3.0, 4.0]))


def by_twins(asked: Question) -> Answer:
    """Call what has repeated rows collapsed."""
    share = asked.candidate.is_duplicated().mean()
    word = "collapsed" if share > 0.1 else "fit"
    return Answer(share, word, 100 * (1 - share), is_copying=share > 0.1, is_damage=False)


def test_a_run_goes_on_where_it_stopped(tmp_path: Path):
    specs = enumerate_cases("dev", [300], 0, ["stocks"], [HOLD_OUT, BOOTSTRAP])
    path = tmp_path / "rows.parquet"
    first = run(specs, {"twins": by_twins}, path=path, cases=3)
    both = run(specs, {"twins": by_twins}, path=path, cases=4, resume=True)
    assert (3, 7) == (first.height, both.height)
    assert first["id"].to_list() == both["id"].head(3).to_list()
    assert "bootstraps flagged as copying" in report(both)


def test_what_a_method_raises_is_a_row(tmp_path: Path):
    def broken(asked: Question) -> Answer:  # noqa: ARG001 — it never looks
        raise ValueError("no")

    specs = enumerate_cases("dev", [300], 0, ["stocks"], [HOLD_OUT])
    rows = run(specs, {"broken": broken}, path=tmp_path / "rows.parquet", cases=2)
    assert ["ValueError: no"] * 2 == rows["error"].to_list()


def test_few_hold_outs_pass_no_gate():
    specs = enumerate_cases("dev", [300], 0, ["stocks"], [HOLD_OUT])
    rows = run(specs, {"twins": by_twins}, cases=4)
    assert not gates(labelled(rows))[0].holds


def test_what_is_counted_is_said_with_its_effect():
    rows = pl.DataFrame({
        "id": ["a", "b", "c", "d"], "method": "check", "n": 300, "table": "t", "family": "f",
        "kind": [HOLD_OUT, GENERATOR, "damage", "damage"],
        "strength": ["none", "none", "mild", "severe"],
        "utility": [None, 0.95, None, None], "statistic": [0.0, 2.0, 1.0, 3.0],
        "verdict": ["fit", "collapsed", "fit", "collapsed"],
    })  # fmt: skip
    found = {name: rest for name, *rest in effects(labelled(rows))}
    assert ["1.000", Share(1, 2), Share(0, 1)] == found["as stated"]
    assert ["1.000", Share(0, 1), Share(0, 1)] == found["no generator is harmless"]
    assert ["0.750", Share(1, 2), Share(1, 2)] == found["mild damage is damage"]


@pytest.mark.parametrize("kind", ["shrunk", "copied", "labels flipped", "scrambled"])
def test_planted_rows_are_those_that_changed(kind: str):
    case = planted.plant(kind, TABLE, 0.2, 0, n=300)
    assert 300 == case.candidate.height
    assert 15 <= case.is_bad.sum() <= 60
    if kind == "copied":
        shared = case.candidate.filter(pl.Series(case.is_bad))
        assert shared.height == shared.join(case.reference, on=shared.columns, how="semi").height


def test_a_localizer_that_knows_finds_all():
    known = planted.plant("copied", TABLE, 0.2, 0)

    def oracle(*_: object) -> np.ndarray:
        return known.is_bad.astype(float)

    found = planted.judge(oracle, [TABLE], ["copied"]).filter(pl.col("share") == 0.2)
    assert (1.0, 1.0) == found.select("auroc", "precision").row(0)
