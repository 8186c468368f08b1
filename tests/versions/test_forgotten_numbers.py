"""Numbers of rows are found however they are written, and numbers of other rows are left alone."""

from datetime import UTC, datetime

import polars as pl
import pytest

from qforge_jupyter.versions.mentions import MARKER, mentions_of, near, rare
from qforge_jupyter.versions.numbers import hits, numbers_of

RARE = 8123.456789012345
ROWS = pl.DataFrame({"id": [7], "x": [RARE], "n": [42], "data": [b"\x00\xff\x01secret"]})
OTHERS = pl.DataFrame({"id": [8], "x": [77123.25], "n": [43], "data": [b"other"]})
MENTIONS = mentions_of([], ROWS, OTHERS, ["id"])


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [
        ("x = 8123.456789012345", True),
        ("8,123.46 of 9", True),
        ("-8123.4568", True),
        ("8123.5", True),
        ("8.1235e+03", True),
        ("8123", False),
        ("18123.456789012345", False),
        ("8123.46789", False),
        ("n is 42", False),
        ("77123.25", False),
    ],
)
def test_a_number_is_found_in_a_text(text, is_shown):
    assert is_shown == MENTIONS.numbers.in_text(text)


@pytest.mark.parametrize("shape", ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])
def test_a_moment_is_found_by_its_minute(shape):
    moment = datetime(1931, 7, 13, 4, 52, 37, tzinfo=UTC)
    assert numbers_of([moment]).in_text(f"at {moment.strftime(shape)}")
    assert not numbers_of([moment]).in_text("at 1931-07-13 05:52")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pl.Series([RARE, 1.0, None]), [True, False, False]),
        (pl.Series([1.0, RARE], dtype=pl.Float32), [False, True]),
        (pl.Series([[1.0], [2.0, RARE], []]), [False, True, False]),
        (pl.Series([{"a": [RARE]}, {"a": None}]), [True, False]),
        (pl.Series(["8123.4568", "8,123.457", "8123"]), [True, True, False]),
        (pl.Series([b"\x00\xff\x01secret", b"other"]), [True, False]),
        (pl.Series([42, 43]), [False, False]),
    ],
    ids=["floats", "float32", "lists", "structs", "texts", "bytes", "counts"],
)
def test_rows_of_a_table_are_found_by_a_number(column, expected):
    assert expected == MENTIONS.rows_in(column.to_frame("c")).tolist()


def test_a_number_that_another_row_has_is_not_looked_for():
    shared = pl.concat([OTHERS, ROWS.with_columns(id=pl.lit(9, pl.Int64))])
    assert not mentions_of([], ROWS, shared, ["id"]).numbers.in_text(repr(RARE))


def test_a_line_that_shows_the_row_loses_its_other_numbers_and_other_lines_keep_theirs():
    report = {
        "worst": [
            {"row": 3, "column": "x", "value": RARE, "distance": 5718.25},
            {"row": 4, "column": "x", "value": 2.5, "distance": 3.5},
        ],
        "lines": [["7", "x", "1.25", "8123.457"], ["8", "x", "1.25", "2.5"]],
        "mean": 12.5,
    }
    cut = MENTIONS.cut(report)
    first, second = cut["worst"]
    assert {"row": 3, "column": "x", "value": MARKER, "distance": MARKER} == first
    assert report["worst"][1] == second
    assert [[MARKER, "x", MARKER, MARKER], ["8", "x", "1.25", "2.5"]] == cut["lines"]
    assert 12.5 == cut["mean"]


def test_elsewhere_only_what_can_be_nothing_else_is_looked_for():
    assert rare(MENTIONS).numbers.in_text("8123.456789012345")
    assert not rare(MENTIONS).numbers.in_text("8123.46")
    assert near(MENTIONS).numbers.in_text("8123.46")


def test_marks_of_a_row_are_found_in_assignments_and_features():
    mark = min(MENTIONS.marks)
    pair = pl.DataFrame(
        {"mark_a": [int(mark[:16], 16), 5], "mark_b": [int(mark[16:], 16), 6]},
        schema={"mark_a": pl.UInt64, "mark_b": pl.UInt64},
    )
    assert [True, False] == MENTIONS.rows_in(pair).tolist()
    assert [True, False] == MENTIONS.rows_in(pl.DataFrame({"mark": [mark, "0" * 32]})).tolist()


def test_rows_are_told_however_deep_a_value_lies():
    deep = pl.Series([[{"a": ["x"]}], [{"a": ["y"]}, {"a": None}]])
    assert [False, True] == hits(deep, lambda leaf: leaf == "y").tolist()


def test_where_the_row_is_known_by_its_key_a_rounded_number_of_another_row_is_left_alone():
    rounded = pl.Series([RARE, RARE + 1e-9], dtype=pl.Float32)
    assert [True, False] == MENTIONS.rows_in(pl.DataFrame({"id": [7, 8], "x": rounded})).tolist()
    assert [True, True] == MENTIONS.rows_in(pl.DataFrame({"x": rounded})).tolist()
