"""TFRecord: read by an independent reader, and read from an independent writer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tfrecord.reader import tfrecord_loader
from tfrecord.writer import TFRecordWriter

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats import FORMATS, load
from qforge_jupyter.formats._tfrecord_columns import features_of

tfrecord = FORMATS.get("tfrecord")


@pytest.fixture
def frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "single": pl.Series([0.5, -1.25, 3e38], dtype=pl.Float32),
            "double": [0.1, 1e300, 2.0],
            "whole": [-1, 2**62, 0],
            "word": ["a", "é😀", ""],
            "many": [[1, 300], [-5], [7, 8, 9]],
            "day": [dt.date(1970, 1, 2), dt.date(1969, 12, 31), dt.date(2020, 1, 1)],
        }
    )


def test_an_independent_reader_finds_identical_values(frame: Any, tmp_path: Path):
    path = tmp_path / "a.tfrecord"
    tfrecord.write(frame, path)
    rows = list(tfrecord_loader(str(path), None))
    for row, found in zip(frame.iter_rows(named=True), rows, strict=True):
        assert found["single"].tolist() == [np.float32(row["single"])]
        assert found["whole"].tolist() == [row["whole"]]
        assert bytes(found["word"]) == row["word"].encode()
        assert found["many"].tolist() == row["many"]
        assert found["day"].tolist() == [(row["day"] - dt.date(1970, 1, 1)).days]
        with np.errstate(over="ignore"):
            assert found["double"].tolist() == [np.float32(row["double"])]
    exact = [np.frombuffer(bytes(row["double#f64"]), "<f8")[0] for row in rows[:2]]
    assert [0.1, 1e300] == exact
    assert "double#f64" not in rows[2]


def test_what_an_independent_writer_wrote_is_read(tmp_path: Path):
    path = tmp_path / "a.tfrecord"
    writer = TFRecordWriter(str(path))
    writer.write({"x": ([1.5, 2.5], "float"), "n": (-3, "int"), "s": (b"ab", "byte")})
    writer.write({"n": (2**40, "int"), "s": (b"", "byte"), "x": ([0.0], "float")})
    writer.close()
    found = load(path).frame.select("x", "n", "s")
    assert found.rows() == [([1.5, 2.5], -3, "ab"), ([0.0], 2**40, "")]


def test_a_null_is_a_missing_feature_and_an_empty_list_an_empty_one(tmp_path: Path):
    frame = pl.DataFrame(
        {"n": [None, 1], "l": [[], None]}, schema_overrides={"l": pl.List(pl.Int64)}
    )
    tfrecord.write(frame, tmp_path / "a.tfrecord")
    rows = list(tfrecord_loader(str(tmp_path / "a.tfrecord"), None))
    assert [set(row) for row in rows] == [{"l"}, {"n"}]


def test_the_mapping_is_said_in_words():
    schema = pl.Schema({"a": pl.List(pl.Float64()), "a#f64": pl.Decimal(5, 2)})
    said = [held.mapping() for held in features_of(schema)]
    assert said[0] == {
        "feature": "a",
        "kind": "float",
        "exact values": "a#f64_2",
        "positions of nulls": "a#nulls",
    }
    assert said[1] == {"feature": "a#f64", "kind": "bytes"}


@pytest.mark.parametrize("place", [0, 9, 14, -6, -1])
def test_a_changed_byte_is_told(place: int, tmp_path: Path):
    path = tmp_path / "a.tfrecord"
    tfrecord.write(pl.DataFrame({"a": [1]}), path)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"cut off|damaged"):
        tfrecord.read(path)


def test_every_cut_is_told(tmp_path: Path):
    path = tmp_path / "a.tfrecord"
    tfrecord.write(pl.DataFrame({"a": [1, 2]}), path)
    content = path.read_bytes()
    half = len(content) // 2
    for n in range(1, len(content)):
        path.write_bytes(content[:n])
        if n == half:
            assert tfrecord.read(path).lazy.collect().height == 1
            continue
        with pytest.raises(FormatError, match="cut off in record"):
            tfrecord.read(path)


@pytest.mark.parametrize(
    "inside",
    [b"x", b"\x0a\x05", b"\x0a\x02\x0a\x00", b"\x0a\x80\x80\x80\x80\x80\x80", b"\x12\x00" * 3],
)
def test_records_of_something_else_are_told(inside: bytes, tmp_path: Path):
    from qforge_jupyter.formats._tfrecord_writing import masked_sums, record_head

    path = tmp_path / "a.tfrecord"
    tail = masked_sums([inside]).astype("<u4").tobytes()
    path.write_bytes(record_head(len(inside)) + inside + tail)
    with pytest.raises(FormatError, match=r"holds a record that is no tf\.train\.Example"):
        tfrecord.read(path)


def test_random_bytes_in_a_right_frame_never_crash(tmp_path: Path):
    from qforge_jupyter.formats._tfrecord_writing import masked_sums, record_head

    random = np.random.default_rng(3)
    path = tmp_path / "a.tfrecord"
    tfrecord.write(pl.DataFrame({"ab": [1.5], "c": ["xyz"], "l": [[1, 2]]}), path)
    good = path.read_bytes()[12:-4]
    for _ in range(300):
        inside = bytearray(good)
        for at in random.integers(0, len(good), 2):
            inside[at] = random.integers(0, 256)
        tail = masked_sums([bytes(inside)]).astype("<u4").tobytes()
        path.write_bytes(record_head(len(inside)) + inside + tail)
        try:
            tfrecord.read(path).lazy.collect()
        except FormatError:
            continue
