"""Runs: one transaction a call, and what can be asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.changes import ForgetRows
from qforge_jupyter.results.run import Event, RunRecord, Status
from qforge_jupyter.store import rows
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.checkpoints import Checkpoints
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.events import append
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.store.referring import refer
from qforge_jupyter.store.runs_over import RunOver, runs_over
from qforge_jupyter.store.tables import (
    EventRow,
    FindingRow,
    LineageRow,
    MetricRow,
    RunRow,
)
from qforge_jupyter.store.tables.foundation import new_id

#: What the event is called that holds the hash of a run from which values were cut out.
REDACTED = "redact run"


@dataclass(frozen=True)
class RunSummary:
    """One line of a list of runs."""

    id: str
    verb: str
    actor: str
    status: Status
    started_at: datetime
    seconds: float
    n_rows: int | None
    dataset: str
    fingerprint: str
    tracker_state: str


@dataclass(frozen=True)
class VerbStatistics:
    """How one verb did over its runs; rows a second are over runs that counted rows."""

    verb: str
    n_runs: int
    n_finished: int
    n_failed: int
    n_refused: int
    n_interrupted: int
    n_retries: int
    mean_seconds: float
    max_seconds: float
    cpu_seconds: float
    max_memory_bytes: int
    n_rows: int
    rows_per_second: float | None
    last_at: datetime


@dataclass(frozen=True)
class Runs:
    """Every call that was recorded in a workspace."""

    database: Database
    objects: Objects

    def save(self, record: RunRecord) -> None:
        """Keep a run with all that belongs to it, or nothing of it.

        Its files have to be in the object store already. Secrets are cut out
        of every text. A ``call`` event with the record's hash goes into the
        audit log before the record's own events.

        Raises
        ------
        StoreError
            A file is missing, or there is a run of that id.

        """
        # What a change says is covered by hashes, so whoever makes one cuts its secrets out.
        record = replace(rows.without_secrets(replace(record, changes=())), changes=record.changes)
        self.objects.require(record.artifacts)
        with self.database.writing() as session:
            self.database.lock(session)
            if session.get(RunRow, (self.database.workspace, record.id)) is not None:
                raise StoreError("A run with that id is kept already: give every run a new id")
            session.add(rows.row_of_run(record, self.database.workspace))
            session.flush()
            self._add_parts(session, record)
            refer(self.database, session, record.artifacts, has=self.objects.has)
            files = {one.name.rsplit(".", 1)[0]: one.sha256 for one in record.artifacts}
            for change in record.changes:
                within = Within(self.database, session, record.id, files, self.objects.has)
                apply(change, within)
            append(self.database, session, (_call_of(record),), record.id)
            append(self.database, session, record.events, record.id, is_of_record=True)
        if any(isinstance(change, ForgetRows) for change in record.changes):
            self._finish_forgetting()

    def _finish_forgetting(self) -> None:
        """Delete what was forgotten; the run is kept by now, so it must not be tried again."""
        try:
            # What jobs have measured so far may be of those rows: it is measured again.
            Checkpoints(self.database, self.objects).drop()
            self.objects.remove_forgotten()
        except StoreError as problem:
            raise StoreError(
                "The rows are forgotten and their files are not deleted yet: "
                "`%qforge verify` deletes them once the store is free"
            ) from problem

    def _add_parts(self, session: Session, record: RunRecord) -> None:
        for table, parts in (
            (MetricRow, [rows.values_of_metric(one) for one in record.metrics]),
            (FindingRow, [rows.values_of_finding(one) for one in record.findings]),
            (LineageRow, [rows.values_of_step(one) for one in record.lineage]),
        ):
            if parts:
                belonging = {"workspace_id": self.database.workspace, "run_id": record.id}
                session.execute(
                    sa.insert(table),
                    [
                        {**part, **belonging, "id": new_id(), "position": position}
                        for position, part in enumerate(parts)
                    ],
                )

    def get(self, run_id: str) -> RunRecord:
        """Give the record of a run as it was saved.

        Raises
        ------
        StoreError
            There is no such run.

        """
        with self.database.reading() as session:
            row = session.get(RunRow, (self.database.workspace, run_id))
            if row is None:
                raise StoreError(f"No run has the id {run_id[:64]!r}: look it up in runs.list()")
            return record_of(session, row)

    def latest(self, verb: str | None = None, *, dataset: str | None = None) -> RunRecord | None:
        """Give the run that started last, of a verb or over a dataset if these are given."""
        found = self.list(verb=verb, dataset=dataset, limit=1)
        return self.get(found[0].id) if found else None

    def list(  # noqa: PLR0913 — one keyword a filter
        self,
        *,
        verb: str | None = None,
        status: Status | None = None,
        actor: str | None = None,
        dataset: str | None = None,
        fingerprint: str | None = None,
        parent_id: str | None = None,
        since: datetime | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[RunSummary, ...]:
        """Give one line a run, the latest first; every filter narrows."""
        equal: tuple[tuple[InstrumentedAttribute[Any], Any], ...] = (
            (RunRow.verb, verb),
            (RunRow.status, status),
            (RunRow.actor, actor),
            (RunRow.dataset, dataset),
            (RunRow.fingerprint, fingerprint),
            (RunRow.parent_id, parent_id),
        )
        wanted = _summaries().where(*(name == value for name, value in equal if value is not None))
        if since is not None:
            wanted = wanted.where(RunRow.started_at >= since)
        with self.database.reading() as session:
            found = session.execute(wanted.limit(limit).offset(offset))
            return tuple(RunSummary(*row) for row in found)

    def over(self, fingerprints: Sequence[str]) -> tuple[RunOver, ...]:
        """Give the calls over content with these fingerprints, as subject or otherwise."""
        return runs_over(self.database, fingerprints)

    def statistics(self, *, since: datetime | None = None) -> tuple[VerbStatistics, ...]:
        """Count and time the runs of every verb."""
        wanted = _statistics()
        if since is not None:
            wanted = wanted.where(RunRow.started_at >= since)
        with self.database.reading() as session:
            return tuple(_as_statistics(row) for row in session.execute(wanted).mappings())

    def verify(self) -> tuple[str, ...]:
        """Compare every run with the hash that the audit log has of it."""
        problems = []
        with self.database.reading() as session:
            # A run that was redacted since has an event of its own, which counts from then on.
            told = sa.or_(EventRow.kind == "call", EventRow.action == REDACTED)
            calls = session.execute(
                sa.select(EventRow.run_id, EventRow.after).where(told).order_by(EventRow.position)
            ).all()
            digests = {
                run_id: after["record_sha256"]
                for run_id, after in calls
                if after and "record_sha256" in after
            }
            for row in session.scalars(sa.select(RunRow).order_by(RunRow.started_at)):
                if digests.pop(row.id, None) != rows.digest_of(record_of(session, row)):
                    problems.append(f"The run {row.id} was changed after it was kept")
                session.expunge(row)
        return (*problems, *(f"The run {run_id} is missing" for run_id in sorted(digests)))


def record_of(session: Session, row: RunRow) -> RunRecord:
    """Make the record of a run, with all that belongs to it."""

    def parts(table: Any) -> Sequence[Any]:
        wanted = sa.select(table).where(table.run_id == row.id).order_by(table.position)
        return session.scalars(wanted).all()

    return rows.run_of_row(
        row,
        metrics=tuple(rows.metric_of_row(one) for one in parts(MetricRow)),
        findings=tuple(rows.finding_of_row(one) for one in parts(FindingRow)),
        lineage=tuple(rows.step_of_row(one) for one in parts(LineageRow)),
        events=tuple(
            Event(one.actor, one.action, one.entity, one.before, one.after, one.kind)
            for one in parts(EventRow)
            if one.meta.get("is_of_record")
        ),
    )


def _call_of(record: RunRecord) -> Event:
    after = {"status": record.status, "record_sha256": rows.digest_of(record)}
    return Event(record.actor, record.verb, f"run/{record.id}", after=after, kind="call")


def _summaries() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        RunRow.id,
        RunRow.verb,
        RunRow.actor,
        RunRow.status,
        RunRow.started_at,
        RunRow.seconds,
        RunRow.n_rows,
        RunRow.dataset,
        RunRow.fingerprint,
        RunRow.tracker_state,
    ).order_by(RunRow.started_at.desc(), RunRow.id)


def _statistics() -> sa.Select[*tuple[Any, ...]]:
    def count(status: Status) -> sa.Label[int]:
        return sa.func.count().filter(RunRow.status == status).label(f"n_{status}")

    counted = RunRow.n_rows.is_not(None)
    return (
        sa.select(
            RunRow.verb,
            sa.func.count().label("n_runs"),
            *(count(status) for status in get_args(Status)),
            sa.func.sum(RunRow.attempts - 1).label("n_retries"),
            sa.func.avg(RunRow.seconds).label("mean_seconds"),
            sa.func.max(RunRow.seconds).label("max_seconds"),
            sa.func.sum(RunRow.cpu_seconds).label("cpu_seconds"),
            sa.func.max(RunRow.peak_memory_bytes).label("max_memory_bytes"),
            sa.func.coalesce(sa.func.sum(RunRow.n_rows), 0).label("n_rows"),
            sa.func.sum(RunRow.seconds).filter(counted).label("counted_seconds"),
            sa.func.max(RunRow.started_at).label("last_at"),
        )
        .group_by(RunRow.verb)
        .order_by(RunRow.verb)
    )


def _as_statistics(row: sa.RowMapping) -> VerbStatistics:
    values = dict(row)
    seconds = values.pop("counted_seconds")
    # PostgreSQL sums whole numbers to a decimal.
    whole = {name: int(value) for name, value in values.items() if name.startswith("n_")}
    speed = whole["n_rows"] / seconds if seconds else None
    return VerbStatistics(**{**values, **whole}, rows_per_second=speed)
