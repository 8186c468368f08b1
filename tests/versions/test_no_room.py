"""A disk that is full or read-only, and a store that is held: one sentence, nothing half done."""

import sqlite3
import subprocess

import polars as pl
import pytest
import sqlalchemy as sa

import qforge_jupyter as qf
from qforge_jupyter.errors import StoreBusy, StoreError
from qforge_jupyter.versions.reading import open_version
from qforge_jupyter.versions.verifying import verify_versions
from tests.full_disk import fill

ROWS = pl.DataFrame({"id": range(5_000)}).with_columns(
    x=pl.col("id").hash(1).cast(pl.Float64), note=pl.format("{}", pl.col("id").hash(2))
)
NEW = ROWS.with_columns(x=pl.col("x").sqrt())
SIDE = ROWS.with_columns(note=pl.format("{}", pl.col("id").hash(3)))


@pytest.fixture
def disk(small_disk):
    return small_disk(8 * 2**20)


@pytest.fixture
def forked(disk):
    """A workspace on the small disk, with two branches that differ."""
    with qf.open(str(disk / "lab"), tracker="none", actor="ann") as ws:
        ws.commit(ROWS, to="d", by=["id"])
        ws.branch("d", as_="side")
        ws.commit(SIDE, to="d@side")
        yield ws


def state(ws):
    store = ws.context.store
    dataset = store.datasets.find("d").id
    refs = {each.name: each.head for each in store.refs.of(dataset)}
    return refs, {each.id for each in store.commits.of(dataset)}


def assert_whole(ws, before):
    store = ws.context.store
    assert before == state(ws)
    assert () == store.verify() + verify_versions(store)
    assert [] == list(store.objects.folder.staging().glob("*"))
    assert ROWS.equals(open_version(store, "d").frame)
    assert SIDE.equals(open_version(store, "d@side").frame)


def assert_goes_on(ws):
    store = ws.context.store
    ws.checkout("d@main")
    ws.commit(NEW, to="d")
    assert "merged" == ws.merge("d", from_="side").how
    assert NEW.with_columns(SIDE["note"]).equals(open_version(store, "d").frame)
    assert () == store.verify() + verify_versions(store)


def refused(work, said, kind=StoreError):
    with pytest.raises(kind, match=said) as problem:
        work()
    assert "\n" not in problem.value.message


@pytest.mark.parametrize("leaving", [0, 16_384, 65_536])
def test_on_a_full_disk_nothing_is_committed_or_merged_and_all_is_kept(forked, disk, leaving):
    before = state(forked)
    ballast = fill(disk, leaving=leaving)
    full = "disk is full, nothing was kept: free some space"
    refused(lambda: forked.commit(NEW, to="d"), full)
    refused(lambda: forked.commit(SIDE.with_columns(x=NEW["x"]), to="d@side"), full)
    if not leaving:
        refused(lambda: forked.merge("d", from_="side"), full)
        # Taking out is a run that is kept, too; its rows are in the error's result.
        with pytest.raises(StoreError, match=full) as told:
            forked.checkout("d@side")
        assert SIDE.equals(told.value.result.frame)
    ballast.unlink()
    assert_whole(forked, before) if leaving == 0 else assert_unmoved(forked, before)
    assert_goes_on(forked)


def assert_unmoved(ws, before):
    assert before == state(ws)
    assert () == ws.context.store.verify() + verify_versions(ws.context.store)


def test_on_a_read_only_disk_nothing_is_committed_or_merged_and_all_is_kept(forked, disk):
    before = state(forked)
    # As a disk with errors becomes: whoever has files open, reads on and writes no more.
    forked.context.store._database.engine.dispose()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)  # noqa: S603, S607 — our own
    for work in (
        lambda: forked.commit(NEW, to="d"),
        lambda: forked.merge("d", from_="side"),
        lambda: forked.checkout("d@side"),
        lambda: forked.tag("d", as_="v1"),
        lambda: forked.rollback("d", to="side"),
    ):
        refused(
            work, "cannot be written to, nothing was kept: check its permissions|cannot be opened"
        )
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)  # noqa: S603, S607 — our own
    assert_whole(forked, before)
    assert_goes_on(forked)


def impatient(engine):
    """Let new connections wait for a tenth of a second."""
    sa.event.listen(engine, "connect", lambda one, _: one.execute("PRAGMA busy_timeout = 100"))
    engine.dispose()


def test_while_another_holds_the_store_nothing_is_committed_and_later_it_is(tmp_path):
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as ws:
        ws.commit(ROWS, to="d", by=["id"])
        ws.branch("d", as_="side")
        ws.commit(SIDE, to="d@side")
        before = state(ws)
        impatient(ws.context.store._database.engine)
        holder = sqlite3.connect(tmp_path / "lab" / "store.db", isolation_level=None)
        holder.execute("PRAGMA busy_timeout = 0")
        holder.execute("BEGIN IMMEDIATE")
        for work in (
            lambda: ws.commit(NEW, to="d"),
            lambda: ws.merge("d", from_="side"),
            lambda: ws.checkout("d@side"),
            lambda: ws.tag("d", as_="v1"),
        ):
            refused(work, "did not let go in time", StoreBusy)
        holder.execute("ROLLBACK")
        holder.close()
        assert_whole(ws, before)
        assert_goes_on(ws)
