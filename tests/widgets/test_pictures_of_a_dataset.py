"""Pictures that rows name are read from where the dataset came from, and from nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.widgets.bundles import bundle

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
ASKED = {"show": {"image": "path"}, "choose kind": ["a", "b"]}
PATHS = ["a.png", "sub/b.png", "../out.png", "link.png", "/etc/hostname", "^.*$", "gone.png"]


@pytest.fixture(autouse=True)
def _built(tmp_path, monkeypatch):
    """A bundle of two empty files: the real one is tested in browsers."""
    folder = tmp_path / "static"
    folder.mkdir()
    for kind in ("js", "css"):
        (folder / f"label.{kind}").write_text("")
    monkeypatch.setattr("qforge_jupyter.widgets.label.bundle", lambda name: bundle(name, folder))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Make a table of paths with pictures beside it, outside of workspace and notebook."""
    folder = tmp_path / "survey"
    (folder / "sub").mkdir(parents=True)
    for name in ("survey/a.png", "survey/sub/b.png", "out.png"):
        (tmp_path / name).write_bytes(PNG)
    (folder / "link.png").symlink_to(tmp_path / "out.png")
    pl.DataFrame({"id": range(len(PATHS)), "path": PATHS}).write_parquet(folder / "rows.parquet")
    return folder


def said(labeling: Any) -> list[str]:
    """Say of each row whether its picture came, or the sentence that came in its place."""
    message, _ = qf.widget(labeling).answer({"id": 1, "kind": "hello", "n": len(PATHS)})
    cells = [item["fields"]["path"] for item in message["items"]]
    return [cell.get("error", "read") if isinstance(cell, dict) else "read" for cell in cells]


@pytest.mark.parametrize("way", ["load", "commit", "label"])
def test_pictures_beside_the_file_are_read_and_none_outside(tmp_path, source, way):
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as ws:
        loaded = ws.load(str(source / "rows.parquet"))
        if way == "label":
            labeling = ws.label(loaded, by=["id"], **ASKED)
        else:
            held = loaded if way == "load" else loaded.table
            ws.commit(held, to="rows", by=["id"])
            ws.commit(loaded.frame.with_columns(new=pl.lit(1)), to="rows")
            labeling = ws.label("rows", **ASKED)
        assert (str(source.resolve()),) == labeling.folders
        first, second, *refused, gone = said(labeling)
        assert ("read", "read") == (first, second)
        assert "its file is there" in gone
        assert "read" not in refused
        up, _, absolute, _ = refused
        assert all("outside of the workspace" in each for each in (up, absolute))
        assert str(tmp_path) not in repr(labeling)


def test_a_table_that_was_made_here_names_no_folder(tmp_path, source):
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as ws:
        ws.commit(pl.DataFrame({"id": [1], "path": [str(source / "a.png")]}), to="rows", by=["id"])
        labeling = ws.label("rows", **ASKED)
        assert () == labeling.folders
        message, _ = qf.widget(labeling).answer({"id": 1, "kind": "hello"})
        assert "outside of the workspace" in message["items"][0]["fields"]["path"]["error"]
