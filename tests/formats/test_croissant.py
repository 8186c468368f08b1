"""Croissant: valid for mlcroissant, which reads the records; read here too."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats import croissant, load
from qforge_jupyter.formats._exporting import export
from qforge_jupyter.frames.table import Table

#: Validates and iterates, in a process where the warnings of other packages are no errors.
SCRIPT = """
import json, sys
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
print(json.dumps(found))
"""


@pytest.fixture
def frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "n": [1, 2],
            "x": [0.5, None],
            "word": ["a", "b"],
            "ok": [True, False],
            "day": [dt.date(2020, 1, 2), dt.date(2021, 1, 1)],
            "tags": [["p", "q"], []],
            "at": [{"u": 1, "v": "z"}, {"u": 2, "v": "w"}],
            "span": [dt.timedelta(1), dt.timedelta(2)],
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


def test_a_column_without_words_is_named(frame: Any, tmp_path: Path):
    said = json.loads(exported(frame, tmp_path / "out", "parquet").read_text("utf-8"))
    assert said["recordSet"][1]["description"].endswith("left out: span.")


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
