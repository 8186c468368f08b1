"""Opening works in any folder and fails in one sentence."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from qforge_jupyter.errors import CallError, StoreBusy, StoreError
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.store import Store, open_store
from qforge_jupyter.store.backends import sqlite


@pytest.mark.parametrize(
    "name", ["with space", "ünïcödé 数据", "a'b\"c", "%41 ?x=1#y", "*[!a]*", "deep/er/est"]
)
def test_a_store_opens_in_any_folder_again_and_again(
    tmp_path: Path, record: Callable[..., RunRecord], name: str
):
    saved = record()
    with open_store(tmp_path / name, actor="ann") as store:
        kept = store.objects.put_frame(pl.DataFrame({"a": [1]}))
        store.runs.save(saved)
    with open_store(str(tmp_path / name), actor="ann") as store:
        assert store.runs.get(saved.id) == saved
        assert store.objects.scan(kept.sha256).collect().height == 1
        assert store.verify() == ()
    files = {path.name for path in (tmp_path / name).iterdir()}
    assert files - {"store.db-journal"} == {"store.db", "objects"}


def test_a_closed_store_refuses_further_use_and_others_go_on(
    open_again: Any, record: Callable[..., RunRecord]
):
    store, other = open_again(), open_again()
    store.close()
    store.close()
    for use in (store.runs.list, store.verify, lambda: store.runs.save(record())):
        with pytest.raises(StoreError, match=r"The workspace is closed: open it again"):
            use()
    assert other.runs.list() == ()
    assert open_again().runs.list() == ()


def test_closing_leaves_no_open_file_and_no_backend(
    open_again: Any, record: Callable[..., RunRecord], postgresql_url: str
):
    store = open_again()
    threads = [threading.Thread(target=store.runs.save, args=(record(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.runs.list()) == 4
    if store.kind == "SQLite":
        place = store.describe()["place"]
        store.close()
        opened = [one.path for one in psutil.Process().open_files()]
        assert [path for path in opened if path.startswith(place)] == []
        return
    name = store._database.engine.url.database
    admin = sa.create_engine(postgresql_url, poolclass=sa.pool.NullPool)
    count = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")

    def backends() -> int:
        with admin.connect() as connection:
            return int(connection.execute(count, {"name": name}).scalar_one())

    assert backends() > 0
    store.close()
    until = time.monotonic() + 60
    while backends() and time.monotonic() < until:  # a backend ends a moment after its client
        time.sleep(0.02)
    assert backends() == 0


def test_a_store_that_nobody_closes_leaves_no_warning(
    open_again: Any, recwarn: pytest.WarningsRecorder
):
    import gc

    def forget() -> None:
        options = {"actor": "ann", **open_again.place}
        open_store(open_again.target, **options).runs.list()

    forget()
    gc.collect()
    assert [str(one.message) for one in recwarn] == []


def test_describe_says_where_and_how_without_a_secret(
    postgresql_database: Callable[[], str], tmp_path: Path
):
    url = postgresql_database().replace("?", "?password=hunter2&")
    with open_store(url, actor="ann", objects=tmp_path) as store:
        said = store.describe()
        assert "hunter2" not in repr((said, store))
        assert said["database"] == "PostgreSQL"


def test_the_journal_is_chosen_by_version_and_file_system():
    chosen = {
        (version, disk): sqlite.choose_journal(version, disk).name
        for version in [(3, 40, 1), (3, 44, 6), (3, 45, 0), (3, 50, 7), (3, 51, 2), (3, 51, 3)]
        for disk in ("ext4", "nfs4", "fuse.sshfs", "")
    }
    wal = {key for key, name in chosen.items() if name == "WAL"}
    assert wal == {((3, 44, 6), "ext4"), ((3, 50, 7), "ext4"), ((3, 51, 3), "ext4")}
    assert "not known to be local" in sqlite.choose_journal((3, 52, 0), "nfs").reason


def test_the_chosen_journal_is_the_one_in_force(tmp_path: Path):
    with open_store(tmp_path, actor="ann") as store:
        said = store.describe()
        with store._database.reading() as session:
            assert session.scalar(sa.text("PRAGMA journal_mode")).upper() == said["journal"]
            assert session.scalar(sa.text("PRAGMA foreign_keys")) == 1
        assert said["journal_reason"]


@pytest.mark.skipif(
    sqlite.choose_journal(sqlite3.sqlite_version_info, "ext4").name != "WAL",
    reason="the linked SQLite has not the WAL-reset fix",
)
def test_wal_is_really_used_where_sqlite_has_the_fix(
    tmp_path: Path, record: Callable[..., RunRecord]
):
    if sqlite.file_system_of(tmp_path) not in sqlite.LOCAL_FILE_SYSTEMS:
        pytest.skip("the temporary folder is not known to be on a local disk")
    store = open_store(tmp_path, actor="ann", timeout_s=0.2)
    assert store.describe()["journal"] == "WAL"
    store.runs.save(record())
    with store._database.reading() as session:
        assert session.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(sa.text("SELECT count(*) FROM run")) == 1
        store.runs.save(record())  # a writer does not wait for a reader
        assert session.scalar(sa.text("SELECT count(*) FROM run")) == 1
    assert len(store.runs.list()) == 2
    assert store.verify() == ()


def test_wal_works_where_it_is_chosen(
    tmp_path: Path, record: Callable[..., RunRecord], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 53, 0))
    with open_store(tmp_path, actor="ann") as store:
        if store.describe()["journal"] == "WAL":
            store.runs.save(record())
        assert store.verify() == ()


@pytest.mark.parametrize(
    ("target", "options", "said"),
    [
        ("mysql://u:hunter2@h/x", {}, "postgresql"),
        ("postgresql+psycopg://u:hunter2@h/x", {}, "objects="),
        ("postgresql+psycopg://u:hunter2@h:port/x", {"objects": "x"}, "cannot be read"),
        ("lab", {"workspace": "../x"}, "workspace is named"),
        ("lab", {"workspace": "a" * 64}, "workspace is named"),
    ],
)
def test_a_wrong_target_is_refused_without_showing_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, options: dict[str, Any], said: str
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CallError, match=said) as refused:
        open_store(target, actor="ann", **options)
    assert "hunter2" not in str(refused.value)


def test_a_server_that_is_not_there_is_a_sentence_without_a_secret(tmp_path: Path):
    url = "postgresql+psycopg://u:hunter2@127.0.0.1:1/x"
    with pytest.raises(StoreError, match="cannot be reached") as refused:
        open_store(url, actor="ann", objects=tmp_path, timeout_s=2)
    assert "hunter2" not in str(refused.value)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "lab").write_text("x")
    with pytest.raises(StoreError, match="a file lies in its place"):
        open_store(tmp_path / "lab", actor="ann")


@pytest.mark.parametrize(
    "damage", [b"not a database at all" * 100, b"SQLite format 3\0" + b"x" * 999]
)
def test_a_damaged_database_is_refused(tmp_path: Path, damage: bytes):
    (tmp_path / "store.db").write_bytes(damage)
    with pytest.raises(StoreError, match="damaged or no database"):
        open_store(tmp_path, actor="ann")


def test_a_database_damaged_inside_is_noticed(tmp_path: Path, record: Callable[..., RunRecord]):
    with open_store(tmp_path, actor="ann") as store:
        for _ in range(5):
            store.runs.save(record())
    file = tmp_path / "store.db"
    content = bytearray(file.read_bytes())
    content[8192 : len(content) - 8192] = b"\xff" * (len(content) - 16384)
    file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"), open_store(tmp_path, actor="ann") as store:
        store.verify()


def test_a_locked_store_is_busy_after_the_timeout_and_works_afterwards(
    open_again: Any, record: Callable[..., RunRecord]
):
    store = open_again(timeout_s=0.2)
    holder = open_again()
    saved = record()
    with holder._database.writing() as session:
        holder._database.lock(session)
        with pytest.raises(StoreBusy, match="holds the store and did not let go") as busy:
            store.runs.save(saved)
        assert busy.value.is_transient
        if store._database.engine.dialect.name == "postgresql":
            assert store.runs.list() == ()
    store.runs.save(saved)
    assert store.runs.get(saved.id) == saved


def test_a_lock_that_is_let_go_in_time_is_waited_for(
    open_again: Any, record: Callable[..., RunRecord]
):
    store, holder = open_again(), open_again()
    taken, go = threading.Event(), threading.Event()

    def hold() -> None:
        with holder._database.writing() as session:
            holder._database.lock(session)
            taken.set()
            go.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(60)
    threading.Timer(0.5, go.set).start()
    store.runs.save(record())
    thread.join()
    assert len(store.runs.list()) == 1


@pytest.mark.parametrize(
    ("pragma", "said"),
    [("max_page_count = 1", "disk is full"), ("query_only = ON", "cannot be written to")],
)
def test_a_full_or_read_only_disk_is_a_sentence_and_nothing_is_half_written(
    tmp_path: Path, record: Callable[..., RunRecord], pragma: str, said: str
):
    store = open_store(tmp_path, actor="ann")
    saved = record()
    store.runs.save(saved)

    def restrict(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(store._database.engine, "connect", restrict)
    big = record(report={"long": "x" * 1_000_000})
    with pytest.raises(StoreError, match=said):
        store.runs.save(big)
    event.remove(store._database.engine, "connect", restrict)
    assert [one.id for one in store.runs.list()] == [saved.id]
    assert store.verify() == ()
    store.runs.save(big)
    assert store.runs.get(big.id) == big


def test_eight_threads_save_and_read_at_once(store: Store, record: Callable[..., RunRecord]):
    failures = []

    def work() -> None:
        try:
            for _ in range(5):
                saved = record()
                store.runs.save(saved)
                assert store.runs.get(saved.id) == saved
        except BaseException as problem:  # noqa: BLE001 — a thread's failure is told to the test
            failures.append(problem)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.runs.list()) == 40
    assert store.verify() == ()


def test_eight_threads_open_a_new_store_at_once(open_again: Any):
    failures = []

    def work() -> None:
        try:
            open_again().runs.list()
        except BaseException as problem:  # noqa: BLE001 — a thread's failure is told to the test
            failures.append(problem)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
