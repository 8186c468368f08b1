"""Jobs: claimed by one process at a time, heard of while they run, kept when they end.

Every change of a job's row is made here. Who works on a job gives the owner that it
claimed with; the row is changed only where that is still so, in one statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from qforge_jupyter.errors import CallError, Category, JobLost, nearest
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.jobs import WAITING, FinishJob, Job, JobPlan, JobState
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables import JobRow
from qforge_jupyter.store.tables.foundation import new_id


@dataclass(frozen=True)
class Jobs:
    """The jobs of a workspace."""

    database: Database

    def add(self, job: Job) -> Job:
        """Keep a job that waits; an empty name becomes the verb and a number.

        Raises
        ------
        CallError
            Another job has the name.

        """
        with self.database.writing() as session:
            self.database.lock(session)
            names = set(session.scalars(sa.select(JobRow.name)))
            name = job.name or _numbered(job.verb, names)
            if name in names:
                raise CallError(
                    f"There is a job {name[:60]!r} already: name this one otherwise, or go on with "
                    f"that one by  %qforge resume {name[:60]}"
                )
            row = JobRow(
                workspace_id=self.database.workspace,
                id=job.id or new_id(),
                name=name,
                verb=job.verb,
                call=job.call,
                actor=job.actor,
                state="queued",
                queued_at=job.queued_at,
                next_at=job.next_at,
                most_attempts=job.plan.most_attempts,
                every_s=job.plan.every_s,
                fresh_within_s=job.plan.fresh_within_s,
            )
            session.add(row)
            session.flush()
            return _job(row)

    def find(self, name: str) -> Job:
        """Give the job of a name.

        Raises
        ------
        CallError
            There is none.

        """
        with self.database.reading() as session:
            row = session.scalar(sa.select(JobRow).where(JobRow.name == name))
            if row is not None:
                return _job(row)
            names = session.scalars(sa.select(JobRow.name)).all()
        raise CallError(f"There is no job {name[:60]!r}{nearest(name, names)}")

    def list(self, *, states: Sequence[JobState] | None = None) -> tuple[Job, ...]:
        """Give the jobs, the latest first."""
        wanted = sa.select(JobRow).order_by(JobRow.queued_at.desc(), JobRow.name)
        if states is not None:
            wanted = wanted.where(JobRow.state.in_(states))
        with self.database.reading() as session:
            return tuple(_job(row) for row in session.scalars(wanted))

    def due(self, at: datetime) -> tuple[Job, ...]:
        """Give what waits for its time and has reached it, the longest waiting first."""
        wanted = (
            sa.select(JobRow)
            .where(JobRow.state.in_(WAITING), JobRow.next_at <= at)
            .order_by(JobRow.next_at, JobRow.name)
        )
        with self.database.reading() as session:
            return tuple(_job(row) for row in session.scalars(wanted))

    def claim(self, job: Job, owner: str, at: datetime, *, attempt: int) -> bool:
        """Take a job up as it was seen; false where somebody else was faster."""
        return self._change(
            job.id,
            (
                JobRow.state.in_(WAITING),
                JobRow.state == job.state,
                JobRow.owner == job.owner,
                JobRow.attempts == job.attempts,
            ),
            state="running",
            owner=owner,
            heartbeat_at=at,
            started_at=at,
            ended_at=None,
            attempts=attempt,
            cancel_asked_at=None,
            error_category=None,
            error_message="",
            n_done=0,
            n_total=None,
            doing="",
        )

    def tell(self, job_id: str, owner: str, at: datetime, far: tuple[int, int | None, str]) -> bool:
        """Be heard of, and say how far the work is; false where the job is another's by now."""
        done, total, doing = far
        return self._change(
            job_id,
            (JobRow.owner == owner, JobRow.state == "running"),
            heartbeat_at=at,
            n_done=max(0, done),
            n_total=None if total is None else max(0, total),
            doing=redact(doing)[:500],
        )

    def is_asked_to_stop(self, job_id: str) -> bool:
        """Say whether somebody asked for it since it was begun."""
        with self.database.reading() as session:
            wanted = sa.select(JobRow.cancel_asked_at).where(JobRow.id == job_id)
            return session.scalar(wanted) is not None

    def cancel(self, job: Job, at: datetime) -> bool:
        """Ask a job that runs to stop, or take one that waits out of the plan."""
        if job.state == "running":
            return self._change(job.id, (JobRow.state == "running",), cancel_asked_at=at)
        return self._change(
            job.id,
            (JobRow.state == job.state, JobRow.owner == job.owner),
            state="done" if job.state == "done" else "cancelled",
            next_at=None,
            ended_at=job.ended_at or at,
        )

    def end(  # noqa: PLR0913 — what is known of the end
        self,
        job_id: str,
        owner: str,
        state: JobState,
        at: datetime,
        *,
        category: Category | None = None,
        message: str = "",
        next_at: datetime | None = None,
    ) -> bool:
        """Write down how a run ended that was no success; false where it is another's by now.

        Where somebody asked it to stop meanwhile, nothing is planned any more.
        """
        return self._change(
            job_id,
            (JobRow.owner == owner, JobRow.state == "running"),
            **_unless_cancelled(state, next_at),
            ended_at=at,
            error_category=category,
            error_message=redact(message)[:2000],
        )

    def rewrite(self, job: Job, call: dict[str, Any]) -> bool:
        """Let a job that waits do another call; false where it runs by now."""
        seen = (JobRow.state.in_(WAITING), JobRow.state == job.state)
        return self._change(job.id, seen, call=call)

    def lose(  # noqa: PLR0913 — what is known of the end
        self,
        job: Job,
        at: datetime,
        *,
        state: JobState = "interrupted",
        attempts: int | None = None,
        category: Category | None = None,
        message: str = "",
        next_at: datetime | None = None,
    ) -> bool:
        """Write down that nobody runs a job any more, as it was seen, and when it is due."""
        return self._change(
            job.id,
            (
                JobRow.state == "running",
                JobRow.owner == job.owner,
                JobRow.heartbeat_at == job.heartbeat_at,
            ),
            **_unless_cancelled(state, next_at),
            ended_at=at,
            attempts=job.attempts if attempts is None else attempts,
            error_category=category,
            error_message=message,
        )

    def alert(self, job: Job, at: datetime) -> bool:
        """Take it on to say that a job is stale; false where another process does."""
        return self._change(job.id, (JobRow.alerted_at.is_not_distinct_from(job.alerted_at),),
                            alerted_at=at)  # fmt: skip

    def _change(self, job_id: str, seen: tuple[Any, ...], **values: Any) -> bool:
        with self.database.writing() as session:
            changed = session.execute(sa.update(JobRow).where(JobRow.id == job_id, *seen).values(
                **values), execution_options={"synchronize_session": False})  # fmt: skip
            return cast("sa.CursorResult[Any]", changed).rowcount == 1


def _unless_cancelled(state: JobState, next_at: datetime | None) -> dict[str, Any]:
    """Say how a run ended and when it is due; both give way to a wish to stop, in one statement."""
    is_planned = JobRow.cancel_asked_at.is_(None)
    otherwise = state if state == "failed" else "cancelled"
    due = sa.case((is_planned, sa.literal(next_at, JobRow.next_at.type)), else_=sa.null())
    return {"state": sa.case((is_planned, state), else_=otherwise), "next_at": due}


def _numbered(verb: str, names: set[str]) -> str:
    number = 1 + sum(name.startswith(f"{verb}-") for name in names)
    while f"{verb}-{number}" in names:
        number += 1
    return f"{verb}-{number}"


def require_owner(session: Session, job_id: str, owner: str) -> JobRow:
    """Give the row of a job that this owner runs, locked until the transaction ends.

    Raises
    ------
    JobLost
        Another process runs it by now.

    """
    row: JobRow | None = session.scalar(
        sa.select(JobRow).where(JobRow.id == job_id).with_for_update()
    )
    if row is None or row.owner != owner or row.state != "running":
        name = row.name if row else "that was here"
        raise JobLost(
            f"The job {name[:60]} is run by another process by now, and nothing of this run is "
            "kept: see  %qforge jobs"
        )
    return row


@apply.register
def _(change: FinishJob, within: Within) -> None:
    """Mark a job as done with its run."""
    row = require_owner(within.session, change.job_id, change.owner)
    row.state, row.ended_at, row.succeeded_at = "done", change.at, change.at
    row.run_id, row.fingerprint, row.alerted_at = within.run_id, change.fingerprint, None
    row.attempts, row.next_at = 0, None if row.cancel_asked_at else change.next_at
    row.cancel_asked_at = None
    row.n_done, row.n_total, row.doing = change.far
    within.session.flush()


def _job(row: JobRow) -> Job:
    return Job(
        row.id,
        row.name,
        row.verb,
        row.call,
        row.actor,
        cast("JobState", row.state),
        JobPlan(row.every_s, row.fresh_within_s, row.most_attempts),
        row.owner,
        row.heartbeat_at,
        row.n_done,
        row.n_total,
        row.doing,
        row.attempts,
        row.next_at,
        row.queued_at,
        row.started_at,
        row.ended_at,
        row.succeeded_at,
        row.cancel_asked_at,
        row.alerted_at,
        cast("Category | None", row.error_category),
        row.error_message,
        row.run_id,
        row.fingerprint,
    )
