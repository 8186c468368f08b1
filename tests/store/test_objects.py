"""A file is what its name says, or an error."""

from __future__ import annotations

import hashlib
import os
import resource
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.store import Store, open_store
from qforge_jupyter.store.folders import LocalFolder, RemoteFolder, open_folder

FRAME = pl.DataFrame(
    {
        "score": pl.Series([0.5, None, float("nan")], dtype=pl.Float32),
        "^.*$": ["a", "b\x00c", "\u202e"],
        "": [[1], [], None],
        "*": [{"a": 1}, {"a": None}, None],
        "=cmd": pl.Series(["x", "y", "x"], dtype=pl.Categorical),
    }
)


@pytest.fixture(params=["folder", "remote"])
def lab(request: pytest.FixtureRequest, tmp_path: Path):
    """Give a store whose files lie in a folder, and one whose files do not."""
    remote = f"memory://{uuid.uuid4().hex}" if request.param == "remote" else None
    with open_store(tmp_path / "lab", actor="ann", objects=remote) as store:
        yield store


def _flip(lab: Store, sha256: str, change: Any) -> None:
    """Change the bytes of an object behind the store's back."""
    folder = lab.objects.folder
    damaged = change(folder.read(sha256))
    if isinstance(folder, RemoteFolder):
        folder.system.pipe_file(folder._place(sha256), damaged)
    else:
        folder.local_path(sha256).chmod(0o600)
        folder.local_path(sha256).write_bytes(damaged)


def test_bytes_come_back_under_their_hash(lab: Store):
    kept = lab.objects.put(b"hello", "text/plain", name="greeting")
    assert kept.sha256 == hashlib.sha256(b"hello").hexdigest()
    assert (kept.name, kept.media_type, kept.n_bytes) == ("greeting", "text/plain", 5)
    assert lab.objects.read(kept.sha256) == b"hello"
    assert lab.objects.put(b"hello", "text/plain").sha256 == kept.sha256
    assert lab.objects.put(b"", "text/plain").n_bytes == 0


def test_rows_come_back_with_their_types_and_hostile_names(lab: Store):
    kept = lab.objects.put_frame(FRAME)
    assert_frame_equal(lab.objects.read_frame(kept.sha256), FRAME)
    assert_frame_equal(lab.objects.scan(kept.sha256).collect(), FRAME)


@pytest.mark.parametrize("frame", [pl.DataFrame(), pl.DataFrame({"a": []}), FRAME.clear()])
def test_frames_without_rows_come_back(lab: Store, frame: pl.DataFrame):
    assert_frame_equal(lab.objects.read_frame(lab.objects.put_frame(frame).sha256), frame)


def test_rows_of_python_objects_are_refused_in_a_sentence(lab: Store):
    with pytest.raises(StoreError, match="cast columns that hold Python objects"):
        lab.objects.put_frame(pl.DataFrame({"a": [object()]}))


@pytest.mark.parametrize("position", [0, 4, 200, -1])
def test_one_flipped_bit_is_an_error_that_names_the_object(lab: Store, position: int):
    sha256 = lab.objects.put_frame(pl.DataFrame({"a": range(1000)})).sha256

    def flip(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[position] ^= 1
        return bytes(changed)

    _flip(lab, sha256, flip)
    for read in (lab.objects.read, lab.objects.read_frame, lab.objects.scan):
        with pytest.raises(StoreError, match=f"{sha256} is damaged"):
            read(sha256)
    assert lab.objects.verify() == (f"The object {sha256} is damaged",)


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda _: b"", lambda data: data * 2])
def test_a_truncated_or_longer_file_is_an_error_and_is_healed_by_the_next_put(
    lab: Store, change: Any
):
    sha256 = lab.objects.put(b"hello", "text/plain").sha256
    _flip(lab, sha256, change)
    with pytest.raises(StoreError, match="is damaged"):
        lab.objects.read(sha256)
    lab.objects.put(b"hello", "text/plain")
    assert lab.objects.read(sha256) == b"hello"


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "a" * 65, "^.*$"]
)
def test_a_name_that_is_no_hash_is_refused(lab: Store, name: str):
    for ask in (lab.objects.read, lab.objects.read_frame, lab.objects.scan, lab.objects.has):
        with pytest.raises(StoreError, match="64 digits"):
            ask(name)


def test_a_missing_object_is_an_error_that_names_it(lab: Store):
    for read in (lab.objects.read, lab.objects.read_frame, lab.objects.scan):
        with pytest.raises(StoreError, match=r"0{64} is missing"):
            read("0" * 64)


def test_a_lost_object_of_a_run_is_noticed(lab: Store, record: Callable[..., RunRecord]):
    kept = lab.objects.put(b"report", "text/plain")
    lab.runs.save(record(artifacts=(kept, kept)))
    lab.objects.folder.remove(kept.sha256)
    assert lab.verify() == (f"The object {kept.sha256} is missing",)


def test_a_stranger_in_the_folder_is_named(lab: Store):
    folder = lab.objects.folder
    if isinstance(folder, LocalFolder):
        lab.objects.put(b"x", "text/plain")
        (next(folder.root.glob("[0-9a-f]*")) / "notes.txt").write_text("x")
    else:
        folder.system.pipe_file(f"{folder.root}/ab/notes.txt", b"x")
    assert lab.objects.verify() == ("The object store holds 'notes.txt', which is no object",)
    assert lab.objects.gc(older_than_s=-1) != ("notes.txt",)


def test_gc_removes_only_what_is_old_and_unreferenced(lab: Store, record: Callable[..., RunRecord]):
    used = lab.objects.put(b"used", "text/plain")
    unused = lab.objects.put(b"unused", "text/plain")
    lab.runs.save(record(artifacts=(used,)))
    assert lab.objects.gc() == ()
    assert lab.objects.gc(older_than_s=-1) == (unused.sha256,)
    assert lab.objects.has(used.sha256)
    assert not lab.objects.has(unused.sha256)
    assert lab.verify() == ()


def test_gc_of_one_workspace_leaves_the_files_of_another(
    open_again: Any, record: Callable[..., RunRecord]
):
    ours, theirs = open_again(), open_again(workspace="theirs")
    kept = theirs.objects.put(b"theirs", "text/plain")
    theirs.runs.save(record(artifacts=(kept,)))
    assert ours.objects.gc(older_than_s=-1) == ()
    assert theirs.objects.read(kept.sha256) == b"theirs"
    assert ours.verify() == theirs.verify() == ()


def test_gc_sweeps_what_a_killed_process_left_behind(lab: Store):
    staging = lab.objects.folder.staging()
    if isinstance(lab.objects.folder, RemoteFolder):
        return  # the system's temporary folder is not ours to sweep
    lab.objects.put(b"x", "text/plain")
    (staging / "left").write_bytes(b"half")
    lab.objects.gc()
    assert (staging / "left").exists()
    lab.objects.gc(older_than_s=-1)
    assert list(staging.iterdir()) == []


def test_putting_again_what_is_old_makes_it_young(tmp_path: Path):
    with open_store(tmp_path, actor="ann") as store:
        kept = store.objects.put(b"x", "text/plain")
        os.utime(store.objects.folder.local_path(kept.sha256), (0, 0))
        store.objects.put(b"x", "text/plain")
        assert store.objects.gc() == ()


def test_a_full_disk_is_a_sentence_and_leaves_nothing_behind(tmp_path: Path):
    with open_store(tmp_path, actor="ann") as store:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
        try:
            with pytest.raises(StoreError, match="disk is full"):
                store.objects.put(os.urandom(10_000), "text/plain")
            with pytest.raises(StoreError):
                store.objects.put_frame(pl.DataFrame({"a": os.urandom(50_000).hex().split("0")}))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert list((tmp_path / "objects").rglob("*.*")) == [tmp_path / "objects" / ".staging"]
        assert [file for file in (tmp_path / "objects").rglob("*") if file.is_file()] == []
        assert store.verify() == ()


def test_a_file_url_is_a_local_folder(tmp_path: Path):
    assert isinstance(open_folder(f"file://{tmp_path}/x"), LocalFolder)
