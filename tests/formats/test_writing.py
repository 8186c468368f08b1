"""A folder is written whole or not at all: kills, full disks, strangers' files, interrupts."""

from __future__ import annotations

import ctypes
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qforge_jupyter.errors import CallError, ResourceError
from qforge_jupyter.formats import _writing, load
from qforge_jupyter.formats._exporting import export
from qforge_jupyter.frames.table import Table

OLD = pl.DataFrame({"a": [1, 2, 3]})
NEW_ROWS = 40_000
FORMATS = ("csv", "parquet", "jsonl", "tfrecord", "huggingface")
#: What the killed process does; it says when it begins.
SCRIPT = """
import sys
from pathlib import Path
import polars as pl
from qforge_jupyter.formats._exporting import export
from qforge_jupyter.frames.table import Table
frame = pl.DataFrame({"a": range(40_000)}).with_columns(pl.col("a").cast(pl.String).alias("b"))
print("ready", flush=True)
for _ in sys.stdin:
    export({"data": Table.of_frame("t", frame)}, Path(sys.argv[1]), name="t",
           formats=sys.argv[2].split(","), overwrite=True)
    print("done", flush=True)
"""


def written(frame: pl.DataFrame, folder: Path, **options: Any) -> None:
    formats = options.pop("formats", ["csv"])
    export({"data": Table.of_frame("t", frame)}, folder, name="t", formats=formats, **options)


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def start(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(  # noqa: S603 — our own arguments
        [sys.executable, "-c", SCRIPT, str(folder), ",".join(FORMATS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def ask(process: subprocess.Popen[str]) -> None:
    process.stdin.write("go\n")
    process.stdin.flush()


def test_a_killed_export_leaves_the_old_one_or_the_new_one_whole(tmp_path: Path):
    folder = tmp_path / "out"
    written(OLD, folder, formats=FORMATS)
    process = start(folder)
    ask(process)
    begun = time.monotonic()
    process.stdout.readline()
    usual = time.monotonic() - begun
    process.kill()
    process.communicate()
    random_ = random.Random(7)  # noqa: S311 — not a secret
    outcomes = set()
    for _ in range(15):
        written(OLD, folder, formats=FORMATS, overwrite=True)
        process = start(folder)
        ask(process)
        time.sleep(random_.uniform(0, 1.2 * usual))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        heights = {load(folder, format=name).frame.height for name in FORMATS}
        assert heights in ({OLD.height}, {NEW_ROWS})
        outcomes |= heights
    written(OLD, folder, overwrite=True)
    assert hidden(tmp_path) == []
    assert outcomes <= {OLD.height, NEW_ROWS}


def test_a_full_disk_is_one_sentence_and_the_old_export_stands(tmp_path: Path):
    folder = tmp_path / "out"
    written(OLD, folder)
    big = pl.DataFrame({"a": range(500_000)})
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    for name in ("csv", "parquet", "jsonl", "arrow", "tfrecord", "huggingface"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
        try:
            with pytest.raises(ResourceError, match=r"could not be written \(.*as it was$"):
                written(big, folder, formats=[name], overwrite=True)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert load(folder).frame["a"].to_list() == [1, 2, 3]
    assert hidden(tmp_path) == []


def may_write_anywhere() -> bool:
    """Whether this process passes over permissions, as root does."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    bits = next(line for line in status.splitlines() if line.startswith("CapEff"))
    return bool(int(bits.split()[1], 16) >> 1 & 1)


@pytest.mark.skipif(may_write_anywhere(), reason="this user may write into every folder")
def test_a_folder_that_may_not_be_written_to_is_one_sentence(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(ResourceError, match="the folder may not be written to"):
        written(OLD, tmp_path / "out")
    tmp_path.chmod(0o700)


def test_an_export_is_not_overwritten_unasked(tmp_path: Path):
    written(OLD, tmp_path / "out")
    with pytest.raises(CallError, match="holds an export already: give --overwrite"):
        written(OLD.head(1), tmp_path / "out")
    written(OLD.head(1), tmp_path / "out", overwrite=True)
    assert load(tmp_path / "out").n_rows == 1


def test_other_peoples_files_are_never_replaced(tmp_path: Path):
    strangers = tmp_path / "home"
    strangers.mkdir()
    (strangers / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(CallError, match="holds files that no export wrote"):
        written(OLD, strangers, overwrite=True)
    written(OLD, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CallError, match=r"'notes\.txt', which no export wrote"):
        written(OLD, tmp_path / "out", overwrite=True)
    assert (strangers / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_an_empty_folder_is_filled(tmp_path: Path):
    (tmp_path / "out").mkdir()
    written(OLD, tmp_path / "out")
    assert load(tmp_path / "out").n_rows == 3


def test_a_file_and_the_working_folder_are_no_target(tmp_path: Path, monkeypatch: Any):
    (tmp_path / "file").touch()
    with pytest.raises(CallError, match="'file' is a file: give a folder"):
        written(OLD, tmp_path / "file")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CallError, match="needs a folder of its own"):
        written(OLD, Path())


def test_an_interrupt_leaves_the_old_export(tmp_path: Path):
    written(OLD, tmp_path / "out")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(OLD.head(1), tmp_path / "out", overwrite=True, progress=stop)
    assert load(tmp_path / "out").n_rows == 3
    assert hidden(tmp_path) == []


def test_what_a_crash_left_between_two_renames_is_put_back(tmp_path: Path):
    folder = tmp_path / "out"
    written(OLD, folder)
    folder.rename(tmp_path / ".out.old-00000001")
    (tmp_path / ".out.new-00000002").mkdir()
    (tmp_path / ".out.new-mine").mkdir()
    with pytest.raises(CallError, match="holds an export already"):
        written(OLD.head(1), folder)
    assert load(folder).n_rows == 3
    assert hidden(tmp_path) == [".out.new-mine"]


def test_a_system_that_cannot_exchange_folders_renames_twice(tmp_path: Path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    assert not _writing._exchange(one, other)
    other.mkdir()
    (one / "new").touch()
    assert _writing._exchange(one, other) == hasattr(ctypes.CDLL(None), "renameat2")
    _writing._put(one, other)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]


def test_an_export_that_runs_is_not_swept_away_by_another(tmp_path: Path):
    with _writing.replacing(tmp_path / "out", lambda _: None) as fresh:
        (fresh / "a").touch()
        written(OLD, tmp_path / "out", overwrite=True)
        assert (fresh / "a").exists()
    assert (tmp_path / "out" / "a").exists()
