"""An export is loaded from a real server by the URL of its manifest, and proved file by file."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, FormatError
from qforge_jupyter.formats import load, look
from qforge_jupyter.formats._exporting import export
from qforge_jupyter.frames.table import Table
from tests.formats.conftest import every_type_frame

ROWS = every_type_frame()


class Asked(SimpleHTTPRequestHandler):
    """Gives the files of a folder, and remembers what was asked for."""

    paths: list[str]

    def do_GET(self) -> None:
        self.paths.append(self.path)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Export two parts in three formats."""
    parts = {
        "train": Table.of_frame("train", ROWS.head(2)),
        "rest": Table.of_frame("rest", ROWS.tail(1)),
    }
    export(parts, tmp_path / "out", name="every", formats=["parquet", "jsonl", "huggingface"])
    return tmp_path / "out"


@pytest.fixture
def server(folder: Path) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Here", (Asked,), {"paths": asked})
    serving = partial(handler, directory=str(folder.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), serving) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/out/manifest.json", asked
        running.shutdown()


def test_every_type_comes_back_as_it_was(server):
    url, asked = server
    table = load(url)
    assert ROWS.equals(table.frame)
    assert ROWS.schema == table.schema
    assert f"file {url}" == table.origin
    assert not [path for path in asked if ".jsonl" in path]


def test_a_part_and_a_format_can_be_chosen_and_nothing_else_is_fetched(server):
    url, asked = server
    assert ROWS.tail(1).equals(load(url, part="rest", format="jsonl").frame)
    fetched = {path.rpartition("/")[2] for path in asked} - {"manifest.json"}
    assert {"rest.jsonl"} == fetched
    assert ROWS.equals(load(url, format="hf").frame)


def test_what_stands_behind_the_question_mark_is_sent_for_the_files_too(server):
    url, asked = server
    load(f"{url}?room=7", part="train")
    assert {"/out/manifest.json?room=7", "/out/train.parquet?room=7"} == set(asked)


def test_a_changed_byte_is_refused(server, folder):
    path = folder / "train.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(FormatError, match=r"'train.parquet' is not the file that .* names"):
        load(server[0])


def test_a_file_that_is_gone_is_one_sentence(server, folder):
    (folder / "train.parquet").unlink()
    with pytest.raises(FormatError, match=r"There is no file 'http://.*/train\.parquet'"):
        load(server[0])


@pytest.mark.parametrize(
    "path", ["../secret.parquet", "/secret.parquet", "http://example.org/a.parquet", "a/../../b"]
)
def test_nothing_outside_of_its_folder_is_asked_for(server, folder, path):
    url, asked = server
    said = json.loads((folder / "manifest.json").read_text("utf-8"))
    for one in said["files"]:
        one["path"] = path
    text = json.dumps(said, separators=(",", ":"))
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match="names a file outside its folder"):
        load(url)
    assert {"/out/manifest.json"} == set(asked)


def test_an_unknown_part_or_option_is_one_sentence(server):
    with pytest.raises(FormatError, match="no part 'trian': did you mean 'train'"):
        load(server[0], part="trian")
    with pytest.raises(CallError, match="no option 'sheet'"):
        load(server[0], sheet="x")
    with pytest.raises(CallError, match="no option 'sheet'"):
        look(server[0], sheet="x")
    look(server[0], part="train")


def test_the_verb_loads_it(server, tmp_path):
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        loaded = ws.load(server[0], part="train", name="every")
    assert pl.DataFrame.equals(ROWS.head(2), loaded.frame)
