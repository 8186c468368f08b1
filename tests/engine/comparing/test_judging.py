"""Verdicts against tolerances, groups, and the coverage of intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.comparing import compare
from qforge_jupyter.engine.comparing.judging import judge
from qforge_jupyter.engine.comparing.question import Question, Tolerance
from qforge_jupyter.results.compared import Estimate


def frames(errors, **more: Any):
    ids = [f"m{at}" for at in range(len(errors))]
    mine = pl.DataFrame({"id": ids, "gap": np.asarray(errors, dtype=float) + 1, **more})
    return mine, pl.DataFrame({"id": ids, "gap": [1.0] * len(errors)})


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ((0.1, 0.5), "within"),
        ((0.4, 0.6), "not enough data to say"),
        ((0.51, 0.6), "beyond"),
        ((None, None), "not enough data to say"),
    ],
)
def test_the_interval_decides_and_not_the_number(ends, verdict):
    found = {"mae": Estimate(0.45, *ends, 50)}
    assert verdict == judge(found, Tolerance(0.5, "eV"), Question())[0]


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ((-0.4, 0.1), "within"),
        ((-0.6, 0.1), "not enough data to say"),
        ((-0.9, -0.6), "beyond"),
        ((0.6, 0.9), "beyond"),
    ],
)
def test_a_bias_may_lie_on_either_side(ends, verdict):
    found = {"bias": Estimate(sum(ends) / 2, *ends, 50)}
    assert verdict == judge(found, Tolerance(0.5), Question(judge="bias"))[0]


def test_a_share_of_rows_can_be_asked_for_instead():
    """95 of 100 within: Wilson's 95 % interval is 0.888 to 0.978."""
    mine, theirs = frames([0.01] * 95 + [9.0] * 5)
    for share, verdict in ((0.88, "within"), (0.95, "not enough data to say"), (0.99, "beyond")):
        report = compare(mine, theirs, by="id", tolerance={"gap": 0.1}, share=share)
        assert verdict == report.verdict
    assert 0.95 == report["gap"].share_within
    assert [9.0] * 5 == pytest.approx(report.bad["error"].to_list())
    (finding,) = report.findings()
    assert ("beyond_tolerance", 5, "high") == (finding.kind, finding.n_rows, finding.severity)


def test_a_tolerance_in_another_unit_is_converted():
    mine, theirs = frames([0.04] * 20)
    for text, verdict in (("50 meV", "within"), ("30 meV", "beyond")):
        report = compare(mine, theirs, by="id", units={"gap": "eV"}, tolerance={"gap": text})
        assert verdict == report.verdict
    assert "0.03 eV" == report["gap"].tolerance


def test_a_tolerance_in_percent_is_one_of_the_reference():
    mine, theirs = frames([0.04] * 20)
    for text, verdict in (("5%", "within"), ("3 %", "beyond")):
        assert verdict == compare(mine, theirs, by="id", tolerance={"gap": text}).verdict


def test_an_error_at_the_bound_is_within():
    mine, theirs = frames([0.1] * 20)
    assert 1 == compare(mine, theirs, by="id", tolerance={"gap": "0.1"})["gap"].share_within


def test_the_whole_verdict_is_the_worst_of_all():
    mine, theirs = frames([0.01] * 20)
    mine, theirs = (each.with_columns(energy=pl.col("gap")) for each in (mine, theirs))
    mine = mine.with_columns(pl.col("energy") + 1)
    report = compare(mine, theirs, by="id", tolerance={"gap": 0.1, "energy": 0.1})
    assert ("within", "beyond") == (report["gap"].verdict, report["energy"].verdict)
    assert "beyond" == report.verdict
    assert "beyond tolerance: energy" in repr(report)


def test_too_few_rows_are_not_judged():
    mine, theirs = frames([0.0] * 9)
    assert "not enough data to say" == compare(mine, theirs, by="id", tolerance={"gap": 1}).verdict


def test_groups_are_told_apart_worst_first():
    errors = [0.1] * 12 + [1.0] * 12 + [0.5] * 4
    kinds = ["oxide"] * 12 + ["halide"] * 12 + [None] * 4
    mine, theirs = frames(errors, family=kinds)
    report = compare(mine, theirs, by="id", group="family", tolerance={"gap": 0.3})
    assert [("halide", 12), ("(no value)", 4), ("oxide", 12)] == report.groups.select(
        "group", "n"
    ).rows()
    assert [1.0, 0.5, 0.1] == pytest.approx(report.groups["mae"].to_list())
    assert ["beyond", "not enough data to say", "within"] == report.groups["verdict"].to_list()
    assert report.groups["mae_low"].is_null().to_list() == [False, True, False]
    assert "rows" == report.resampled


def test_many_groups_are_drawn_as_wholes():
    errors = np.repeat(np.linspace(0.1, 2, 12), 5)
    mine, theirs = frames(errors, family=[f"f{at}" for at in np.repeat(np.arange(12), 5)])
    report = compare(mine, theirs, by="id", group="family")
    assert "groups" == report.resampled
    assert "groups resampled" in repr(report)


def test_intervals_of_predictions_are_held_to_what_they_promise():
    mine, theirs = frames([0.1] * 30 + [0.3] * 10)
    mine = mine.with_columns(gap_low=pl.col("gap") - 0.2, gap_high=pl.col("gap") + 0.2)
    found = compare(mine, theirs, by="id")["gap"].measures["coverage"]
    assert (0.75, 40) == (found.value, found.n)
    assert found.low < 0.75 < found.high


def test_a_hundred_thousand_rows_make_a_page_of_at_most_100_kb():
    rng = np.random.default_rng(0)
    x = rng.normal(size=100_000)
    ids = np.arange(len(x))
    names = [f"p{at}" for at in range(6)]
    mine = pl.DataFrame({"id": ids, **{name: x + rng.normal(size=len(x)) for name in names}})
    theirs = pl.DataFrame({"id": ids, **dict.fromkeys(names, x)})
    kinds = pl.Series("kind", rng.integers(0, 300, len(x)))
    report = compare(mine.with_columns(kinds), theirs, by="id", group="kind", next_=25)
    page = report._repr_mimebundle_()[0]["text/html"]
    assert len(page.encode()) <= 100_000
    assert "390 of 100,000 rows drawn by chance" in page


def test_rows_of_one_group_do_not_settle_a_share_between_groups():
    """One of ten groups is wrong as a whole: that is ten groups, and not a thousand rows."""
    errors = np.repeat([9.0] + [0.0] * 9, 100)
    mine, theirs = frames(errors, g=[f"g{at // 100}" for at in range(1000)])
    asked = {"by": "id", "tolerance": {"gap": "0.5"}, "share": 0.85}
    assert "within" == compare(mine, theirs, **asked).verdict
    assert "not enough data to say" == compare(mine, theirs, **asked, group="g").verdict


def test_groups_of_nothing_are_an_empty_table():
    mine, theirs = frames([0.1] * 12, g=["u", "v"] * 6)
    groups = compare(mine.clear(), theirs, by="id", group="g").groups
    assert (0, ["property", "group", "n", "mae"]) == (groups.height, groups.columns[:4])


def test_a_column_named_twice_groups_once_and_no_two_groups_are_merged():
    mine, theirs = frames([0.1] * 4, g=["x / y", "x", "x / y", "x"], h=["z", "y / z", "z", "y / z"])
    assert 2 == compare(mine, theirs, by="id", group=["g", "g"]).groups.height
    assert 2 == compare(mine, theirs, by="id", group=["g", "h"]).groups.height


def test_very_many_groups_are_dealt_into_pieces():
    """Groups of one row each are rows: their interval is as wide."""
    rng = np.random.default_rng(1)
    errors = rng.normal(size=10_000)
    mine, theirs = frames(errors, g=[str(at) for at in range(10_000)])
    alone = compare(mine, theirs, by="id")["gap"].measures["mae"]
    drawn = compare(mine, theirs, by="id", group="g")["gap"].measures["mae"]
    assert alone.high - alone.low == pytest.approx(drawn.high - drawn.low, rel=0.1)
