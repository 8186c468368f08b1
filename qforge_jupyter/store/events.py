"""The audit log: a chain of hashes that only grows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.results.run import Event
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables import EventRow, WorkspaceRow
from qforge_jupyter.store.tables.foundation import now
from qforge_jupyter.store.types import canonical

#: What the hash of an event covers, beside its time.
_HASHED = (
    *("workspace_id", "position", "kind", "actor", "action"),
    *("entity", "before", "after", "run_id", "previous_hash"),
)


@dataclass(frozen=True)
class KeptEvent:
    """An event with its place in the chain."""

    position: int
    at: datetime
    run_id: str | None
    hash: str
    event: Event


@dataclass(frozen=True)
class Events:
    """The audit log of a workspace."""

    database: Database

    def record(self, *events: Event, run_id: str | None = None) -> None:
        """Append events, in order."""
        with self.database.writing() as session:
            append(self.database, session, events, run_id)

    def list(
        self, *, entity: str | None = None, kind: str | None = None, limit: int = 100
    ) -> tuple[KeptEvent, ...]:
        """Give the latest events, newest first.

        Parameters
        ----------
        entity
            Only what was done to this one.
        kind
            Only ``audit``, ``call`` or ``error``.
        limit
            At most so many.

        """
        wanted = sa.select(EventRow).order_by(EventRow.position.desc()).limit(limit)
        if entity is not None:
            wanted = wanted.where(EventRow.entity == entity)
        if kind is not None:
            wanted = wanted.where(EventRow.kind == kind)
        with self.database.reading() as session:
            return tuple(_kept(row) for row in session.scalars(wanted))

    def verify_chain(self) -> tuple[str, ...]:
        """Say which event broke the chain; nothing when it is whole.

        A changed event has another hash than it says; a removed one leaves a
        gap; a cut-off end does not meet what the workspace remembers.
        """
        with self.database.reading() as session:
            workspace = session.get_one(WorkspaceRow, self.database.workspace)
            previous, n_seen = "", 0
            wanted = sa.select(EventRow).order_by(EventRow.position)
            with closing(session.scalars(wanted.execution_options(yield_per=1_000))) as rows:
                for row in rows:
                    if problem := _problem(row, n_seen, previous):
                        return (problem,)
                    previous, n_seen = row.hash, n_seen + 1
            if (n_seen, previous) != (workspace.n_events, workspace.last_hash):
                problem = (
                    f"The audit log ends at event {n_seen - 1}, and the workspace remembers "
                    f"{workspace.n_events} events: its end was cut off or replaced"
                )
                return (problem,)
        return ()


def append(
    database: Database,
    session: Session,
    events: Iterable[Event],
    run_id: str | None = None,
    *,
    is_of_record: bool = False,
) -> None:
    """Add events to the chain within a transaction that others have a part in.

    ``is_of_record`` tells what a run brought along from what was said of it later.
    """
    workspace = database.lock(session)
    for event in events:
        row = EventRow(
            workspace_id=database.workspace,
            position=workspace.n_events,
            at=now(),
            run_id=run_id,
            previous_hash=workspace.last_hash,
            meta={"is_of_record": True} if is_of_record else {},
            **asdict(event),
        )
        row.hash = hash_of(row)
        session.add(row)
        workspace.n_events += 1
        workspace.last_hash = row.hash


def hash_of(row: EventRow) -> str:
    """Hash what an event says and the hash of the event before it."""
    content: dict[str, Any] = {name: getattr(row, name) for name in _HASHED}
    content["at"] = row.at.isoformat(timespec="microseconds")
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _problem(row: EventRow, position: int, previous: str) -> str:
    if row.position != position:
        return f"Event {position} is missing from the audit log"
    if row.previous_hash != previous:
        return f"Event {position} of the audit log does not follow the event before it"
    if row.hash != hash_of(row):
        return f"Event {position} of the audit log was changed"
    return ""


def _kept(row: EventRow) -> KeptEvent:
    kind = cast("Literal['audit', 'call', 'error']", row.kind)
    event = Event(row.actor, row.action, row.entity, row.before, row.after, kind)
    return KeptEvent(row.position, row.at, row.run_id, row.hash, event)
