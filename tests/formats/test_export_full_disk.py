"""Onto a disk that is really full nothing is exported, and the former folder stays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import ResourceError
from qforge_jupyter.formats import load
from qforge_jupyter.formats._exporting import EXPORTS
from tests.full_disk import fill

ROWS = pl.DataFrame({"id": range(60_000)}).with_columns(
    x=pl.col("id").hash(1).cast(pl.Float64), note=pl.format("{}", pl.col("id").hash(2))
)
FORMER = ROWS.head(1_000)
SIZE = 8 * 2**20


def content_of(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("leaving", [0, 200_000])
@pytest.mark.parametrize("name", EXPORTS)
def test_the_former_export_stays_and_room_makes_it_work_again(
    small_disk: Callable[[int], Path], tmp_path: Path, name: str, leaving: int
):
    disk = small_disk(SIZE)
    out = disk / "out"
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        ws.export(FORMER, to=str(out), format=[name], card=True)
        before = content_of(out)
        ballast = fill(disk, leaving=leaving)
        with pytest.raises(ResourceError) as told:
            ws.export(ROWS, to=str(out), format=[name], card=True, overwrite=True)
        assert "(the disk is full): make room or give another folder" in told.value.message
        assert "\n" not in told.value.message
        assert before == content_of(out)
        assert {"out", "ballast"} == {path.name for path in disk.iterdir()}
        assert FORMER.equals(load(out).frame)
        ballast.unlink()
        ws.export(ROWS.head(2_000), to=str(out), format=[name], overwrite=True)
    assert ROWS.head(2_000).equals(load(out).frame)


def test_a_first_export_that_finds_no_room_leaves_no_folder(
    small_disk: Callable[[int], Path], tmp_path: Path
):
    disk = small_disk(SIZE)
    fill(disk, leaving=100_000)
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        with pytest.raises(ResourceError, match="the disk is full"):
            ws.export(ROWS, to=str(disk / "out"), format=["csv", "parquet"])
        assert ["failed"] == [each.status for each in ws.context.store.runs.list(verb="export")]
    assert ["ballast"] == [path.name for path in disk.iterdir()]
