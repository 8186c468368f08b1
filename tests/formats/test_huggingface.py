"""A Hugging Face folder, loaded by the real `datasets` in both ways, without a network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qforge_jupyter.errors import CallError, FormatError
from qforge_jupyter.formats import load
from qforge_jupyter.formats._exporting import export
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.dataset_card import CardFacts
from qforge_jupyter.verbs.export import _beside

#: Reads both layouts and writes what it found, where a test's settings do not reach. It
#: leaves before Arrow's threads are torn down, as in test_croissant.
SCRIPT = """
import os, sys
from pathlib import Path
import datasets
folder, out = sys.argv[1], Path(sys.argv[2])
loaded = {"disk": datasets.load_from_disk(folder), "hub": datasets.load_dataset(folder)}
for how, found in loaded.items():
    for split in found:
        found[split].to_parquet(out / f"{how}.{split}.parquet")
os._exit(0)
"""


@pytest.fixture
def parts() -> dict[str, pl.DataFrame]:
    whole = pl.DataFrame(
        {
            "n": [1, None, 2**62],
            "x": [0.1, None, -2.5],
            "word": ["a", "", None],
            "kind": pl.Series(["p", "q", None], dtype=pl.Categorical),
            "tags": [["a", None], [], None],
            "at": [{"x": 1, "y": "b"}, {"x": None, "y": None}, {"x": 3, "y": ""}],
            "raw": [b"\x00", b"", None],
        }
    )
    return {"train": whole.head(2), "test": whole.tail(1)}


def exported(parts: dict[str, pl.DataFrame], folder: Path) -> Path:
    tables = {name: Table.of_frame(name, part) for name, part in parts.items()}
    facts = CardFacts("calcs")
    export(
        tables,
        folder,
        name="calcs",
        formats=["huggingface"],
        beside=lambda made: _beside(made, facts, has_card=False, is_described=False),
    )
    return folder / "hf"


def test_both_loaders_find_every_part_with_equal_values(parts: Any, tmp_path: Path):
    folder, out = exported(parts, tmp_path / "out"), tmp_path / "found"
    out.mkdir()
    offline = {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path / "home"),
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        "PATH": "",
    }
    subprocess.run(  # noqa: S603 — our own arguments
        [sys.executable, "-c", SCRIPT, str(folder), str(out)], check=True, env=offline
    )
    for how in ("disk", "hub"):
        for name, part in parts.items():
            found = pl.read_parquet(out / f"{how}.{name}.parquet")
            assert_frame_equal(part.cast({pl.Categorical: pl.String}), found)


def test_it_is_read_here_too(parts: Any, tmp_path: Path):
    folder = exported(parts, tmp_path / "out")
    whole = pl.concat(parts.values()).cast({pl.Categorical: pl.String})
    assert_frame_equal(whole, load(folder).frame)
    assert_frame_equal(whole.tail(1), load(folder, part="test").frame)
    assert_frame_equal(whole.tail(1), load(folder / "test").frame)
    assert_frame_equal(whole.tail(1), load(folder / "test" / "state.json").frame)


def test_a_table_that_is_not_divided_is_the_split_train(tmp_path: Path):
    folder = exported({"data": pl.DataFrame({"a": [1]})}, tmp_path / "out")
    assert json.loads((folder / "dataset_dict.json").read_text("utf-8")) == {"splits": ["train"]}


def test_a_part_that_no_split_can_be_named_after_is_refused(tmp_path: Path):
    frame = pl.DataFrame({"a": [1]})
    with pytest.raises(CallError, match="Hugging Face has no split named 'fold 1'"):
        exported({"fold 1": frame, "b": frame}, tmp_path / "out")


def test_a_description_names_nothing_outside_its_folder(parts: Any, tmp_path: Path):
    folder = exported(parts, tmp_path / "out")
    path = folder / "test" / "state.json"
    for name in ("../train/data-00000-of-00001.arrow", "/etc/passwd", 3):
        path.write_text(json.dumps({"_data_files": [{"filename": name}]}), encoding="utf-8")
        with pytest.raises(FormatError, match="outside its folder"):
            load(folder / "test")
    path.write_text('{"_data_files": 1}', encoding="utf-8")
    with pytest.raises(FormatError, match="damaged"):
        load(folder / "test")
