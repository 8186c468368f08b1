"""Every member of the family has the shape, and gives back what it was given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qforge_jupyter.formats import FORMATS, load
from qforge_jupyter.frames.columns import column

WRITABLE = [name for name, module in FORMATS.members().items() if hasattr(module, "write")]
#: What each format loses; the same is said in docs/formats.md.
TEMPORAL_AS_TEXT = {"csv", "tsv", "json", "jsonl", "fits"}
#: What a file without its manifest does not say.
TEMPORAL_AS_COUNTS = {"tfrecord"}
NAN_AS_NULL = {"json", "jsonl", "excel"}


@pytest.mark.parametrize("name", FORMATS.names())
def test_a_format_has_the_documented_shape(name: Any):
    module = FORMATS.get(name)
    assert module.TITLE
    assert all(suffix.startswith(".") for suffix in module.SUFFIXES)
    assert isinstance(module.IS_LAZY, bool)
    assert module.recognises(b"") is False
    assert callable(module.read)


def test_databases_arrays_and_descriptions_cannot_be_written():
    descriptions = {"croissant", "huggingface", "manifest"}
    assert set(FORMATS.names()) - set(WRITABLE) == {"npy", "npz", "sql"} | descriptions


def expected_after(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The table as the format's documented losses leave it."""
    if name in NAN_AS_NULL:
        frame = frame.with_columns(pl.col("real").fill_nan(None))
    if name == "tfrecord":
        frame = frame.with_columns(pl.col("real").cast(pl.Float32), pl.col("flag").cast(pl.Int64))
    if name == "excel":
        frame = frame.with_columns(pl.col("whole").cast(pl.String))
    if name == "fits":
        frame = frame.with_columns(
            pl.col("real").fill_null(float("nan")),
            pl.col("text").fill_null(""),
        ).drop("emoji")
    return frame


@pytest.mark.parametrize("name", WRITABLE)
def test_a_written_table_is_read_back_with_only_the_stated_losses(
    name: Any, typed_table: Any, tmp_path: Path
):
    module = FORMATS.get(name)
    given = typed_table.drop("emoji") if name == "fits" else typed_table
    path = tmp_path / f"table{module.SUFFIXES[0]}"
    module.write(given, path)
    found = load(path).frame
    if name in TEMPORAL_AS_COUNTS:
        found = found.with_columns(
            pl.col("day").cast(pl.Date), pl.col("moment").cast(pl.Datetime("us"))
        ).select([column(each) for each in typed_table.columns])
    if name in TEMPORAL_AS_TEXT:
        assert found.schema["day"] == found.schema["moment"] == pl.String
        text = pl.col("day", "moment").replace("", None).str.replace(" ", "T")
        found = found.with_columns(text).with_columns(
            pl.col("day").str.to_date(), pl.col("moment").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f")
        )
    assert_frame_equal(expected_after(name, typed_table), found)


@pytest.mark.parametrize("name", WRITABLE)
def test_a_table_without_rows_keeps_its_columns(name: Any, tmp_path: Path):
    module = FORMATS.get(name)
    path = tmp_path / f"table{module.SUFFIXES[0]}"
    module.write(pl.DataFrame(schema={"a": pl.Int64, "b": pl.String}), path)
    if name in {"jsonl", "tfrecord"}:
        pytest.skip("without rows it is an empty file")
    table = load(path)
    assert table.n_rows == 0
    assert table.columns == ([] if name == "json" else ["a", "b"])


@pytest.mark.parametrize("name", ["parquet", "arrow", "json", "jsonl"])
def test_nested_columns_survive_where_the_format_has_them(name: Any, tmp_path: Path):
    module = FORMATS.get(name)
    frame = pl.DataFrame({"tags": [["a", "b"], []], "at": [{"x": 1}, {"x": 2}]})
    path = tmp_path / f"table{module.SUFFIXES[0]}"
    module.write(frame, path)
    assert_frame_equal(frame, load(path).frame)


@pytest.mark.parametrize("name", ["csv", "tsv", "excel", "hdf5", "fits"])
def test_nested_columns_are_refused_where_the_format_has_none(name: Any, tmp_path: Path):
    module = FORMATS.get(name)
    with pytest.raises(Exception, match="holds plain cells only, and column 'tags'"):
        module.write(pl.DataFrame({"tags": [["a"]]}), tmp_path / "table")


@pytest.mark.parametrize("name", [n for n in WRITABLE if n != "json"])
def test_content_is_found_whatever_the_file_is_called(name: Any, tmp_path: Path):
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    path = tmp_path / "data"
    FORMATS.get(name).write(frame, path)
    assert_frame_equal(frame, load(path).frame)


def test_dates_come_back_from_csv_on_request(typed_table: Any, tmp_path: Path):
    path = tmp_path / "a.csv"
    FORMATS.get("csv").write(typed_table, path)
    assert_frame_equal(typed_table, load(path, dates=True).frame)


def test_the_documentation_lists_every_format():
    rows = {
        line.split("|")[1].strip(): line
        for line in Path("docs/formats.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| format")
    }
    assert set(FORMATS.names()) == set(rows)
    for name, module in FORMATS.members().items():
        cells = [cell.strip() for cell in rows[name].split("|")]
        assert all(f"`{suffix}`" in cells[2] for suffix in module.SUFFIXES)
        assert cells[3] == ("read, write" if hasattr(module, "write") else "read")
        assert cells[4] == ("yes" if module.IS_LAZY else "no")


def test_a_pattern_like_name_addresses_one_column():
    frame = pl.DataFrame({"^.*$": [1], "*": [2]})
    assert frame.select(column("*")).columns == ["*"]
