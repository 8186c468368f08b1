"""Findings of runs, and what somebody wrote down about them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.errors import CallError
from qforge_jupyter.results.run import (
    DOCUMENTED_OUTLIERS,
    FLAGGED_OUTLIERS,
    Event,
    Finding,
    FlaggedRows,
)
from qforge_jupyter.store import rows
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.events import append
from qforge_jupyter.store.tables import FindingRow
from qforge_jupyter.store.tables.foundation import now


@dataclass(frozen=True)
class KeptFinding:
    """A finding with its id and with who documented which of its rows."""

    id: str
    run_id: str
    finding: Finding
    documented_rows: tuple[int, ...]
    documented_by: str
    documented_at: datetime | None


@dataclass(frozen=True)
class Findings:
    """Everything that runs found wrong in a workspace."""

    database: Database

    def list(
        self, run_id: str | None = None, *, kind: str | None = None, limit: int = 1_000
    ) -> tuple[KeptFinding, ...]:
        """Give the findings of a run in its order, or of all runs, the latest first."""
        wanted = sa.select(FindingRow).limit(limit)
        if run_id is None:
            wanted = wanted.order_by(FindingRow.created_at.desc(), FindingRow.position)
        else:
            wanted = wanted.where(FindingRow.run_id == run_id).order_by(FindingRow.position)
        if kind is not None:
            wanted = wanted.where(FindingRow.kind == kind)
        with self.database.reading() as session:
            return tuple(_kept(row) for row in session.scalars(wanted))

    def naming(self, run_id: str, entity: str) -> tuple[Finding, ...]:
        """Give the findings of a run that name a record."""
        wanted = sa.select(FindingRow).where(FindingRow.run_id == run_id)
        with self.database.reading() as session:
            kept = session.scalars(wanted.order_by(FindingRow.position)).all()
        return tuple(rows.finding_of_row(row) for row in kept if entity in row.entities)

    def documented_marks(self, fingerprint: str) -> frozenset[str]:
        """Name the rows of a table whose outliers somebody has explained, by their content."""
        wanted = sa.select(FindingRow.entities).where(
            FindingRow.kind == DOCUMENTED_OUTLIERS, FindingRow.name == fingerprint
        )
        with self.database.reading() as session:
            return frozenset(mark for marks in session.scalars(wanted) for mark in marks)

    def flagged_rows(self, fingerprint: str) -> tuple[FlaggedRows, ...]:
        """Name the rows of a table in which searches found outliers.

        Of searches with the same method, columns and groups only the latest counts.
        """
        wanted = (
            sa.select(FindingRow)
            .where(FindingRow.kind == FLAGGED_OUTLIERS, FindingRow.name == fingerprint)
            .order_by(FindingRow.created_at.desc(), FindingRow.run_id, FindingRow.position)
        )
        latest: dict[str, str] = {}
        found = []
        with self.database.reading() as session:
            for row in session.scalars(wanted):
                search = json.dumps([row.method, row.detail], sort_keys=True)
                if latest.setdefault(search, row.run_id) == row.run_id and row.entities:
                    severity: Any = row.severity
                    marks = frozenset(row.entities)
                    found.append(FlaggedRows(row.method, severity, marks, search))
        return tuple(found)

    def document(
        self,
        finding_id: str,
        note: str,
        by: str,
        *,
        rows: Iterable[int] | None = None,
    ) -> KeptFinding:
        """Write down why a finding is no fault, with an event.

        Parameters
        ----------
        finding_id
            Of `KeptFinding`.
        note
            Why.
        by
            Who says so.
        rows
            Only these of its rows; the finding is documented when all of its
            rows are. All when None.

        Raises
        ------
        CallError
            There is no such finding, no such row in it, or no note.

        """
        if not note.strip() or not by.strip():
            raise CallError("A finding is documented by somebody with a note: give both")
        with self.database.writing() as session:
            self.database.lock(session)
            row = _find(session, finding_id)
            before = {"action": row.action, "note": row.note, "rows": row.documented_rows}
            _document(row, rows)
            row.note, row.documented_by, row.documented_at = note, by, now()
            after = {"action": row.action, "note": note, "rows": row.documented_rows}
            entity = f"finding/{finding_id}"
            said = Event(by, "document finding", entity, before=before, after=after)
            append(self.database, session, (said,), row.run_id)
            return _kept(row)


def _find(session: Session, finding_id: str) -> FindingRow:
    row = session.scalar(sa.select(FindingRow).where(FindingRow.id == finding_id))
    if row is None:
        raise CallError("No finding has that id: look it up in findings.list()")
    return row


def _document(row: FindingRow, wanted: Iterable[int] | None) -> None:
    if wanted is None:
        row.documented_rows = row.rows
        row.action = "documented"
        return
    asked = set(wanted)
    if foreign := asked - set(row.rows):
        raise CallError(
            f"Row {min(foreign)} is not among the rows of this finding: name rows that it lists"
        )
    row.documented_rows = sorted(asked | set(row.documented_rows))
    if len(row.documented_rows) == row.n_rows:
        row.action = "documented"


def _kept(row: FindingRow) -> KeptFinding:
    return KeptFinding(
        row.id,
        row.run_id,
        rows.finding_of_row(row),
        tuple(row.documented_rows),
        row.documented_by,
        row.documented_at,
    )
