"""Two result sets on their keys: nothing is dropped without being counted."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qforge_jupyter.engine.comparing import Question, compare, compared, side_of
from qforge_jupyter.errors import CallError, DataError

KEYS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", None]), max_size=12)
HOSTILE = ["^.*$", "*", "", "k0", "p0", "r0", "group", "error", "property", "why", "at", "<b>x</b>"]


def table(keys, values=None, **more: Any):
    numbers = [float(at) for at in range(len(keys))] if values is None else values
    return pl.DataFrame(
        {
            "id": pl.Series(keys, dtype=pl.String),
            "gap": pl.Series(numbers, dtype=pl.Float64),
            **more,
        }
    )


@given(KEYS, KEYS)
def test_every_row_of_both_sides_is_in_one_count(mine, theirs):
    try:
        counts = compare(table(mine), table(theirs), by="id").counts
    except DataError as problem:
        assert "No key of subject is in reference" in str(problem)
        return
    of_left = counts.paired + counts.only_left + counts.repeated_left + counts.keyless_left
    of_right = counts.paired + counts.only_right + counts.repeated_right + counts.keyless_right
    assert (len(mine), len(theirs)) == (of_left, of_right)


def test_what_is_alone_repeats_or_has_no_key_is_told_row_by_row():
    report = compare(table(["a", "b", "c", "c", None]), table(["a", "b", "d", "e", "e"]), by="id")
    counts = report.counts
    assert (2, 0, 1) == (counts.paired, counts.only_left, counts.only_right)
    assert (2, 2, 1) == (counts.repeated_left, counts.repeated_right, counts.keyless_left)
    assert {
        ("d", "only in reference"), ("c", "repeats in subject"), ("e", "repeats in reference"),
        (None, "no key in subject"),
    } == set(report.apart.rows())  # fmt: skip
    assert {"only_in_one": 1, "repeated_key": 4, "missing_key": 1} == {
        kind: sum(each.n_rows for each in report.findings() if each.kind == kind)
        for kind in ("only_in_one", "repeated_key", "missing_key")
    }


def test_a_key_that_repeats_is_alone_averaged_or_refused_as_asked():
    mine, theirs = table(["a", "a", "b"], [1.0, 3.0, 5.0]), table(["a", "b"], [2.0, 4.0])
    sides = side_of(mine, "mine"), side_of(theirs, "theirs")
    assert ["b"] == compared(*sides, Question(("id",))).rows["id"].to_list()
    mean = compared(*sides, Question(("id",), repeats="mean"))
    assert [("a", 0.0), ("b", 1.0)] == mean.rows.select("id", "error").rows()
    with pytest.raises(DataError, match="1 keys repeat in mine, in 2 rows"):
        compared(*sides, Question(("id",), repeats="refuse"))


def test_nulls_nans_and_infinities_are_counted_and_not_compared():
    mine = table(list("abcdef"), [1.0, None, float("nan"), float("inf"), 1.0, None])
    theirs = table(list("abcdef"), [1.0, 1.0, 1.0, 1.0, None, None])
    found = compare(mine, theirs, by="id")["gap"]
    assert (1, (3, 1, 1)) == (found.n, found.missing)
    assert found.measures["r2"].value is None


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_of_any_name_is_only_that_column(name):
    mine = pl.DataFrame({name: ["x", "y"], "value": [1.0, 2.0], "value_": [9.0, 9.0]})
    by_key = compare(mine, mine.reverse(), by=name, properties=["value"], group=[name])
    assert 0 == by_key["value"].mae
    assert {"x", "y"} == set(by_key.rows[by_key.rows.columns[0]])
    numbers = mine.rename({name: "key!", "value": name})
    as_property = compare(numbers, numbers, by="key!", properties=[name], next_=1)
    assert 0 == as_property[name].mae
    assert name in repr(as_property) or not name or name == "<b>x</b>"
    assert "<b>x" not in as_property._repr_mimebundle_()[0]["text/html"]


def test_integer_keys_of_two_widths_are_the_same_and_text_is_not_a_number():
    mine = pl.DataFrame({"id": pl.Series([1, 2], dtype=pl.Int32), "gap": [1.0, 2.0]})
    theirs = pl.DataFrame({"id": pl.Series([2, 1], dtype=pl.UInt64), "gap": [2.0, 1.0]})
    assert 2 == compare(mine, theirs, by="id")["gap"].n
    with pytest.raises(CallError, match="is Int32 in subject and String in reference"):
        compare(mine, theirs.with_columns(pl.col("id").cast(pl.String)), by="id")


def test_several_keys_and_keys_of_two_names_join():
    mine = pl.DataFrame({"id": ["a", "a"], "T": [300, 400], "gap": [1.0, 2.0]})
    theirs = pl.DataFrame({"name": ["a", "a"], "T": [400, 300], "gap": [2.5, 1.0]})
    report = compare(mine, theirs, by=["id=name", "T"])
    assert ("id", "T") == report.keys
    assert [0.0, -0.5] == report.rows["error"].to_list()


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"by": "idd"}, "subject has no column 'idd': did you mean 'id'"),
        ({"by": "id", "properties": {"gap": "gpa"}}, "reference has no column 'gpa': did you"),
        ({"by": "id", "properties": ["word"]}, "Column 'word' of subject is String and numbers"),
        ({"by": "id", "tolerance": {"gpa": "1"}}, "A tolerance is for 'gpa', not compared"),
        ({"by": "id", "tolerance": {"gap": "much"}}, "'much' is no tolerance"),
        ({"by": "id", "tolerance": {"gap": "-1 eV"}}, "'-1 eV' is no tolerance"),
        ({"by": "id", "group": "famly"}, "No column named 'famly' to group by"),
        ({"by": "id", "confidence": 1.5}, "The confidence is 1.5"),
        ({"by": "id", "share": 1.5}, "The share is 1.5"),
        ({"by": "id", "units": {"gap": "eV"}, "reference_units": {"gap": "GPa"}}, "The units of"),
        (
            {"by": "id", "units": {"gap": "eV"}, "tolerance": {"gap": "0.05 eV/atom"}},
            "The tolerance of gap: 'eV/atom' does not convert to 'eV'",
        ),
        ({"by": "id", "tolerance": {"gap": "5%"}, "judge": "rmse"}, "is a share of the reference"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_one_sentence(how, sentence):
    frame = table(["a", "b"], word=["x", "y"])
    with pytest.raises(CallError, match=sentence) as problem:
        compare(frame, frame, **how)
    assert "\n" not in str(problem.value)


def test_sets_without_anything_in_common_are_one_sentence():
    with pytest.raises(DataError, match="No key of subject is in reference"):
        compare(table(["a"]), table(["b"]), by="id")
    words = pl.DataFrame({"id": ["a"], "gap": ["1.0"]})
    with pytest.raises(CallError, match="share no column of numbers besides the keys"):
        compare(table(["a"]), words, by="id")
    with pytest.raises(CallError, match="Nothing says which row of subject is which"):
        compare(pl.DataFrame({"x": [1.0]}), pl.DataFrame({"x": [1.0]}))


def test_empty_sets_compare_to_nothing():
    report = compare(table([]), table([]), by="id", tolerance={"gap": "0.1 eV"})
    assert (0, "not enough data to say") == (report["gap"].n, report.verdict)
    assert "0 rows compared" in repr(report)


def test_references_in_another_unit_are_converted():
    """1 Hartree is 27.2114 eV."""
    report = compare(
        table(["a"], [27.2114]), table(["a"], [1.0]),
        by="id", units={"gap": "eV"}, reference_units={"gap": "Hartree"},
    )  # fmt: skip
    assert 0 == pytest.approx(report["gap"].mae, abs=1e-4)
    assert "gap was converted from Hartree" in repr(report)
