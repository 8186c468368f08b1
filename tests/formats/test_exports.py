"""Every format that is exported gives back exactly what it was given."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from polars.testing import assert_frame_equal
from polars.testing.parametric import dataframes

from qforge_jupyter.errors import CallError, FormatError
from qforge_jupyter.formats import FORMATS, load
from qforge_jupyter.formats._exporting import EXPORTS, export
from qforge_jupyter.formats._types import type_from_json, type_to_json
from qforge_jupyter.frames.fingerprint import fingerprint
from qforge_jupyter.frames.table import Table

#: What hypothesis makes tables of.
TYPES = [
    *(pl.Boolean, pl.String, pl.Binary, pl.Categorical, pl.Enum, pl.Decimal),
    *(pl.Date, pl.Time, pl.Datetime, pl.Duration, pl.List, pl.Array, pl.Struct),
    *(pl.Int8, pl.Int64, pl.Int128, pl.UInt8, pl.UInt64, pl.Float32, pl.Float64),
]
each_format = pytest.mark.parametrize("name", EXPORTS)


def exported(frame: pl.DataFrame, folder: Path, *formats: str, **options: Any) -> Path:
    export({"data": Table.of_frame("t", frame)}, folder, name="t", formats=formats, **options)
    return folder


@each_format
def test_every_type_comes_back(name: str, every_type: Any, tmp_path: Path):
    found = load(exported(every_type, tmp_path / "out", name)).frame
    assert_frame_equal(every_type, found)
    assert fingerprint(every_type) == fingerprint(found)


@pytest.mark.parametrize("name", ["arrow", "csv", "jsonl", "parquet", "tfrecord"])
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    frame=dataframes(
        min_cols=1, max_cols=6, max_size=12, allowed_dtypes=TYPES, allow_masked_out=False
    )
)
def test_generated_tables_come_back(name: str, frame: pl.DataFrame, tmp_path: Path):
    module, path = FORMATS.get(name), tmp_path / "table"
    module.write_batches(frame.iter_slices(5) if frame.height else [], frame.schema, path)
    assert_frame_equal(frame, module.restore(path, frame.schema).collect())


@each_format
def test_a_table_without_rows_comes_back(name: str, every_type: Any, tmp_path: Path):
    found = load(exported(every_type.clear(), tmp_path / "out", name)).frame
    assert_frame_equal(every_type.clear(), found)


@each_format
def test_a_lone_column_of_nulls_and_empty_text_comes_back(name: str, tmp_path: Path):
    frame = pl.DataFrame({"a": [None, "", None, "x", None]})
    assert_frame_equal(frame, load(exported(frame, tmp_path / "out", name)).frame)


@each_format
def test_equal_content_gives_equal_bytes_however_it_is_cut(
    name: str, every_type: Any, tmp_path: Path
):
    many = pl.concat([every_type] * 4)
    cut = pl.concat([many.slice(i, n) for i, n in ((0, 1), (1, 6), (7, 5))], rechunk=False)
    cut.rechunk().write_parquet(tmp_path / "cut.parquet", row_group_size=5)
    other = pl.Series(["later", "é", "a"], dtype=pl.Categorical)
    exported(many, tmp_path / "one", name)
    exported(cut, tmp_path / "two", name)
    assert len(other) == 3
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_batches_of_a_file_give_the_bytes_of_the_same_rows_in_memory(tmp_path: Path):
    frame = pl.DataFrame({"a": range(300_000), "b": [str(i % 7) for i in range(300_000)]})
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=70_000)
    formats = ("parquet", "csv", "tfrecord", "huggingface")
    lazy = Table("t", pl.scan_parquet(tmp_path / "a.parquet"))
    export({"data": lazy}, tmp_path / "one", name="t", formats=formats)
    exported(frame, tmp_path / "two", *formats)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_plain_reader_takes_the_csv_and_a_spreadsheet_runs_none_of_it(tmp_path: Path):
    frame = pl.DataFrame({"=a": ["=1+1", "+x", "-y", "@z", "\tt", "\rr", "plain"], "n": [-1.5] * 7})
    exported(frame, tmp_path / "out", "csv")
    found = pl.read_csv(tmp_path / "out" / "data.csv")
    assert found.columns == ["'=a", "n"]
    assert found["n"].to_list() == [-1.5] * 7
    assert [cell[0] for cell in found["'=a"]] == ["'"] * 6 + ["p"]


def test_structs_become_flat_columns_and_lists_json(tmp_path: Path):
    frame = pl.DataFrame({"a": [{"b": 1, "c": {"d": "x"}}], "l": [[1, None]], "a.b": [2]})
    exported(frame, tmp_path / "out", "csv")
    lines = (tmp_path / "out" / "data.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["a.b,a.c.d,l,a.b_2", '1,x,"[1,null]",2']


def test_jsonl_is_strict_json_with_exact_integers(tmp_path: Path):
    frame = pl.DataFrame({"n": [2**63 - 1], "x": [float("nan")], "d": [dt.date(2020, 1, 2)]})
    exported(frame, tmp_path / "out", "jsonl")
    assert '{"n":9223372036854775807,"x":"NaN","d":"2020-01-02"}\n' == (
        tmp_path / "out" / "data.jsonl"
    ).read_text(encoding="utf-8")


@each_format
def test_parts_are_files_of_their_own_and_load_one_by_one(name: str, tmp_path: Path):
    parts = {
        "train": Table.of_frame("train", pl.DataFrame({"a": [1, 2]})),
        "test": Table.of_frame("test", pl.DataFrame({"a": [3]})),
    }
    export(parts, tmp_path / "out", name="t", formats=[name])
    assert load(tmp_path / "out", part="test").frame["a"].to_list() == [3]
    assert load(tmp_path / "out" / "manifest.json").frame["a"].to_list() == [1, 2, 3]
    with pytest.raises(FormatError, match="has no part 'tset': did you mean 'test'"):
        load(tmp_path / "out", part="tset")


def test_the_format_to_read_can_be_chosen(tmp_path: Path):
    folder = exported(pl.DataFrame({"a": [1]}), tmp_path / "out", "csv", "huggingface")
    for format_ in ("csv", "huggingface", "hf"):
        assert load(folder, format=format_).frame["a"].to_list() == [1]
    with pytest.raises(FormatError, match="names no files of 'arrow'"):
        load(folder, format="arrow")


def test_a_file_that_was_cut_or_moved_is_told(tmp_path: Path):
    folder = exported(pl.DataFrame({"a": [1, 2]}), tmp_path / "out", "csv")
    (folder / "data.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(FormatError, match="its size or its SHA-256 differs"):
        load(folder)
    (folder / "data.csv").write_text("a\n1\n3\n", encoding="utf-8")
    with pytest.raises(FormatError, match="its size or its SHA-256 differs"):
        load(folder)
    (folder / "data.csv").unlink()
    with pytest.raises(FormatError, match=r"'data\.csv', which is not there"):
        load(folder)


def test_names_with_quotes_and_line_ends_come_back_from_a_header(tmp_path: Path):
    frame = pl.DataFrame({"x\"'; drop table--": [1.5, None], "a\nb": ['a"b', "c,d"]})
    assert frame.equals(load(exported(frame, tmp_path / "out", "csv")).frame)


def test_a_manifest_names_nothing_outside_its_folder(tmp_path: Path):
    folder = exported(pl.DataFrame({"a": [1]}), tmp_path / "out", "csv")
    path = folder / "manifest.json"
    path.write_text(path.read_text("utf-8").replace('"data.csv"', '"../a.csv"'), "utf-8")
    with pytest.raises(FormatError, match="outside its folder"):
        load(folder)


def test_a_damaged_manifest_is_told(tmp_path: Path):
    folder = exported(pl.DataFrame({"a": [1]}), tmp_path / "out", "csv")
    for text in ('{"about":"qforge export"', '{"about":"qforge export","schema":[["a","Nit8"]]}'):
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        with pytest.raises(FormatError, match=r"damaged|types"):
            load(folder)


def test_parts_with_other_columns_are_refused(tmp_path: Path):
    parts = {
        "train": Table.of_frame("train", pl.DataFrame({"a": [1]})),
        "test": Table.of_frame("test", pl.DataFrame({"b": [1]})),
    }
    with pytest.raises(CallError, match="'train' and 'test' differ in columns"):
        export(parts, tmp_path / "out", name="t", formats=["csv"])
    assert not (tmp_path / "out").exists()


def test_python_objects_are_refused(tmp_path: Path):
    frame = pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)})
    with pytest.raises(FormatError, match="No file holds a column of type Object"):
        exported(frame, tmp_path / "out", "csv")


def test_types_are_written_and_read(every_type: Any):
    for dtype in every_type.schema.values():
        assert dtype == type_from_json(type_to_json(dtype))
