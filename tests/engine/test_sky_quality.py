"""How good a sky dataset is: each dimension against what is known of the rows."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from qforge_jupyter.engine.sky_dimensions import SKY_DIMENSIONS, SkyCase
from qforge_jupyter.engine.sky_quality import assess, read_bounds, refusals
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.sky_quality import Scored
from qforge_jupyter.results.uncertainty import NotApplicable

#: Ten good cut-outs of one field.
GOOD: dict[str, list[Any]] = {
    "noise": [5.0] * 10, "background": [100.0] * 10, "saturated": [0.0] * 10, "blank": [0.0] * 10,
    "fwhm": [3.0] * 10, "field": ["f"] * 10, "object": [f"o{i}" for i in range(10)],
}  # fmt: skip


def frame(**more: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({**GOOD, **more})


def scored(name: str, rows: pl.DataFrame, surveys: tuple[str, ...] = ()) -> Any:
    return SKY_DIMENSIONS.get(name).measure(SkyCase(rows, surveys))


@pytest.mark.parametrize(
    ("column", "bad", "issue"),
    [
        ("noise", 11.0, "twice as noisy"),
        ("background", 126.0, "off those of their field"),
        ("saturated", 0.006, "saturated"),
        ("blank", 0.06, "without more than 5 %"),
        ("fwhm", 6.1, "twice as wide"),
    ],
)
def test_one_fault_of_five_in_two_of_ten_cut_outs_costs_a_twentyfifth(column, bad, issue):
    found = scored("image-quality", frame(**{column: [bad, bad, *GOOD[column][2:]]}))
    assert pytest.approx(1 - 0.2 * 0.2) == found.score
    assert ["2"] == [each.rsplit(": ")[-1] for each in found.issues if issue in each]
    assert [0.8, 0.8, *[1.0] * 8] == pytest.approx(found.rows.to_list())


def test_a_question_that_a_cut_out_cannot_answer_does_not_count():
    found = scored("image-quality", frame(fwhm=[None] * 10, noise=[20.0, *[5.0] * 9]))
    assert [0.75, *[1.0] * 9] == found.rows.to_list()


def test_surveys_are_compared_with_themselves():
    rows = frame(noise=[50.0] * 5 + [5.0] * 5, survey=["deep"] * 5 + ["wide"] * 5)
    assert 1.0 == scored("image-quality", rows).score


def test_labels_are_consistent_as_far_as_an_object_has_one_type():
    rows = frame(
        object=["a", "a", "a", "b", "b", *"cdefg"],
        anomaly_type=["x", "x", "y", "z", "z", *["q"] * 5],
    )
    found = scored("label-consistency", rows)
    assert 4 / 5 == found.score
    assert ("objects with more than one anomaly type: 1",) == found.issues


def test_anomalies_and_what_is_none_are_both_wanted():
    both = scored("anomaly-ratio", frame(anomaly_type=["None", "normal", *["flare"] * 8]))
    alone = scored("anomaly-ratio", frame(anomaly_type=["flare"] * 10))
    assert (1.0, (), 0.0) == (both.score, both.issues, alone.score)
    assert ("less than 1 % are detections that are none",) == alone.issues


def test_a_survey_without_detections_is_told():
    rows = frame(survey=["hst"] * 10)
    found = scored("survey-coverage", rows, ("hst", "ztf"))
    assert (0.5, ("no detection of ztf is left",)) == (found.score, found.issues)
    assert 1.0 == scored("survey-coverage", rows).score


@pytest.mark.parametrize(
    "times",
    [
        [date(2024, 1, 1), date(2024, 4, 30), *[date(2024, 2, 2)] * 8],
        [60000.0, 60091.0, *[60031.0] * 8],
    ],
    ids=["dates", "MJD"],
)
def test_months_without_detections_are_counted(times):
    found = scored("temporal-distribution", frame(observed_at=times))
    assert (0.75, ("1 of 4 months hold no detection",)) == (found.score, found.issues)


@pytest.mark.parametrize("name", SKY_DIMENSIONS.names())
def test_a_dimension_measures_or_says_why_not(name):
    member = SKY_DIMENSIONS.get(name)
    assert 0 < member.WEIGHT <= 1
    for rows in (frame(), frame().clear(), frame(anomaly_type=[None] * 10, survey=[None] * 10)):
        found = scored(name, rows)
        if isinstance(found, NotApplicable):
            assert found.reason
        else:
            assert isinstance(found, Scored)
            assert 0 <= found.score <= 1


def test_the_whole_is_the_weighted_mean_of_what_was_measured():
    rows = frame(noise=[11.0, 11.0, *[5.0] * 8], survey=["hst"] * 10)
    report = assess(rows, ("hst", "ztf"), name="sky")
    assert pytest.approx((0.5 * 0.96 + 0.1 * 0.5) / 0.6) == report.quality_score
    assert {"label-consistency", "anomaly-ratio", "temporal-distribution"} == set(
        report.not_measured
    )
    told = report.payload()
    asked = {"total_samples", "anomaly_ratio", "image_quality_score", "label_consistency",
             "temporal_distribution", "survey_coverage", "quality_score", "issues"}  # fmt: skip
    assert asked <= set(told)
    assert (10, None, 2) == (told["total_samples"], told["anomaly_ratio"], len(told["issues"]))
    assert "no object was detected twice" not in repr(report)
    assert "no detection has an anomaly type" in repr(report)


def test_bounds_refuse_what_lies_below_and_what_was_not_measured():
    report = assess(frame(noise=[11.0, 11.0, *[5.0] * 8]), name="sky")
    assert () == refusals(report, read_bounds("quality < 0.8"))
    assert ("image quality is 0.960, < 0.97",) == refusals(
        report, read_bounds("image_quality < 97%")
    )
    assert (
        "label consistency could not be measured: no detection has an anomaly type",
    ) == refusals(report, read_bounds("quality < 0.8 or label_consistency < 0.5"))


@pytest.mark.parametrize("text", ["quality", "quality > 0.8", "speed < 0.8", "quality < x"])
def test_what_is_no_bound_is_refused(text):
    with pytest.raises(CallError):
        read_bounds(text)
