"""Croissant: valid for mlcroissant, which reads the records; read here too."""

from __future__ import annotations

import ast
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats import croissant, load
from qforge_jupyter.formats._exporting import export
from qforge_jupyter.frames.table import Table

#: Validates and iterates, in a process where the warnings of other packages are no errors. It
#: leaves before Arrow's threads are torn down, where one in fifty such processes aborts
#: (https://github.com/apache/arrow/issues/34314).
SCRIPT = """
import json, os, sys
import mlcroissant
dataset = mlcroissant.Dataset(jsonld=sys.argv[1])
issues = dataset.metadata.ctx.issues
found = {
    "errors": sorted(issues.errors),
    "hashes": {one.id: one.sha256 for one in dataset.metadata.distribution},
    "records": {
        one.id: [{k: str(v) for k, v in record.items()} for record in dataset.records(one.id)]
        for one in dataset.metadata.record_sets
    },
}
print(json.dumps(found), flush=True)
os._exit(0)
"""


@pytest.fixture
def frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "n": [1, 2],
            "x": [0.5, None],
            "word": ["a", "b"],
            "dipole moment": [0.1, 0.2],
            "ok": [True, False],
            "day": [dt.date(2020, 1, 2), dt.date(2021, 1, 1)],
            "tags": [["p", "q"], []],
            "at": [{"u": 1, "v": "z"}, {"u": 2, "v": "w"}],
            "span": [dt.timedelta(1), dt.timedelta(2)],
            "deep": [
                {"a": {"b": 1, "c d": {"e": "x"}}, "days": [3, 4], "on": dt.date(2020, 1, 2)},
                {"a": None, "days": [], "on": None},
            ],
            "marks": [[{"u": 1, "by": {"who": "ann"}}, {"u": 2, "by": None}], []],
            "lost": [{"span": dt.timedelta(1), "ok": True}, {"span": None, "ok": None}],
        }
    )


def exported(frame: pl.DataFrame, folder: Path, *formats: str) -> Path:
    parts = {
        "train": Table.of_frame("train", frame.head(1)),
        "test": Table.of_frame("test", frame.tail(1)),
    }
    about = {"description": "d", "license": "https://creativecommons.org/licenses/by/4.0/"}
    export(
        parts,
        folder,
        name="calcs",
        formats=formats,
        beside=lambda made: {
            "croissant.json": croissant.describe("calcs", made.schema, made.files, about)
        },
    )
    return folder / "croissant.json"


@pytest.mark.parametrize("name", ["parquet", "csv", "jsonl", "huggingface"])
def test_it_validates_and_its_records_iterate(name: str, frame: Any, tmp_path: Path):
    path = exported(frame, tmp_path / "out", name)
    said = subprocess.run(  # noqa: S603 — our own arguments
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(path)],
        check=True,
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": ""},
    ).stdout
    found = json.loads(said.splitlines()[-1])
    assert found["errors"] == []
    assert [record["splits/name"] for record in found["records"]["splits"]] == ["train", "test"]
    for part, n, word in (("train", "1", "a"), ("test", "2", "b")):
        (record,) = found["records"][f"records/{part}"]
        assert record[f"records/{part}/n"] == n
        assert record[f"records/{part}/word"] == f"b'{word}'"
        assert record[f"records/{part}/.split"] == f"b'{part}'"


def records_of(path: Path, home: Path) -> dict[str, Any]:
    said = subprocess.run(  # noqa: S603 — our own arguments
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(path)],
        check=True,
        capture_output=True,
        text=True,
        env={"HOME": str(home), "PATH": ""},
    ).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    assert [] == found["errors"]
    return found["records"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["parquet", "jsonl"])
def test_structs_are_described_however_deep(name: str, frame: Any, tmp_path: Path):
    (record,) = records_of(exported(frame, tmp_path / "out", name), tmp_path)["records/train"]
    at = "records/train/deep"
    # The reader puts each leaf under the field around it.
    assert {f"{at}/a/b": 1} == ast.literal_eval(record[f"{at}/a"])
    assert {f"{at}/a/c_d/e": b"x"} == ast.literal_eval(record[f"{at}/a/c_d"])
    assert "[3, 4]" in record[at]
    assert "2020" in record[at]
    marks = "records/train/marks"
    expected = [{f"{marks}/u": 1}, {f"{marks}/u": 2}]
    assert expected == [
        {f"{marks}/u": each[f"{marks}/u"]} for each in ast.literal_eval(record[marks])
    ]


def test_a_column_without_words_is_named(frame: Any, tmp_path: Path):
    said = json.loads(exported(frame, tmp_path / "out", "parquet").read_text("utf-8"))
    assert said["recordSet"][1]["description"].endswith("left out: span, lost.span.")


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_in_text_a_duration_is_a_number_with_its_unit(name: str, frame: Any, tmp_path: Path):
    path = exported(frame, tmp_path / "out", name)
    said = json.loads(path.read_text("utf-8"))
    assert "description" not in said["recordSet"][1]
    (span,) = (each for each in said["recordSet"][1]["field"] if each["name"] == "span")
    assert ("sc:Integer", "A duration, counted in us.") == (span["dataType"], span["description"])
    (record,) = records_of(path, tmp_path)["records/train"]
    assert str(86_400_000_000) == record["records/train/span"]


def test_an_export_says_which_columns_are_not_described(frame: Any, tmp_path: Path):
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        done = ws.export(frame, to=str(tmp_path / "out"), format=["parquet", "croissant"])
        told = "Not described in croissant.json, for it has no type for them: span, lost.span."
        assert told in repr(done)
        done = ws.export(frame, to=str(tmp_path / "text"), format=["jsonl", "croissant"])
        assert ("Not described" in repr(done), ()) == (False, done.undescribed)


def test_it_is_read_here_too(frame: Any, tmp_path: Path):
    path = exported(frame, tmp_path / "out", "parquet")
    assert load(path).frame["n"].to_list() == [1, 2]
    assert load(path, part="test").frame["at"].to_list() == [{"u": 2, "v": "w"}]


def test_it_names_nothing_outside_its_folder(frame: Any, tmp_path: Path):
    path = exported(frame, tmp_path / "out", "parquet")
    text = path.read_text("utf-8")
    for url in ("https://example.org/a.parquet", "../a.parquet"):
        said = text.replace('"contentUrl": "train.parquet"', f'"contentUrl": "{url}"')
        path.write_text(said, encoding="utf-8")
        with pytest.raises(FormatError, match=r"which is not there|outside its folder"):
            load(path)


def test_a_description_of_nothing_is_told(tmp_path: Path):
    path = tmp_path / "croissant.json"
    path.write_text(
        '{"@context": {"cr": "http://mlcommons.org/croissant/"}, "recordSet": [1, {}]}', "utf-8"
    )
    with pytest.raises(FormatError, match="describes no records of files"):
        load(path)
