"""Delimited text and JSON as they come in from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats import load


@pytest.fixture
def csv(tmp_path: Path):
    def write(content: bytes | str, name: str = "a.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def kinds(table: Any) -> dict[str, int]:
    return {finding.kind: finding.n_rows for finding in table.findings}


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["1", "", "-3"], pl.Int64),
        (["1", "2.5", "nan"], pl.Float64),
        (["true", "False", ""], pl.Boolean),
        (["00123", "5", "7"], pl.String),
        (["+491701", "+491702"], pl.String),
        (["0.5", "0"], pl.Float64),
        (["9223372036854775807", "-9223372036854775808"], pl.Int64),
        (["9223372036854775808", "1"], pl.Int128),
        (["1" * 60, "1"], pl.String),
        (["9007199254740993", "0.5"], pl.String),
        ([" 1", "2 "], pl.Int64),
        (["1,000", "2,000"], pl.String),
        (["2020-01-01", ""], pl.String),
        (["1_000", "2"], pl.String),
    ],
)
def test_a_column_takes_the_type_that_loses_nothing(csv: Any, cells: Any, dtype: Any):
    rows = "".join(f'"{cell}",x\n' if cell else ",x\n" for cell in cells)
    table = load(csv("a,b\n" + rows))
    assert table.schema["a"] == dtype
    if dtype == pl.String:
        assert [cell or None for cell in cells] == table.frame["a"].to_list()


def test_huge_integers_stay_exact(csv: Any):
    assert load(csv(f"a\n{2**63}\n1\n")).frame["a"].to_list() == [2**63, 1]


def test_a_word_far_down_makes_a_numeric_column_text_and_is_placed(csv: Any):
    table = load(csv("a\n" + "1\n" * 20_000 + "x\n"))
    assert table.schema["a"] == pl.String
    (finding,) = table.findings
    assert (finding.kind, finding.n_rows, finding.rows) == ("mixed types", 1, (20_000,))


def test_words_for_no_value_are_hinted_at_and_read_on_request(csv: Any):
    path = csv("a\n" + "1\n" * 50 + "NA\n")
    assert "nulls=" in load(path).findings[0].note
    table = load(path, nulls=["NA"])
    assert (table.schema["a"], table.frame["a"].null_count()) == (pl.Int64, 1)


def test_an_empty_field_is_null_and_a_quoted_one_is_text(csv: Any):
    assert load(csv('a,b\n,1\n"",2\n')).frame["a"].to_list() == [None, ""]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_wide_encodings_and_marks_are_seen(csv: Any, encoding: Any):
    table = load(csv("name,n\nJosé,1\nAda,2\n".encode(encoding)))
    assert table.frame.rows() == [("José", 1), ("Ada", 2)]


def test_latin_1_is_refused_with_the_place_and_an_encoding(csv: Any):
    path = csv("a\nJosé\n".encode("latin-1"))
    with pytest.raises(
        FormatError, match=r"byte 5 is 0xE9, so say what it is, as with encoding='cp1252'"
    ):
        load(path)
    assert load(path, encoding="latin-1").frame["a"].to_list() == ["José"]


def test_the_byte_offset_is_right_beyond_the_first_chunk(csv: Any):
    with pytest.raises(FormatError, match=r"byte 9,000,002 is 0xFF"):
        load(csv(b"a\n" + b"xy\n" * 3_000_000 + b"\xff\n"))


def test_ragged_rows_are_counted_and_placed(csv: Any):
    table = load(csv("a,b,c\n1,2\n3,4,5,6\n\n7,8,9\n"))
    assert table.frame.rows() == [(1, 2, None), (3, 4, 5), (7, 8, 9)]
    assert {f.kind: f.rows for f in table.findings} == {"short row": (0,), "long row": (1,)}


def test_a_file_whose_rows_outgrow_its_header_is_refused(csv: Any):
    with pytest.raises(FormatError, match="2 of 2 rows with more fields than the 2 of its header"):
        load(csv("150,4\n1,2,3\n4,5,6\n"))


def test_blank_and_repeated_headers_are_renamed_and_reported(csv: Any):
    table = load(csv("a,,a\n1,2,3\n"))
    assert table.columns == ["a", "column_2", "a_2"]
    assert table.findings[0].detail["renamed"] == {"column 2": "column_2", "column 3": "a_2"}


def test_nul_is_kept_and_counted(csv: Any):
    table = load(csv("a,b\n1,x\0y\n" + "2,z\n" * 10))
    assert table.frame["b"][0] == "x\0y"
    assert kinds(table) == {"NUL": 1}


def test_a_stray_quote_is_an_ordinary_character(csv: Any):
    table = load(csv('size,n\n5" pipe,2\n3 inch,4\n'))
    assert table.frame["size"].to_list() == ['5" pipe', "3 inch"]
    assert kinds(table) == {"stray quote": 0}


def test_line_ends_of_every_system_are_lines(csv: Any):
    for end in ("\n", "\r\n", "\r"):
        assert load(csv(end.join(["a,b", "1,2", "3,4", ""]))).frame.rows() == [(1, 2), (3, 4)]


def test_quoted_cells_hold_anything(csv: Any):
    frame = load(csv('"a\nb",c\n"1\n2","x,""y"""\n')).frame
    assert frame.columns == ["a\nb", "c"]
    assert frame.rows() == [("1\n2", 'x,"y"')]


def test_a_header_alone_is_a_table_without_rows(csv: Any):
    table = load(csv("a,b\n"))
    assert (table.columns, table.n_rows) == (["a", "b"], 0)


def test_hostile_names_and_cells_stay_text(csv: Any):
    names = ["^.*$", "*", "<img onerror=1>", "../../x", "{{7*7}}", "'; drop table"]
    path = csv(
        ",".join(f'"{name}"' for name in names) + "\n" + ",".join(["=cmd"] * 6) + "\n1,2,3,4,5,6\n"
    )
    table = load(path)
    assert names == table.columns
    assert table.frame.row(0) == ("=cmd",) * 6


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('[{"a": 1}, {"a": 2}]', [(1,), (2,)]),
        ('{"a": [1, 2]}', [(1,), (2,)]),
        ('{"columns": ["a"], "index": [0], "data": [[1]]}', [(1,)]),
        ('{"a": {"0": 1, "1": 2}}', [(1,), (2,)]),
        ('{"data": [{"a": 1}], "n": 1}', [(1,)]),
        ("[]", []),
        ('[{"a": 18446744073709551616}]', [(2**64,)]),
        ('[{"a": "\\ud800"}]', [("\\ud800",)]),
    ],
)
def test_json_tables_of_every_layout_are_read(csv: Any, text: Any, rows: Any):
    assert rows == load(csv(text, "a.json")).frame.rows()


@pytest.mark.parametrize(
    ("name", "text"), [("a.json", '[{"a": 1}, {"a": "x"}]'), ("a.jsonl", '{"a": 1}\n{"a": "x"}\n')]
)
def test_json_of_mixed_types_is_text_with_a_finding(csv: Any, name: Any, text: Any):
    table = load(csv(text, name))
    assert table.frame["a"].to_list() == ["1", "x"]
    assert kinds(table) == {"mixed types": 1}


def test_json_integers_beside_fractions_are_not_rounded(csv: Any):
    table = load(csv('{"a": 0.5}\n{"a": 9007199254740993}\n', "a.jsonl"))
    assert table.frame["a"].to_list() == ["0.5", "9007199254740993"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "[" * 100_000 + "]" * 100_000, "nests 100,000 brackets deep"),
        ("a.json", '[{"a": 1},\n {"a": }]', "is not JSON at line 2"),
        ("a.json", "[1, 2]", "is JSON but no table"),
        ("a.jsonl", '{"a": 1}\n{"a":\n', "is not JSON at line 2"),
        ("a.jsonl", '{"a": 1}\n5\n', "holds no JSON object in line 2"),
        ("a.csv", "", "is empty"),
        ("a.csv", 'a,b\n"x,2\n3,4,5\n', "a quote that is never closed"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(csv: Any, name: Any, text: Any, said: Any):
    with pytest.raises(FormatError, match=said) as caught:
        load(csv(text, name))
    assert "\n" not in caught.value.message


def test_brackets_in_json_text_are_no_depth(csv: Any):
    assert load(csv('[{"a": "' + "[" * 100 + '"}]', "a.json")).frame["a"].to_list() == ["[" * 100]
