"""On a disk that is really full nothing is half written, and room makes it work again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.store import Store, open_store
from tests.full_disk import fill

FULL = r"disk is full, nothing was kept: free some space"
SIZE = 4 * 2**20


@pytest.fixture
def disk(small_disk: Callable[[int], Path]) -> Path:
    return small_disk(SIZE)


def assert_whole(store: Store, kept: list[str]) -> None:
    assert store.verify() == ()
    assert sorted(one.id for one in store.runs.list()) == sorted(kept)
    staging = store.objects.folder.staging()
    assert not staging.exists() or list(staging.iterdir()) == []


@pytest.fixture
def kept(disk: Path, record: Callable[..., RunRecord]) -> tuple[Store, RunRecord]:
    """Give a store on the small disk, with one run."""
    store = open_store(disk / "lab", actor="ann")
    saved = record(artifacts=(store.objects.put(b"report", "text/plain"),))
    store.runs.save(saved)
    return store, saved


@pytest.mark.parametrize("leaving", [0, 4096, 16_384, 65_536, 262_144])
def test_a_run_for_which_there_is_no_room_leaves_nothing(
    disk: Path, kept: tuple[Store, RunRecord], record: Callable[..., RunRecord], leaving: int
):
    store, saved = kept
    ballast = fill(disk, leaving=leaving)
    big = record(report={"long": "x" * 600_000})
    with pytest.raises(StoreError, match=FULL):
        store.runs.save(big)
    assert_whole(store, [saved.id])
    ballast.unlink()
    store.runs.save(big)
    assert store.runs.get(big.id) == big
    assert_whole(store, [saved.id, big.id])


def test_a_journal_for_which_there_is_no_room_leaves_nothing(
    disk: Path, kept: tuple[Store, RunRecord], record: Callable[..., RunRecord]
):
    store, saved = kept
    # Changing pages that are there needs the journal before it needs the file.
    ballast = fill(disk)
    with pytest.raises(StoreError, match=FULL):
        store.outbox.mark_failed(saved.id, "x")
    assert store.outbox.state(saved.id).state == "pending"
    assert_whole(store, [saved.id])
    with open_store(disk / "lab", actor="bob") as again:
        assert again.runs.get(saved.id) == saved
    ballast.unlink()
    store.outbox.mark_failed(saved.id, "x")
    store.runs.save(record())
    assert store.verify() == ()


def test_an_object_for_which_there_is_no_room_leaves_nothing(
    disk: Path, kept: tuple[Store, RunRecord]
):
    store, saved = kept
    ballast = fill(disk, leaving=65_536)
    noise = os.urandom(500_000)
    with pytest.raises(StoreError, match=FULL):
        store.objects.put(noise, "text/plain")
    frame = pl.DataFrame({"a": list(noise[:200_000])}, schema={"a": pl.Int64})
    with pytest.raises(StoreError, match=FULL):
        store.objects.put_frame(frame.with_columns(pl.col("a").hash()))
    assert_whole(store, [saved.id])
    ballast.unlink()
    put = store.objects.put(noise, "text/plain")
    assert store.objects.read(put.sha256) == noise
    assert_whole(store, [saved.id])


def test_a_workspace_on_a_full_disk_is_not_opened_and_opens_later(disk: Path):
    ballast = fill(disk, leaving=8192)
    with pytest.raises(StoreError, match=FULL):
        open_store(disk / "lab", actor="ann")
    ballast.unlink()
    with open_store(disk / "lab", actor="ann") as store:
        assert store.verify() == ()


def test_a_cell_on_a_full_disk_keeps_its_result_and_says_one_sentence(disk: Path):
    rows = pl.DataFrame({"x": [1.0, None]})
    card: dict[str, Any] = {"required": ["x"], "ranges": {"x": "0 .. 5"}, "outliers": "none"}
    with qf.open(str(disk / "lab"), tracker="none") as ws:
        ws.score(rows, **card)
        ballast = fill(disk)
        with pytest.raises(StoreError, match=FULL) as refused:
            ws.score(rows, **card)
        assert refused.value.result.scores["completeness"] == 0.5  # type: ignore[attr-defined]
        ballast.unlink()
        assert ws.verify().content["is_intact"]
        ws.score(rows, **card)
        assert [one.verb for one in ws.context.store.runs.list()].count("score") == 2
