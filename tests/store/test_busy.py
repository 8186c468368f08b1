"""A store that another process holds says which, or that it cannot be seen."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from qforge_jupyter.errors import StoreBusy
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.store import Store, holders, open_store
from qforge_jupyter.store.holders import MIGRATION_LOCK

HOLDER = Path(__file__).with_name("holder.py")
lists_locks = pytest.mark.skipif(
    not Path("/proc/locks").exists(), reason="the system does not list its file locks"
)


@pytest.fixture
def held(open_again: Any, tmp_path: Path):
    """Let a second process hold the test's store, and give it."""
    open_again().close()
    objects = str(open_again.place.get("objects", tmp_path / "lab" / "objects"))
    process = subprocess.Popen(  # noqa: S603 — our own script
        [sys.executable, "-W", "error", str(HOLDER), open_again.target, objects],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.communicate()


def _refused(store: Store, record: RunRecord) -> str:
    with pytest.raises(StoreBusy, match="did not let go in time") as busy:
        store.runs.save(record)
    assert busy.value.is_transient
    assert "\n" not in busy.value.message
    return busy.value.message


@lists_locks
def test_the_process_that_holds_the_store_is_named(
    held: subprocess.Popen[str], open_again: Any, record: Callable[..., RunRecord]
):
    store = open_again(timeout_s=0.2)
    said = _refused(store, record())
    assert re.search(rf"\bprocess {held.pid}\b", said), said
    if store.kind == "PostgreSQL":
        assert "of role qforge_owner" in said
    held.communicate()
    store.runs.save(record())


@lists_locks
def test_a_program_that_is_none_of_ours_is_named_too(
    tmp_path: Path, record: Callable[..., RunRecord]
):
    store = open_store(tmp_path, actor="ann", timeout_s=0.2)
    script = (
        "import sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "database.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(  # noqa: S603 — our own script
        [sys.executable, "-c", script, str(tmp_path / "store.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        assert f"(process {process.pid}, python" in _refused(store, record())


def test_another_thread_of_this_process_is_no_other_process(
    open_again: Any, record: Callable[..., RunRecord]
):
    store, holder = open_again(timeout_s=0.2), open_again()
    with holder._database.writing() as session:
        holder._database.lock(session)
        said = _refused(store, record())
    if store.kind == "SQLite" and Path("/proc/locks").exists():
        assert said.startswith("Another thread of this process")


def test_nobody_is_named_when_nobody_holds_the_store(store: Store):
    assert holders.holders(store._database.engine) == ()
    assert "cannot be seen from here" in holders._sentence(())


def test_a_long_reader_is_named_by_a_writer_that_waits_for_it(
    tmp_path: Path, record: Callable[..., RunRecord]
):
    store = open_store(tmp_path, actor="ann", timeout_s=0.2)
    if store.describe()["journal"] == "WAL":
        pytest.skip("nobody waits for a reader in WAL mode")
    reader = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM run").fetchall()
    said = _refused(store, record())
    reader.close()
    if Path("/proc/locks").exists():
        assert said.startswith("Another thread of this process")


def test_a_migration_by_another_is_named_while_it_is_waited_for(
    postgresql_database: Callable[[], str], tmp_path: Path
):
    url = postgresql_database()
    with psycopg.connect(url.replace("+psycopg", ""), application_name="their tool") as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        with pytest.raises(StoreBusy, match=r"backend \d+ of role qforge_owner, their tool"):
            open_store(url, actor="ann", objects=tmp_path, timeout_s=0.3)


def test_too_many_threads_at_once_are_told_that_they_are_it(
    postgresql_database: Callable[[], str], tmp_path: Path
):
    store = open_store(postgresql_database(), actor="ann", objects=tmp_path, timeout_s=0.3)
    pool = store._database.engine.pool
    taken = [store._database.engine.connect() for _ in range(pool.size() + pool._max_overflow)]
    try:
        with pytest.raises(StoreBusy, match="This process uses all the connections"):
            store.runs.list()
    finally:
        for connection in taken:
            connection.close()
    assert store.runs.list() == ()
    store.close()
