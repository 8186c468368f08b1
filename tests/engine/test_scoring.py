"""Scores held to tables small enough to count by hand."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.errors import CallError, DataError, QForgeError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.score import ScoreReport

NAN, INF = math.nan, math.inf
GATE = "overall >= 0.8 and completeness >= 0.7 and no failed check and lineage approved"
#: Asks every dimension: completeness 2 fields, validity 1, consistency 1, uniqueness 1.
FULL = {
    "required": ("id", "gap"),
    "ranges": {"gap": "0 .. 50"},
    "rules": {"in order": "homo < lumo"},
    "unique_by": ("id",),
    "outliers": "none",
}
CALCS = {
    "id": [1, 2, 3, 3],
    "gap": [5.0, None, 60.0, 5.0],
    "homo": [-9.0, -9.0, 1.0, None],
    "lumo": [-4.0, -4.0, 0.0, 0.0],
}
HOSTILE = [
    "^.*$", "^a$", "*", "^", "", " ", "row", "is_first", "c0", "o0", "overall",
    "completeness_asked",
    "<img src=x onerror=alert(1)>", "</script>", "=cmd()", "../../x", "\u202eabc", "a\0b",
    "x" * 5_000, "{{7*7}}", "'; drop table run; --", "\x1b[31mred", "a when b", " padded ", "a`b",
]  # fmt: skip


def scored(columns: object, *, approved: bool = False, **card: object) -> ScoreReport:
    frame = columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(columns)
    wanted = Scorecard(**{"ml_ready": GATE, **card})
    return score(Case(Table.of_frame("calcs", frame), wanted, is_lineage_approved=approved))


def column(report: ScoreReport, name: str) -> list[object]:
    return report.rows[name].to_list()


def test_completeness_of_a_row_is_its_share_of_required_fields():
    assert [1.0, 0.5, 1.0, 1.0] == column(scored(CALCS, **FULL), "completeness")


def test_validity_of_a_row_is_over_the_fields_that_hold_a_value():
    assert [1.0, None, 0.0, 1.0] == column(scored(CALCS, **FULL), "validity")


def test_consistency_of_a_row_is_over_the_rules_that_could_be_asked():
    assert [1.0, 1.0, 0.0, None] == column(scored(CALCS, **FULL), "consistency")


def test_the_later_of_two_rows_with_one_key_is_the_duplicate():
    assert [1.0, 1.0, 1.0, 0.0] == column(scored(CALCS, **FULL), "uniqueness")


def test_a_row_is_weighed_over_the_dimensions_that_it_could_answer():
    assert column(scored(CALCS, **FULL), "overall") == pytest.approx([
        1.0,
        (0.25 * 0.5 + 0.30 + 0.10) / 0.65,
        0.25 + 0.10,
        (0.25 + 0.35) / 0.70,
    ])  # fmt: skip


def test_a_table_is_weighed_by_a_quarter_35_30_and_10_hundredths():
    report = scored(CALCS, **FULL)
    assert report.scores == {
        "completeness": 7 / 8,
        "validity": 2 / 3,
        "consistency": 2 / 3,
        "uniqueness": 3 / 4,
        "overall": pytest.approx(0.25 * 7 / 8 + 0.35 * 2 / 3 + 0.30 * 2 / 3 + 0.10 * 3 / 4),
    }


def test_changed_weights_change_the_overall_score():
    report = scored(CALCS, **FULL, weights={"completeness": 3, "validity": 1})
    assert report.scores["overall"] == pytest.approx(0.75 * 7 / 8 + 0.25 * 2 / 3)


def test_a_dimension_of_weight_0_may_decline():
    card = {**FULL, "rules": {}}
    assert scored(CALCS, **card, weights={"consistency": 0}).missing == ()


def test_a_dimension_that_counts_and_declines_makes_every_row_not_certifiable():
    report = scored({"gap": [1.0, 2.0]}, required="gap", ml_ready="overall >= 0")
    assert report.missing[0] == "consistency: no rule is given"
    assert (report.is_certifiable, report.n_ready) == (False, 0)
    assert report.should_exclude(1) == (True, "not certifiable: consistency: no rule is given")


def test_a_score_on_the_threshold_is_ready_although_binary_fractions_are_not_exact():
    weights = {"completeness": 0.1, "validity": 0.7, "consistency": 0.1, "uniqueness": 0.1}
    columns = {"a": [1.0], "b": [2.0], "id": [1], "c": [None]}
    report = scored(
        columns,
        required=("a", "c"),
        ranges={"a": "0 .. 5"},
        rules={"ab": "a < b"},
        unique_by="id",
        weights=weights,
        ml_ready="overall >= 0.95",
    )
    assert (report.rows["overall"][0], report.n_ready) == (0.95, 1)


@pytest.mark.parametrize(
    ("cell", "answers"),
    [
        (1.0, (1.0, 1.0)),
        (None, (0.0, None)),
        (NAN, (0.0, None)),
        (INF, (1.0, 0.0)),
        (-INF, (1.0, 0.0)),
    ],
)
def test_null_and_nan_are_no_value_and_an_infinite_one_is_in_no_range(
    cell: float | None, answers: tuple[float | None, ...]
):
    frame = pl.DataFrame({"gap": [cell]}, schema={"gap": pl.Float64})
    report = scored(frame, required="gap", ranges={"gap": ".. 50"})
    assert answers == (report.rows["completeness"][0], report.rows["validity"][0])


def test_every_check_counts_each_row_once():
    report = scored(CALCS, **FULL)
    counts = {c.name: (c.n_passed, c.n_failed, c.n_not_evaluable) for c in report.checks}
    assert counts == {
        "id": (4, 0, 0),
        "gap": (3, 1, 0),
        "gap in range": (2, 1, 1),
        "in order": (2, 1, 1),
        "unique by id": (3, 1, 0),
    }


def test_a_failing_check_names_row_rule_observed_and_expected():
    assert scored(CALCS, **FULL).bad.rows() == [
        (1, "2", "gap", "completeness", "null", "a value"),
        (2, "3", "gap in range", "validity", "60.0", "0 .. 50"),
        (2, "3", "in order", "consistency", "homo = 1.0, lumo = 0.0", "homo < lumo"),
        (3, "3", "unique by id", "uniqueness", "3", "no earlier row with the same id"),
    ]


def test_a_field_may_be_required_only_where_a_rule_says_so():
    columns = {"gap": [None, None, 1.0], "has_lumo": [True, False, True]}
    report = scored(columns, required="gap when has_lumo")
    assert [0.0, None, 1.0] == column(report, "completeness")


@pytest.mark.parametrize(
    ("values", "allowed", "valid"),
    [
        (["a", "b", None], ("a",), [1.0, 0.0, None]),
        ([1, 2, None], ("1",), [1.0, 0.0, None]),
        ([1.0, 2.5, NAN], ("1", "3"), [1.0, 0.0, None]),
        ([True, False, None], ("True",), [1.0, 0.0, None]),
    ],
)
def test_values_are_compared_as_what_the_column_holds(
    values: list[object], allowed: tuple[str, ...], valid: list[object]
):
    frame = pl.DataFrame({"a": values}, strict=False)
    assert valid == column(scored(frame, values={"a": allowed}), "validity")


def test_a_pattern_is_asked_of_text():
    report = scored({"key": ["AB-1", "x", None]}, patterns={"key": "^[A-Z]+-[0-9]$"})
    assert [1.0, 0.0, None] == column(report, "validity")


def test_a_range_is_converted_to_the_unit_of_the_column():
    report = scored({"d": [5.0, 15.0]}, units={"d": "angstrom"}, ranges={"d": "0 .. 1 nm"})
    assert [1.0, 0.0] == column(report, "validity")


def test_accuracy_is_reported_and_has_no_weight():
    columns = {"e": [1.0, 3.0], "s": [1.0, 1.0], "ref": [1.5, 3.5]}
    report = scored(columns, accuracy={"e": "± s"}, required="e")
    part = next(part for part in report.dimensions if part.name == "accuracy")
    mean = part.estimates[0][1]
    assert (part.weight, part.score, mean.value) == (0.0, None, 2.0)
    assert mean.high - mean.value == pytest.approx(1.96 / math.sqrt(2), abs=1e-3)


@pytest.mark.parametrize(
    "sigma", [[None, NAN], [0.0, -1.0], [INF, INF], [1e-200, 1e-200], [1e200] * 2]
)
def test_accuracy_declines_where_no_error_is_known(sigma: list[float]):
    frame = pl.DataFrame({"e": [1.0, 3.0], "s": sigma}, strict=False)
    report = scored(frame, accuracy={"e": "± s"}, required="e")
    part = next(part for part in report.dimensions if part.name == "accuracy")
    assert part.declined == "no value has a known error"


def test_accuracy_against_a_reference_is_the_mean_deviation():
    report = scored(
        {"e": [1.0, 3.0, None], "r": [1.5, 2.0, 9.0]}, accuracy={"e": "r"}, required="e"
    )
    part = next(part for part in report.dimensions if part.name == "accuracy")
    assert (0.75, 2) == (part.estimates[0][1].value, part.estimates[0][1].n)


def test_outliers_are_marked_in_their_rows():
    report = scored({"a": [1.0, 2.0, 3.0, 4.0, 90.0]}, ranges={"a": "0 .. 100"}, outliers="iqr")
    assert ([4], (("a", 1),)) == (report.rows["is_outlier"].arg_true().to_list(), report.outliers)


def test_bands_hold_every_row_and_say_why():
    report = scored(CALCS, **FULL)
    assert {"excellent": 1, "good": 1, "acceptable": 1, "caution": 0, "exclude": 1} == {
        band.name: band.n_rows for band in report.bands
    }
    reasons = {band.name: band.reasons for band in report.bands}
    assert ("gap in range: 0 .. 50", 1) in reasons["exclude"]


def test_a_table_without_columns_is_one_sentence():
    with pytest.raises(DataError, match="calcs has no columns: nothing can be scored"):
        scored(pl.DataFrame())


def test_an_empty_table_has_no_score_and_nothing_to_certify():
    frame = pl.DataFrame(CALCS).clear()
    report = scored(frame, **FULL)
    assert (report.overall, report.n_ready, report.is_certifiable) == (None, 0, False)
    assert report.missing == ("the table has no rows",)
    assert repr(report)


def test_a_table_of_nulls_is_not_certifiable():
    frame = pl.DataFrame({"a": [None, None], "b": [None, None]})
    report = scored(
        frame, required=("a", "b"), ranges={"a": "0 .."}, rules={"r": "a < b"}, unique_by="*"
    )
    assert report.scores["completeness"] == 0.0
    assert report.missing == (
        "consistency: no row could be asked",
        "validity: no row could be asked",
    ) or (
        set(report.missing)
        == {"validity: no row could be asked", "consistency: no row could be asked"}
    )


def test_one_good_row_scores_1_and_is_not_called_certain():
    report = scored({k: v[:1] for k, v in CALCS.items()}, **FULL, approved=True)
    assert (report.overall.value, report.n_ready) == (1.0, 1)
    assert report.overall.low < 0.5


def test_numbers_of_no_score_are_nan():
    frame = pl.DataFrame({"a": [NAN, INF, -INF, None]}, strict=False)
    report = scored(frame, required="a", ranges={"a": "0 .. 1"}, accuracy={"a": "± a"})
    assert all(math.isfinite(metric.value) for metric in report.metrics())


def many_rows() -> pl.DataFrame:
    random = np.random.default_rng(7)
    n = 1_003
    return pl.DataFrame({
        "id": random.integers(0, 700, n),
        "gap": pl.Series(random.normal(3, 2, n)).set(pl.Series(random.random(n) < 0.1), None),
        "homo": random.normal(-5, 1, n),
        "lumo": random.normal(-4, 1, n),
    })  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 250_000])
def test_the_size_of_batches_changes_nothing(size: int):
    card = Scorecard(**{**FULL, "outliers": "iqr"}, ml_ready=GATE)
    table = Table.of_frame("calcs", many_rows())
    one, other = score(Case(table, card)), score(Case(table, card), batch_rows=size)
    assert one.rows.equals(other.rows)
    assert (one.payload(), repr(one), one.bad.rows()) == (
        other.payload(),
        repr(other),
        other.bad.rows(),
    )


def test_a_lazy_frame_scores_as_the_same_rows_in_memory():
    card = Scorecard(**FULL, ml_ready=GATE)
    frame = many_rows()
    eager = score(Case(Table.of_frame("calcs", frame), card))
    lazy = score(Case(Table("calcs", frame.lazy()), card), batch_rows=100)
    assert eager.rows.equals(lazy.rows)
    assert eager.payload() == lazy.payload()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_may_be_called_anything(name: str):
    frame = pl.DataFrame({"other": [0.0, 0.0, 0.0], name: [1.0, 1.0, None]})
    report = scored(
        frame, required=(name,), ranges={name: "0 .. 5"}, unique_by=("other", name), outliers="iqr"
    )
    assert report.scores["completeness"] == 2 / 3
    assert (report.scores["validity"], report.scores["uniqueness"]) == (1.0, 2 / 3)
    assert [1, 2] == report.bad["row"].to_list()
    assert len(report._repr_mimebundle_()[0]["text/html"]) <= 100_000


def test_ten_thousand_columns_are_asked_in_one_pass():
    width = 10_000
    frame = pl.DataFrame({f"c{i}": [float(i), None] for i in range(width)})
    names = tuple(frame.columns)
    report = scored(frame, required=names, ranges=dict.fromkeys(names, "0 .."), outliers="none")
    assert (report.rows["n_failed"].to_list(), len(report.checks)) == ([0, width], 2 * width)
    assert len(report._repr_mimebundle_()[0]["text/html"]) <= 100_000


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({"required": "gapp"}, "'gapp' is no column of calcs: did you mean 'gap'"),
        ({"ranges": {"gapp": "0 .."}}, "`ranges` names 'gapp'"),
        ({"ranges": {"gap": "much"}}, "'much' is no range"),
        ({"ranges": {"name": "0 .."}}, "needs numbers"),
        ({"values": {"gapp": ["a"]}}, "`values` names 'gapp'"),
        ({"values": {"gap": ["a"]}}, "are numbers and a text came"),
        ({"values": {"list": ["a"]}}, "no set of values"),
        ({"patterns": {"gap": "a"}}, "needs text"),
        ({"patterns": {"name": "("}}, "cannot be used"),
        ({"rules": {"r": "gapp < 1"}}, "'gapp'"),
        ({"unique_by": "gapp"}, "`unique by` names 'gapp'"),
        ({"units": {"gapp": "eV"}}, "`units` names 'gapp'"),
        ({"accuracy": {"gap": "refrence"}}, "`accuracy` names 'refrence'"),
        ({"accuracy": {"gap": "name"}}, "needs numbers"),
        ({"outliers": {"method": "iqr", "columns": ["gapp"]}}, "No column named 'gapp'"),
        ({"ml_ready": "overall >= 0.8 or x"}, "No condition"),
        ({"required": "gap when gapp > 1"}, "'gapp'"),
    ],
)
def test_what_a_card_says_wrongly_is_one_sentence(card: dict[str, object], said: str):
    frame = pl.DataFrame({"gap": [1.0], "name": ["a"], "list": [[1]]})
    with pytest.raises(QForgeError) as caught:
        scored(frame, **card)
    assert said in caught.value.message
    assert caught.value.key


def test_a_row_that_is_not_there_is_one_sentence():
    with pytest.raises(CallError, match="Row 4 was asked for and calcs has rows 0 to 3"):
        scored(CALCS, **FULL).should_exclude(4)


def test_rows_whose_validity_reaches_nine_tenths_are_of_high_confidence():
    names = [f"x{i}" for i in range(10)]
    good, one_off, two_off = [1.0] * 10, [9.0] + [1.0] * 9, [9.0, 9.0] + [1.0] * 8
    rows = pl.DataFrame([good, one_off, two_off, [None] * 10], schema=names, orient="row")
    card = Scorecard(ranges=dict.fromkeys(names, "0 .. 2"), ml_ready="overall >= 0.8")
    report = score(Case(Table.of_frame("t", rows), card))
    assert [True, True, False, None] == report.rows["is_high_confidence"].to_list()
    assert (2, 2 / 3) == (report.n_high_confidence, report.high_confidence)
    assert "rows of validity" in repr(report)
    assert 2 / 3 == pytest.approx(report.payload()["high_confidence"])


def test_a_converted_range_is_shown_as_it_was_written():
    rows = pl.DataFrame({"t": [20.0, 50.0]})
    card = Scorecard(
        units={"t": "degC"}, ranges={"t": "280 .. 310 kelvin"}, ml_ready="overall >= 0.8"
    )
    report = score(Case(Table.of_frame("t", rows), card))
    assert "280 .. 310 kelvin (6.85 .. 36.85 degC)" == report.checks[0].expected
    assert [1] == report.bad["row"].to_list()
