"""How datasets came about, and which of them are approved for training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.errors import CallError
from qforge_jupyter.results.decision import revocation
from qforge_jupyter.results.run import Event, LineageStep
from qforge_jupyter.store import rows
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.events import append
from qforge_jupyter.store.tables import LineageRow
from qforge_jupyter.store.tables.foundation import now

#: How many contents one question names.
N_ASKED = 500


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
        """Withdraw the approval of the data with this fingerprint.

        Every approval of it is taken back at once, and what was made of it is
        no longer approved either. The latest word counts: an approval given
        later holds again.

        Raises
        ------
        CallError
            Nobody approved of it, or no reason is given.

        """
        if not reason.strip() or not by.strip():
            raise CallError(
                "Lineage is revoked by somebody for a reason, and one of them is empty: "
                'give --reason "…"'
            )
        step = rows.without_secrets(revocation("", fingerprint, by, now(), reason))
        with self.database.writing() as session:
            self.database.lock(session)
            row = _latest(session, fingerprint)
            if row is None:
                raise CallError(
                    "No lineage is recorded for this dataset, so there is nothing to revoke"
                )
            approved = session.scalars(_approved(fingerprint)).all()
            last = approved[0] if approved else row
            before = {"approved_by": last.approved_by, "reason": last.reason}
            for one in approved:  # all, so that no clock decides which word was the latest
                one.approved_by, one.approved_at, one.reason = "", None, ""
            values = rows.values_of_step(replace(step, dataset=row.dataset))
            session.add(LineageRow(workspace_id=self.database.workspace, position=0, **values))
            said = Event(
                by,
                "revoke lineage",
                f"dataset/{fingerprint}",
                before=before,
                after={"approved_by": "", "reason": step.reason},
            )
            append(self.database, session, (said,))

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

    def above(self, *fingerprints: str) -> tuple[LineageStep, ...]:
        """Give every step of this content and of all that it was made of, oldest first."""
        found: dict[str, tuple[tuple[datetime, str, int], LineageStep]] = {}
        asked: set[str] = set()
        wanted = set(fingerprints)
        with self.database.reading() as session:
            while new := sorted(wanted - asked):
                asked |= set(new)
                for start in range(0, len(new), N_ASKED):
                    some = LineageRow.fingerprint.in_(new[start : start + N_ASKED])
                    for row in session.scalars(sa.select(LineageRow).where(some)):
                        order = (row.created_at, row.run_id or "", row.position)
                        found[row.id] = (order, rows.step_of_row(row))
                        wanted |= set(row.inputs)
        return tuple(step for _, step in sorted(found.values(), key=lambda pair: pair[0]))

    def folders(self, dataset: str) -> tuple[str, ...]:
        """Name the folders that files lay in of which a dataset was made, the latest first."""
        own = self.history(dataset=dataset)
        steps = self.above(*{each.fingerprint for each in own})
        found = (each.parameters.get("folder") for each in reversed(steps))
        return tuple(dict.fromkeys(each for each in found if isinstance(each, str) and each))

    def around(self, fingerprint: str) -> tuple[LineageStep, ...]:
        """Give every step of what was made of this content, and of all that these were made of."""
        children: dict[str, set[str]] = {}
        made_of = sa.select(LineageRow.fingerprint, LineageRow.inputs)
        with self.database.reading() as session:
            for made, inputs in session.execute(made_of):
                for each in inputs:
                    children.setdefault(each, set()).add(made)
        below, frontier = {fingerprint}, {fingerprint}
        while frontier:
            frontier = {made for each in frontier for made in children.get(each, ())} - below
            below |= frontier
        return self.above(*below)

    def runs(self, *fingerprints: str) -> tuple[str, ...]:
        """Give the ids of the runs that made, judged or decided about this content."""
        found: dict[str, None] = {}
        with self.database.reading() as session:
            for start in range(0, len(fingerprints), N_ASKED):
                some = LineageRow.fingerprint.in_(fingerprints[start : start + N_ASKED])
                asked = sa.select(LineageRow.run_id).where(some, LineageRow.run_id.is_not(None))
                found |= dict.fromkeys(one for one in session.scalars(asked) if one)
        return tuple(sorted(found))


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
