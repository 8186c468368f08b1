"""What a database or a disk says, as one sentence for the user."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from qforge_jupyter.errors import QForgeError, StoreBusy, StoreError

#: `holders` says who it is, where that can be seen.
BUSY = (
    "Another process holds the store and did not let go in time: "
    "try again, or end the other process"
)
_FULL = "The store's disk is full, nothing was kept: free some space and try again"
_READ_ONLY = "The store cannot be written to, nothing was kept: check its permissions"
_DAMAGED = (
    "The store's database is damaged or no database of ours: "
    "put a backup in its place (store.db.before-*), or open another folder"
)
_SQLITE = (
    ("locked", StoreBusy, BUSY),
    ("busy", StoreBusy, BUSY),
    ("disk is full", StoreError, _FULL),
    ("readonly", StoreError, _READ_ONLY),
    ("malformed", StoreError, _DAMAGED),
    ("not a database", StoreError, _DAMAGED),
    ("file is encrypted", StoreError, _DAMAGED),
    ("unable to open", StoreError, "The store's database cannot be opened: check its folder"),
    ("only grows", StoreError, "The audit log only grows: its rows are never changed or deleted"),
    ("i/o error", StoreError, "The store's disk does not answer as it should: check the disk"),
)
_POSTGRESQL = {
    "55P03": (StoreBusy, BUSY),
    "40001": (StoreBusy, BUSY),
    "40P01": (StoreBusy, BUSY),
    "53100": (StoreError, _FULL),
    "25006": (StoreError, _READ_ONLY),
    "42501": (
        StoreError,
        "The database role may not do that in this workspace: ask its owner for access",
    ),
    "QF001": (StoreError, "The audit log only grows: its rows are never changed or deleted"),
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn what SQLAlchemy, SQLite, psycopg and the disk raise into our errors."""
    try:
        yield
    except QForgeError:
        raise
    except (exc.SQLAlchemyError, sqlite3.Error) as problem:
        raise _of_database(problem) from problem
    except OSError as problem:
        raise _of_disk(problem) from problem


def _of_database(problem: Exception) -> QForgeError:
    cause = getattr(problem, "orig", None) or problem
    if isinstance(cause, QForgeError):
        return cause
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    state = getattr(cause, "sqlstate", None)
    if state in _POSTGRESQL:
        kind, sentence = _POSTGRESQL[state]
        return kind(sentence)
    return _of_server(problem, cause)


def _of_server(problem: Exception, cause: BaseException) -> StoreError:
    if isinstance(problem, exc.IntegrityError):
        # Not the server's detail: that holds the row's values.
        name = getattr(getattr(cause, "diag", None), "constraint_name", None)
        return StoreError(f"The store refused a row: it breaks {name or 'a constraint'}")
    if isinstance(problem, exc.TimeoutError):
        return StoreBusy(
            "This process uses all the connections to the database that it may: "
            "try again when its other threads are done"
        )
    if isinstance(problem, exc.OperationalError):
        return StoreError(
            "The database cannot be reached or ended the connection: check that it runs, "
            "and the host, name and user in its URL"
        )
    code = getattr(cause, "sqlstate", None) or "no code"
    return StoreError(f"The database refused with {type(cause).__name__} ({code})")


def _of_sqlite(cause: sqlite3.Error) -> StoreError:
    said = str(cause)
    for part, kind, sentence in _SQLITE:
        if part in said.lower():
            return kind(sentence)
    if isinstance(cause, sqlite3.IntegrityError):
        # SQLite names constraints and columns, never values.
        return StoreError(f"The store refused a row: {said}")
    return StoreError(f"The store's database refused: {said}")


def _of_disk(problem: OSError) -> StoreError:
    if problem.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return StoreError(_FULL)
    if problem.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return StoreError(_READ_ONLY)
    return StoreError(f"The store's disk refused: {problem.strerror or type(problem).__name__}")
