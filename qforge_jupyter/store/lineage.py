"""How datasets came about, and which of them are approved for training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.errors import CallError
from qforge_jupyter.results.run import Event, LineageStep
from qforge_jupyter.store import rows
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.events import append
from qforge_jupyter.store.tables import LineageRow
from qforge_jupyter.store.tables.foundation import now


@dataclass(frozen=True)
class Approval:
    """Who approved of a dataset's lineage, when and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Lineage:
    """The lineage of every dataset of a workspace."""

    database: Database

    def record(self, step: LineageStep) -> None:
        """Keep a step that belongs to no run, with an event."""
        step = rows.without_secrets(step)
        values = rows.values_of_step(step)
        said = Event(
            self.database.actor,
            "record lineage",
            f"dataset/{step.fingerprint}",
            after={"dataset": step.dataset, "source": step.source, "method": step.method},
        )
        with self.database.writing() as session:
            session.add(LineageRow(workspace_id=self.database.workspace, position=0, **values))
            append(self.database, session, (said,))

    def approve(self, fingerprint: str, by: str, reason: str) -> None:
        """Approve of how the data with this fingerprint came about.

        The approval is of the content: it holds wherever the same rows turn
        up, and not for other rows of the same name.

        Raises
        ------
        CallError
            No lineage is recorded for it, or no reason is given.

        """
        if not reason.strip() or not by.strip():
            raise CallError(
                "Lineage is approved by somebody for a reason, and one of them is empty: "
                'give --reason "…"'
            )
        with self.database.writing() as session:
            self.database.lock(session)
            row = _latest(session, fingerprint)
            if row is None:
                raise CallError(
                    "No lineage is recorded for this dataset, so there is nothing to approve: "
                    "record where it comes from first"
                )
            before = {"approved_by": row.approved_by, "reason": row.reason}
            row.approved_by, row.approved_at, row.reason = by, now(), reason
            after = {"approved_by": by, "reason": reason, "lineage": row.id}
            entity = f"dataset/{fingerprint}"
            said = Event(by, "approve lineage", entity, before=before, after=after)
            append(self.database, session, (said,), row.run_id)

    def revoke(self, fingerprint: str, by: str, reason: str) -> None:
        """Take back every approval of the data with this fingerprint.

        The latest word counts: an approval given later holds again. What was
        approved, by whom and why stays in the audit log.

        Raises
        ------
        CallError
            Nobody approved of it, or no reason is given.

        """
        if not reason.strip() or not by.strip():
            raise CallError(
                "An approval is revoked by somebody for a reason, and one of them is empty: "
                "give both"
            )
        with self.database.writing() as session:
            self.database.lock(session)
            approved = session.scalars(_approved(fingerprint)).all()
            if not approved:
                raise CallError(
                    "Nobody approved of this dataset's lineage, so there is nothing to revoke"
                )
            before = {"approved_by": approved[0].approved_by, "reason": approved[0].reason}
            for row in approved:  # all, so that no clock decides which word was the latest
                row.approved_by, row.approved_at, row.reason = "", None, ""
            after = {"approved_by": "", "reason": reason}
            entity = f"dataset/{fingerprint}"
            said = Event(by, "revoke lineage", entity, before=before, after=after)
            append(self.database, session, (said,), approved[0].run_id)

    def approval(self, fingerprint: str) -> Approval | None:
        """Say who approved of the data with this fingerprint last, unless it was revoked."""
        with self.database.reading() as session:
            row = session.scalar(_approved(fingerprint).limit(1))
        if row is None or row.approved_at is None or not row.approved_by:
            return None
        return Approval(row.approved_by, row.approved_at, row.reason)

    def is_approved(self, fingerprint: str) -> bool:
        """Say whether an approval of the data with this fingerprint holds."""
        return self.approval(fingerprint) is not None

    def history(
        self, *, fingerprint: str | None = None, dataset: str | None = None, limit: int = 1_000
    ) -> tuple[LineageStep, ...]:
        """Give the recorded steps of some content or of some name, oldest first."""
        wanted = (
            sa.select(LineageRow)
            .order_by(LineageRow.created_at, LineageRow.run_id, LineageRow.position)
            .limit(limit)
        )
        if fingerprint is not None:
            wanted = wanted.where(LineageRow.fingerprint == fingerprint)
        if dataset is not None:
            wanted = wanted.where(LineageRow.dataset == dataset)
        with self.database.reading() as session:
            return tuple(rows.step_of_row(row) for row in session.scalars(wanted))


def _approved(fingerprint: str) -> sa.Select[LineageRow]:
    """Select the rows that carry an approval, the latest first."""
    return (
        sa.select(LineageRow)
        .where(LineageRow.fingerprint == fingerprint, LineageRow.approved_at.is_not(None))
        .order_by(LineageRow.approved_at.desc())
    )


def _latest(session: Session, fingerprint: str) -> LineageRow | None:
    return session.scalar(
        sa.select(LineageRow)
        .where(LineageRow.fingerprint == fingerprint)
        .order_by(LineageRow.created_at.desc(), LineageRow.position.desc())
        .limit(1)
    )
