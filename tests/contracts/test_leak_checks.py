"""What every leak check keeps, whoever wrote it."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leak_checking import check_leaks
from qforge_jupyter.engine.leaks import LEAKS
from qforge_jupyter.errors import CallError, DataError

MEMBERS = LEAKS.members()
NAN, INF = float("nan"), float("inf")


def independent(n=200, seed=0):
    rng = np.random.default_rng(seed)
    return pl.DataFrame({
        "a": rng.standard_normal(n), "b": rng.random(n), "c": rng.integers(0, 3, n),
        "group": range(n), "day": [date(2024, 1, 1) + timedelta(days=i) for i in range(n)],
        "y": rng.choice(["yes", "no"], n),
    })  # fmt: skip


HOSTILE = {
    "one row each": pl.DataFrame({"x": [1.0, 2.0]}),
    "constant": pl.DataFrame({"x": [1.0] * 100, "y": ["a"] * 100}),
    "all null": pl.DataFrame({"x": [None] * 100, "y": pl.Series([None] * 100, dtype=pl.Float64)}),
    "text alone": pl.DataFrame({"x": [f"some text number {i % 37}" for i in range(100)]}),
    "nan and infinite": pl.DataFrame({"x": [NAN, INF, -INF, 1.0] * 25, "y": [1e308, -1e308] * 50}),
    "integers at the edge": pl.DataFrame({"x": [2**63 - 1, -(2**63)] * 50, "y": range(100)}),
    "names that are patterns": independent().rename({"a": "^.*$", "b": "*", "y": "part"}),
    "nested": pl.DataFrame({
        "x": [[1.0, 2.0], [], None, [3.0]] * 25, "s": [{"a": 1}, None] * 50, "y": range(100),
    }),
    "times": independent().select("day", pl.col("day").cast(pl.Datetime).alias("at")),
    "categories": independent().select(pl.col("y").cast(pl.Categorical), "c"),
    "binary and durations": pl.DataFrame({
        "x": [b"a", b"b"] * 50, "d": [timedelta(seconds=i) for i in range(100)],
    }),
    "long text": pl.DataFrame({"x": ["a" * 100_000, "b" * 99_999, None, ""] * 10}),
}  # fmt: skip


def halves(frame):
    middle = frame.height // 2
    return {"train": frame.head(middle), "test": frame.slice(middle)}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_check_says_its_name_and_what_it_looks_at(name):
    assert (MEMBERS[name].NAME, bool(MEMBERS[name].__doc__)) == (name.replace("-", " "), True)


@pytest.mark.parametrize("name", MEMBERS)
def test_independent_parts_in_the_order_of_time_are_clean(name):
    case = LeakCase.of_parts(halves(independent()), target="y", groups=("group",), time="day")
    assert MEMBERS[name].find(case).verdict == "clean"


@pytest.mark.parametrize("name", MEMBERS)
def test_a_leak_has_a_severity_and_rows_that_are_there(name):
    rows = independent()
    parts = {"train": rows, "test": pl.concat([rows.head(50), independent(20, 3)])}
    outcome = MEMBERS[name].find(
        LeakCase.of_parts(parts, target="y", groups=("group",), time="day", near=0.05)
    )
    for leak in outcome.leaks:
        assert leak.severity in ("low", "medium", "high", "critical")
        for pair in leak.examples:
            assert (pair.part_a, pair.part_b) == ("train", "test")
            assert pair.row_a < 200
            assert pair.row_b < 70


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", MEMBERS)
def test_any_table_gets_an_outcome_with_a_sentence(name, kind):
    frame = HOSTILE[kind]
    for target in (None, *frame.columns):
        outcome = MEMBERS[name].find(LeakCase.of_parts(halves(frame), target=target))
        assert outcome.verdict in ("clean", "leak", "not applicable")
        assert outcome.said
        assert outcome.verdict == ("leak" if outcome.leaks else outcome.verdict)


@pytest.mark.parametrize("kind", HOSTILE)
def test_any_table_gets_a_certificate_that_is_short_and_valid_json(kind):
    report = check_leaks(LeakCase.of_parts(halves(HOSTILE[kind])))
    bundle, _ = report._repr_mimebundle_()
    assert len(bundle["text/html"]) <= 100_000
    json.dumps(report.payload(), allow_nan=False)
    assert report.certificate == bundle["text/plain"]


def test_ten_thousand_columns_are_checked():
    rng = np.random.default_rng(0)
    rows = pl.DataFrame(rng.random((60, 10_000)), schema=[f"c{i}" for i in range(10_000)])
    report = check_leaks(LeakCase.of_parts(halves(rows)))
    assert report.is_clean
    assert len(report._repr_mimebundle_()[0]["text/html"]) <= 100_000


def test_columns_that_differ_are_named_and_the_common_ones_compared():
    first, second = independent().drop("b"), independent().with_columns(pl.col("c").cast(pl.String))
    report = check_leaks(LeakCase.of_parts({"train": first, "test": second}))
    assert report.notes[:2] == (
        "Not in all parts, so not compared: b.",
        "Of different types in the parts, so not compared: c.",
    )
    assert report.outcome("exact duplicates").verdict == "leak"


def test_numbers_of_other_widths_are_compared():
    first = pl.DataFrame({"x": pl.Series([1, 2, 3], dtype=pl.Int8)})
    second = pl.DataFrame({"x": pl.Series([3, 4, 5], dtype=pl.UInt64)})
    (leak,) = check_leaks(LeakCase.of_parts({"train": first, "test": second})).leaks
    assert [str(pair) for pair in leak.examples] == ["train 2 – test 0"]


@pytest.mark.parametrize(
    ("parts", "roles", "sentence"),
    [
        ({"train": independent()}, {}, "1 part came, wanted at least two"),
        ({"a": independent(), "b": independent().clear()}, {}, "Fewer than two parts hold rows"),
        ({"a": pl.DataFrame({"x": [1]}), "b": pl.DataFrame({"y": [1]})}, {}, "no column in common"),
        (halves(independent()), {"target": "yy"}, "No column named 'yy'"),
        (halves(independent()), {"groups": ("grp",)}, "did you mean 'group'?"),
        (halves(independent()), {"near": -1.0}, "wanted a distance of at least 0"),
        (halves(independent()), {"near": NAN}, "wanted a distance of at least 0"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(parts, roles, sentence):
    with pytest.raises((CallError, DataError), match=sentence.replace("?", r"\?")):
        LeakCase.of_parts(parts, **roles)


def test_an_empty_part_is_told_and_the_others_are_compared():
    rows = independent()
    parts = {"train": rows, "validation": rows.clear(), "test": independent(50, 1)}
    report = check_leaks(LeakCase.of_parts(parts))
    assert report.notes[0] == "Without rows, so not compared: validation."
    assert report.outcome("exact duplicates").verdict == "clean"
