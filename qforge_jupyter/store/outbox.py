"""What the tracker has still to be shown: a dead tracker loses nothing."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from qforge_jupyter.errors import StoreError
from qforge_jupyter.redaction import redact
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables import RunRow


@dataclass(frozen=True)
class Delivery:
    """How it stands with one run and the tracker."""

    run_id: str
    state: str
    tracker_run_id: str
    reason: str
    attempts: int


@dataclass(frozen=True)
class Outbox:
    """Runs that a tracker should show."""

    database: Database

    def pending(self, *, limit: int = 1_000) -> tuple[Delivery, ...]:
        """Give the runs that were not shown yet, oldest first; failed ones are tried again."""
        wanted = (
            sa.select(RunRow)
            .where(RunRow.tracker_state.in_(["pending", "failed"]))
            .order_by(RunRow.started_at, RunRow.id)
            .limit(limit)
        )
        with self.database.reading() as session:
            return tuple(_delivery(row) for row in session.scalars(wanted))

    def state(self, run_id: str) -> Delivery:
        """Say how it stands with one run."""
        with self.database.reading() as session:
            row = session.get(RunRow, (self.database.workspace, run_id))
        if row is None:
            raise _unknown()
        return _delivery(row)

    def mark_synced(self, run_id: str, tracker_run_id: str) -> None:
        """Say that the tracker shows a run, and under which id."""
        self._mark(run_id, tracker_state="synced", tracker_run_id=tracker_run_id, tracker_reason="")

    def mark_failed(self, run_id: str, reason: str) -> None:
        """Say why the tracker could not show a run; a run that it shows stays so."""
        self._mark(run_id, tracker_state="failed", tracker_reason=redact(reason))

    def _mark(self, run_id: str, **values: str) -> None:
        change = sa.update(RunRow).where(RunRow.id == run_id)
        if values["tracker_state"] == "failed":
            change = change.where(RunRow.tracker_state != "synced")
        with self.database.writing() as session:
            if session.get(RunRow, (self.database.workspace, run_id)) is None:
                raise _unknown()
            session.execute(change.values(tracker_attempts=RunRow.tracker_attempts + 1, **values))


def _delivery(row: RunRow) -> Delivery:
    return Delivery(
        row.id, row.tracker_state, row.tracker_run_id, row.tracker_reason, row.tracker_attempts
    )


def _unknown() -> StoreError:
    return StoreError("No run has that id, so nothing of it can be marked: look in runs.list()")
