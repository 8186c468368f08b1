"""Values of rows are found where they show, and cut out where they lie."""

import json

import polars as pl
import pytest

from qforge_jupyter.versions.mentions import MARKER, mentions_of, rare

ROWS = pl.DataFrame({"id": [7], "name": ["Müller & Co"], "tier": ["gold"]})
OTHERS = pl.DataFrame({"id": [8], "name": ["Smith"], "tier": ["gold"]})
MENTIONS = mentions_of([], ROWS, OTHERS, ["id"])


@pytest.mark.parametrize(
    ("data", "media_type", "is_shown"),
    [
        (b"<td>M\xc3\xbcller &amp; Co</td>", "text/html", True),
        (b"<td> 7 </td>", "text/html", True),
        (b"<td>17</td><p>7 rows</p>", "text/html", False),
        (json.dumps({"rows": [["Müller & Co"]]}).encode(), "application/json", True),
        (json.dumps({"id": 7}).encode(), "application/json", True),
        (json.dumps({"n_rows": 7, "counts": [7, 7]}).encode(), "application/json", False),
        (json.dumps({"options": "where id == 7"}).encode(), "application/json", True),
        (json.dumps({"options": "where id == 77"}).encode(), "application/json", False),
    ],
)
def test_a_file_shows_a_value_or_does_not(data, media_type, is_shown):
    assert is_shown == MENTIONS.in_bytes(data, media_type)


@pytest.mark.parametrize(
    ("frame", "is_shown"),
    [
        (pl.DataFrame({"id": [6, 7]}), True),
        (pl.DataFrame({"id": [6, 8]}), False),
        (pl.DataFrame({"row": [7]}), False),
        (pl.DataFrame({"observed": ["7"]}), True),
        (pl.DataFrame({"any": [["x", "Müller & Co"]]}), True),
        (pl.DataFrame({"^.*$": [{"aaaa": "Müller & Co"}]}), True),
        (pl.DataFrame({"id": []}, schema={"id": pl.Int64}), False),
    ],
)
def test_a_table_shows_a_value_or_does_not(tmp_path, frame, is_shown):
    frame.write_parquet(tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    assert is_shown == MENTIONS.in_bytes(data, "application/vnd.apache.parquet")


def test_a_scorecard_keeps_what_other_rows_have_too():
    report = {"card": {"values": {"tier": ["gold", "Müller & Co"]}}, "tier": "gold"}
    cut = {"card": {"values": {"tier": ["gold", MARKER]}}, "tier": MARKER}
    assert cut == MENTIONS.cut(report)
    assert frozenset({"Müller & Co"}) == rare(MENTIONS).texts


def test_texts_are_found_in_lists_arrays_structs_and_categories():
    kinds = {
        "list": pl.Series([["aaaa", None], None, []], dtype=pl.List(pl.String)),
        "array": pl.Series([["aaaa", "aaaa"]], dtype=pl.Array(pl.String, 2)),
        "struct": pl.Series([{"x": ["aaaa"]}, {"x": None}]),
        "category": pl.Series(["aaaa", None], dtype=pl.Categorical),
        "enum": pl.Series(["aaaa"], dtype=pl.Enum(["aaaa", "b"])),
    }
    for name, column in kinds.items():
        shown = mentions_of([], pl.DataFrame({"c": ["aaaa"]}), pl.DataFrame({"c": ["b"]}), [])
        assert shown.rows_in(column.to_frame("c")).any(), name
