"""Who holds a store that did not let go in time, as far as it can be seen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from qforge_jupyter.errors import StoreBusy
from qforge_jupyter.store.failures import BUSY

#: A lock in Linux's list: kind, process, device, inode, first and last byte.
_LOCK = re.compile(r"(READ|WRITE) +(\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) (\d+) (\d+|EOF)")
#: SQLite's bytes: who is to write holds RESERVED, or in WAL mode the write lock of the index.
_RESERVED, _WAL_WRITE = 0x40000001, 120
_BACKENDS = """
SELECT DISTINCT a.pid, a.usename, a.application_name
FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.granted AND l.pid <> pg_backend_pid() AND {which} ORDER BY a.pid
"""
#: Whose transaction locked the workspace's row last, and still runs.
_OF_ROW = "l.locktype = 'transactionid' AND l.transactionid IN (SELECT w.xmax FROM workspace AS w)"
_OF_MIGRATION = """l.locktype = 'advisory' AND l.objsubid = 1
AND l.classid::bigint = :high AND l.objid::bigint = :low
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
#: Of the lock under which PostgreSQL is migrated: "qforge" in ASCII.
MIGRATION_LOCK = 0x71666F726765


@contextmanager
def holder_named(engine: sa.Engine) -> Iterator[None]:
    """Say in a `StoreBusy` which process holds the store, or that it cannot be seen."""
    try:
        yield
    except StoreBusy as problem:
        if problem.message != BUSY:
            raise
        raise StoreBusy(_sentence(holders(engine))) from problem.__cause__


def holders(engine: sa.Engine) -> tuple[str, ...]:
    """Name the processes that hold the store now; empty when none can be seen.

    They are read from the locks themselves: Linux's list of file locks for
    SQLite, the server's for PostgreSQL. Elsewhere nobody is named.
    """
    if engine.dialect.name == "postgresql":
        return _of_server(engine)
    return _of_file(Path(str(engine.url.database)))


def _sentence(found: tuple[str, ...]) -> str:
    if not found:
        return (
            "Another process holds the store and did not let go in time, and which one cannot "
            "be seen from here: try again, or end what else has the store open"
        )
    if found == (_program(os.getpid()),):
        return (
            "Another thread of this process holds the store and did not let go in time: "
            "try again when it is done"
        )
    return (
        f"Another process holds the store and did not let go in time ({', '.join(found)}): "
        "try again, or end that process"
    )


def _of_file(file: Path) -> tuple[str, ...]:
    try:
        listed = Path("/proc/locks").read_text(encoding="utf-8")
    except OSError:
        return ()
    store = _locks_on(file, listed)
    index = _locks_on(file.with_name(f"{file.name}-shm"), listed)
    # A writer waits for the one who may write; one about to finish, for readers too.
    writers = [pid for kind, pid, first, last in store if kind == "WRITE"]
    writers += [
        p for kind, p, first, last in index if kind == "WRITE" and first <= _WAL_WRITE <= last
    ]
    readers = [pid for kind, pid, _, last in store if kind == "READ" and last > _RESERVED]
    return tuple(_program(pid) for pid in sorted(set(writers or readers)))


def _locks_on(file: Path, listed: str) -> list[tuple[str, int, int, float]]:
    try:
        known = file.stat()
    except OSError:
        return []
    wanted = (os.major(known.st_dev), os.minor(known.st_dev), known.st_ino)
    return [
        (kind, int(pid), int(first), float("inf") if last == "EOF" else int(last))
        for kind, pid, major, minor, inode, first, last in _LOCK.findall(listed)
        if (int(major, 16), int(minor, 16), int(inode)) == wanted
    ]


def _program(pid: int) -> str:
    """Name a process by its number and its program, never by its arguments."""
    import psutil

    try:
        return f"process {pid}, {psutil.Process(pid).name()}"
    except psutil.Error:
        return f"process {pid}"


def _of_server(engine: sa.Engine) -> tuple[str, ...]:
    key = {"high": MIGRATION_LOCK >> 32, "low": MIGRATION_LOCK & 0xFFFFFFFF}
    found: list[str] = []
    for which, values in ((_OF_ROW, {}), (_OF_MIGRATION, key)):
        # Of a database that is migrated for the first time there is no workspace yet.
        with suppress(sa.exc.SQLAlchemyError), engine.connect() as connection, connection.begin():
            asked = connection.execute(sa.text(_BACKENDS.format(which=which)), values)
            found += [
                f"backend {pid} of role {role}{f', {program}' if program else ''}"
                for pid, role, program in asked
            ]
    return tuple(found)
