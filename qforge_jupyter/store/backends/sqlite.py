"""SQLite: one file in the workspace's folder, safe under ``kill -9`` and two kernels."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

FILE_NAME = "store.db"
#: File systems on which SQLite's shared memory and locks can be trusted.
LOCAL_FILE_SYSTEMS = frozenset(
    {
        *("apfs", "bcachefs", "btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "hfs", "jfs"),
        *("msdos", "ntfs", "overlay", "reiserfs", "tmpfs", "ufs", "vfat", "xfs", "zfs"),
    }
)


@dataclass(frozen=True)
class JournalMode:
    """How SQLite makes a transaction whole, and why so."""

    name: str
    synchronous: str
    reason: str


def choose_journal(version: tuple[int, ...], file_system: str) -> JournalMode:
    """Take WAL only where it can be trusted.

    SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections
    write and checkpoint at once; 3.51.3, 3.50.7 and 3.44.6 have the fix. On a
    network file system WAL does not work at all.

    Examples
    --------
    >>> choose_journal((3, 51, 3), "ext4").name
    'WAL'
    >>> choose_journal((3, 40, 1), "ext4").reason
    'SQLite 3.40.1 has the WAL-reset bug (fixed in 3.51.3, 3.50.7 and 3.44.6)'

    """
    shown = ".".join(map(str, version))
    is_fixed = (
        version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    )
    if not is_fixed:
        why = f"SQLite {shown} has the WAL-reset bug (fixed in 3.51.3, 3.50.7 and 3.44.6)"
        return JournalMode("TRUNCATE", "FULL", why)
    if file_system not in LOCAL_FILE_SYSTEMS:
        why = f"the file system {file_system or 'of the folder'} is not known to be local"
        return JournalMode("TRUNCATE", "FULL", why)
    return JournalMode("WAL", "NORMAL", f"SQLite {shown} has the WAL-reset fix, the disk is local")


def file_system_of(folder: Path) -> str:
    """Name the file system that holds a folder, in lower case; empty when unknown."""
    import psutil

    place = folder.resolve()
    found, best = "", -1
    for mount in psutil.disk_partitions(all=True):
        point = Path(mount.mountpoint)
        depth = len(point.parts)
        if place.is_relative_to(point) and depth >= best:
            found, best = mount.fstype.lower(), depth
    return found


def make_engine(file: Path, *, timeout_s: float, journal: JournalMode) -> sa.Engine:
    """Open the file, with every connection set up alike.

    Connections are not pooled: none stays open between two calls, so that a
    forgotten store holds no lock and a forked kernel inherits none.
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(file)),
        poolclass=sa.pool.NullPool,
        hide_parameters=True,
        connect_args={"timeout": timeout_s, "isolation_level": None, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout = {int(timeout_s * 1000)}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_mode = {journal.name}")
        connection.execute(f"PRAGMA synchronous = {journal.synchronous}")
        # What is deleted is overwritten: it may be what a person asked us to forget.
        connection.execute("PRAGMA secure_delete = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A deferred transaction that reads first cannot wait for the write lock.
        is_reading = connection.get_execution_options().get("qforge_reading", False)
        connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")

    return engine


def append_only(table: str) -> tuple[str, ...]:
    """Write the triggers that refuse to change or delete a row of this table."""
    return tuple(
        f'CREATE TRIGGER "{table}_no_{verb.lower()}" BEFORE {verb} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, 'the table {table} only grows'); END"
        for verb in ("UPDATE", "DELETE")
    )


def labels_can_be_forgotten() -> tuple[str, ...]:
    """Write the triggers anew that refuse to change a label, but for erasing what it says."""
    kept = (
        *("workspace_id", "id", "session_id", "commit_id", "labeler", "labeled_at"),
        *("created_at", "position", "submission", "question"),
    )
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in kept)
    refuse = (
        "CREATE TRIGGER label_event_no_update BEFORE UPDATE ON label_event "
        f"WHEN NOT ({same} AND {_ERASED} AND NEW.value = '{{\"forgotten\": true}}') "
        "BEGIN SELECT RAISE(ABORT, 'the table label_event only grows'); END"
    )
    return "DROP TRIGGER label_event_no_update", refuse


#: What a label is once the row that it was given to is forgotten.
_ERASED = (
    "NEW.label_type = 'forgotten' AND NEW.row_key LIKE 'forgotten:%' AND NEW.previous IS NULL "
    "AND NEW.note = '' AND NEW.confidence IS NULL AND NEW.latency_ms IS NULL"
)


def isolate(table: str) -> tuple[str, ...]:
    """Write nothing: in a file, whoever can read it can read it all."""
    del table
    return ()


def view(name: str, query: str) -> tuple[str, ...]:
    """Write a view."""
    return (f'CREATE VIEW "{name}" AS {query}',)


def require_views(connection: sa.Connection) -> None:
    """Do nothing: every SQLite has them."""
    del connection


def was_cut_off(file: Path) -> bool:
    """Say whether a process died, or is at work, within a transaction."""
    sides = (file.with_name(f"{file.name}{end}") for end in ("-journal", "-wal"))
    return any(side.exists() and side.stat().st_size > 0 for side in sides)


def back_up(file: Path, to: Path) -> None:
    """Copy a database that may be in use, whole."""
    source = sqlite3.connect(file)
    copy = sqlite3.connect(to)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()


def backups_of(file: Path) -> tuple[str, ...]:
    """Name the copies that were made before the database was changed to a newer schema."""
    return tuple(sorted(each.name for each in file.parent.glob(f"{file.name}.before-*")))


def problems(connection: sa.Connection) -> tuple[str, ...]:
    """Ask SQLite whether its file is whole."""
    found = [
        str(row[0])
        for row in connection.exec_driver_sql("PRAGMA integrity_check")
        if row[0] != "ok"
    ]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    found += [f"a row of {row[0]} points to a missing row of {row[2]}" for row in broken]
    return tuple(found)


def compact(engine: sa.Engine) -> None:
    """Write the file anew, so that nothing of what was deleted or changed lies in it.

    VACUUM takes no transaction; the journal is emptied by it, the log by the checkpoint.
    """
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        if driver is None:
            return
        cursor = driver.cursor()
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
