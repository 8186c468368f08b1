"""The report: every question, pair, label and window, and the page that shows them."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.agreement.bootstrap import Resampling
from qforge_jupyter.engine.agreement.coefficients import coefficients_of
from qforge_jupyter.engine.agreement.measuring import Asked, measure_agreement
from qforge_jupyter.engine.agreement.ratings import Roles, read_ratings
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.results.uncertainty import NotApplicable
from tests.engine.agreement.conftest import as_long, long

QUICK = Resampling(n_resamples=200)


def asked(**wanted):  # noqa: ANN003 — the fields of Asked
    return Asked(resampling=QUICK, **wanted)


@pytest.fixture(scope="module")
def frame():
    """400 items, five labelers of whom each rated seven in ten, over forty days."""
    rng = np.random.default_rng(1)
    truth = rng.choice(3, 400, p=[0.5, 0.3, 0.2])
    is_right = rng.random((400, 5)) < [0.95, 0.9, 0.85, 0.7, 0.5]
    numbers = np.where(is_right, truth[:, None], rng.integers(0, 3, (400, 5))).astype(float)
    numbers[rng.random((400, 5)) < 0.3] = np.nan
    return as_long(numbers).with_columns(
        value=pl.col("value").replace_strict([0, 1, 2], ["galaxy", "star", "quasar"]),
        labeler=pl.col("labeler").replace_strict(range(5), ["ada", "ben", "chi", "dov", "eva"]),
        day=pl.date(2026, 3, 1) + pl.duration(days=pl.col("item") // 10),
    )


def test_each_question_has_the_coefficients_that_it_has_alone(frame):
    other = frame.with_columns(value=pl.col("value").reverse())
    both = pl.concat([
        frame.with_columns(asked=pl.lit("kind")),
        other.with_columns(asked=pl.lit("again")),
    ])  # fmt: skip
    report = measure_agreement(both, Roles(question="asked"), asked())
    for name, alone in (("kind", frame), ("again", other)):
        for coefficient, found in coefficients_of(read_ratings(alone), QUICK).items():
            assert report.coefficient(coefficient, name) == found


def test_a_question_with_one_labeler_says_so_and_the_others_are_measured(frame):
    lonely = frame.filter(labeler="ada").with_columns(asked=pl.lit("lonely"))
    both = pl.concat([frame.with_columns(asked=pl.lit("kind")), lonely])
    report = measure_agreement(both, Roles(question="asked"), asked(aggregate="dawid-skene"))
    alone = report.coefficient("Fleiss' kappa", "lonely")
    assert alone == NotApplicable("only one labeler rated, wanted at least two", lonely.height)
    assert report.labels["question"].unique().to_list() == ["kind"]
    assert "only one labeler rated" in repr(report)


def test_rows_without_a_question_are_left_out_and_counted(frame):
    names = pl.when(pl.col("item") < 300).then(pl.lit("kind"))
    report = measure_agreement(frame.with_columns(asked=names), Roles(question="asked"), asked())
    assert report.n_missing == frame.filter(pl.col("item") >= 300).height
    assert f"value or question: {report.n_missing} rows" in repr(report)


def test_specific_agreement_is_how_often_another_confirms_a_label():
    rows = [
        (1, "a", "x"),
        (1, "b", "x"),
        (2, "a", "x"),
        (2, "b", "y"),
        (3, "a", "y"),
        (3, "b", "y"),
    ]
    by_label = measure_agreement(long(rows), asked=asked()).by_label
    # Of the three x two are confirmed, of the three y two.
    assert by_label["specific"].to_list() == pytest.approx([2 / 3, 2 / 3])


def test_windows_hold_every_item_once_and_are_ordered(frame):
    report = measure_agreement(frame, Roles(time="day"), asked(n_windows=4))
    windows = report.over_time
    pairable = report.questions["n_pairable"].item()
    assert windows["n_items"].sum() == pairable
    assert windows["start"].to_list() == sorted(windows["start"])
    assert (windows["end"][:-1] < windows["start"][1:]).all()


def test_a_window_is_measured_as_its_items_are_alone(frame):
    windows = measure_agreement(frame, Roles(time="day"), asked(n_windows=4)).over_time
    first = frame.filter(pl.col("day") <= pl.lit(windows["end"][0]).str.to_date())
    alone = coefficients_of(read_ratings(first), QUICK)["Krippendorff's alpha, nominal"]
    assert windows["alpha"][0] == pytest.approx(alone.value, abs=1e-12)


def test_labels_come_with_posteriors_quality_and_confusion(frame):
    report = measure_agreement(frame, asked=asked(aggregate="dawid-skene"))
    assert report.labels.columns == [
        "question", "item", "label", "posterior", "n_ratings", "is_open",
    ]  # fmt: skip
    assert report.labels["item"].to_list() == sorted(frame["item"].unique())
    assert report.confusion.height == 5 * 3 * 3
    quality = dict(report.labelers.select("labeler", "quality").iter_rows())
    assert quality["ada"] > quality["dov"] > quality["eva"]
    assert set(report.frames()) == {
        "coefficients", "pairs", "by_label", "labelers", "labels", "confusion",
    }  # fmt: skip


def test_a_table_without_two_labelers_is_refused(frame):
    with pytest.raises(DataError, match="names 1 labeler, wanted at least two"):
        measure_agreement(frame.filter(labeler="ada"))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"n_windows": 0}, "There are 0 windows"),
        ({"aggregate": "dawid"}, "did you mean 'dawid-skene'?"),
    ],
)
def test_a_wrong_wish_is_refused(wanted, said):
    with pytest.raises(CallError) as problem:
        Asked(**wanted)
    assert said in str(problem.value)


def test_an_unknown_coefficient_is_answered_with_the_nearest(frame):
    with pytest.raises(CallError, match='did you mean "Fleiss\' kappa"'):
        measure_agreement(frame, asked=asked()).coefficient("Fleiss kappa")


def test_one_frequent_label_is_said_where_it_lowers_alpha():
    rng = np.random.default_rng(2)
    numbers = (rng.random((300, 2)) < 0.05).astype(float)
    report = measure_agreement(as_long(numbers), asked=asked(level="nominal"))
    assert "AC1 is made for that case" in repr(report)


def test_low_agreement_and_open_labels_are_findings(frame):
    report = measure_agreement(frame, asked=asked(aggregate="majority"))
    low, tied = report.findings()
    assert (low.kind, low.statistic) == ("low agreement", report.alpha)
    assert (tied.kind, tied.n_rows) == ("open label", report.n_open)


def test_its_page_is_the_same_for_the_same_data_and_its_payload_is_json(frame):
    wanted = asked(aggregate="one-coin")
    first, again = (
        measure_agreement(each, Roles(time="day"), wanted) for each in (frame, frame.reverse())
    )
    assert repr(first) == repr(again)
    assert json.loads(json.dumps(first.payload())) == first.payload()
    assert {metric.name for metric in first.metrics()} == {
        "percent_agreement",
        "fleiss_kappa",
        "krippendorff_alpha_nominal",
        "gwet_ac1",
        "open_labels",
    }


def test_names_that_are_markup_are_shown_as_text(frame):
    hostile = frame.with_columns(labeler=pl.format("<img src=x>{}", "labeler"))
    page = measure_agreement(hostile, asked=asked())._repr_mimebundle_()[0]["text/html"]
    assert "<img" not in page
    assert len(page) < 100_000
