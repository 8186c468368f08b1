"""Objects whose bytes were erased: their row stays and says by whom and why.

The mark is set in the transaction that points every version elsewhere; the
file goes after it. Until it has gone the mark says so, so that whoever looks
next, after a ``kill -9``, finishes the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.store.backends import sqlite
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.folders import Folder
from qforge_jupyter.store.tables import ObjectRow

#: Under which an object's ``meta`` says that it was forgotten.
FORGOTTEN = "forgotten"


def is_forgotten(table: Any) -> sa.ColumnElement[bool]:
    """Tell a row of the objects that was marked; takes the model or its table."""
    columns = getattr(table, "c", table)
    text = sa.cast(columns.meta, sa.Text)
    return text.contains(f'"{FORGOTTEN}"', autoescape=True)


def forgotten_rows(session: Session, files: Sequence[str] | None = None) -> list[ObjectRow]:
    """Give the marked rows, of these files or of all."""
    wanted = sa.select(ObjectRow).where(is_forgotten(ObjectRow))
    if files is None:
        return list(session.scalars(wanted))
    asked = sorted(set(files))
    return [
        row
        for start in range(0, len(asked), 500)
        for row in session.scalars(wanted.where(ObjectRow.sha256.in_(asked[start : start + 500])))
    ]


def mark(session: Session, files: Sequence[str], *, by: str, reason: str, at: datetime) -> None:
    """Mark objects as forgotten; their files still lie there."""
    said = {"by": by, "reason": reason, "at": at.isoformat(), "is_pending": True}
    for sha256 in files:
        wanted = sa.select(ObjectRow).where(ObjectRow.sha256 == sha256)
        row = session.scalars(wanted).one_or_none()
        if row is not None:
            row.meta = {**row.meta, FORGOTTEN: said}
    session.flush()


def sentence_of(row: ObjectRow) -> str:
    """Say by whom and why an object was forgotten."""
    said = row.meta[FORGOTTEN]
    return (
        f"The object {row.sha256} was forgotten by {said['by']} because {said['reason']!r}: "
        "run again what made it, without the rows that are gone"
    )


def remove_forgotten(database: Database, folder: Folder) -> int:
    """Delete the files that are marked and still lie there, and write the database anew.

    Files go within a transaction, so that nobody refers to one at that moment;
    the mark is changed last, so that a killed process is followed by another.
    """
    with database.reading() as session:
        if not _pending(session):
            return 0
    with database.writing() as session:
        database.lock(session)
        pending = [row.sha256 for row in _pending(session)]
        for sha256 in sorted(set(pending) - _wanted_elsewhere(session, database, pending)):
            with suppress(FileNotFoundError):
                folder.remove(sha256)
    if database.engine.dialect.name == "sqlite":
        sqlite.compact(database.engine)
    with database.writing() as session:
        database.lock(session)
        for row in _pending(session):
            if row.sha256 in pending:
                said = {**row.meta[FORGOTTEN], "is_pending": False}
                row.meta = {**row.meta, FORGOTTEN: said}
    return len(pending)


def _pending(session: Session) -> list[ObjectRow]:
    return [row for row in forgotten_rows(session) if row.meta[FORGOTTEN]["is_pending"]]


def _wanted_elsewhere(session: Session, database: Database, files: Sequence[str]) -> set[str]:
    """Name files that another workspace of the same database, and folder, refers to."""
    table: Any = ObjectRow.__table__
    other = (table.c.workspace_id != database.workspace, ~is_forgotten(table))
    found = session.execute(sa.select(table.c.sha256).where(*other)).scalars()
    return set(files) & set(found)
