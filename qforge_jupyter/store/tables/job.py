"""Jobs: calls that go on without their cell, and what is kept of them on the way."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

from sqlalchemy.orm import Mapped, mapped_column

from qforge_jupyter.errors import Category
from qforge_jupyter.results.jobs import JobState
from qforge_jupyter.store.tables.foundation import (
    Identified,
    Name,
    Schema,
    at_least_zero,
    belongs,
    digest,
    index,
    one_of,
    table,
)


class JobRow(Identified, Schema):
    """One call that runs in the background, once or by a schedule.

    Whoever runs it stands in ``owner`` and is heard of at ``heartbeat_at``.
    """

    __tablename__ = "job"
    __table_args__ = table(
        one_of("state", *get_args(JobState)),
        one_of("error_category", *get_args(Category)),
        *(
            at_least_zero(name)
            for name in ("n_done", "n_total", "attempts", "most_attempts", "every_s")
        ),
        at_least_zero("fresh_within_s"),
        belongs("run_id", "run"),
        index("name", unique=True),
        index("run_id"),
        index("state", "next_at"),
    )

    name: Mapped[Name]
    verb: Mapped[Name]
    call: Mapped[dict[str, Any]]
    actor: Mapped[str]
    state: Mapped[Name]
    owner: Mapped[Name] = mapped_column(default="")
    heartbeat_at: Mapped[datetime | None]
    n_done: Mapped[int] = mapped_column(default=0)
    n_total: Mapped[int | None]
    doing: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    most_attempts: Mapped[int] = mapped_column(default=1)
    every_s: Mapped[float | None]
    fresh_within_s: Mapped[float | None]
    next_at: Mapped[datetime | None]
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    cancel_asked_at: Mapped[datetime | None]
    alerted_at: Mapped[datetime | None]
    error_category: Mapped[str | None]
    error_message: Mapped[str] = mapped_column(default="")
    run_id: Mapped[str | None]
    fingerprint: Mapped[str] = mapped_column(default="")


class CheckpointRow(Identified, Schema):
    """The rows of one chunk of a job's work, which the job needs until it is done.

    Its file is no ``object`` that a run or a version refers to: once the row is gone, it goes.
    """

    __tablename__ = "checkpoint"
    __table_args__ = table(
        digest("chunk"),
        belongs("job_id", "job", dies_with=True),
        digest("sha256"),
        index("job_id", "chunk", unique=True),
    )

    job_id: Mapped[str]
    chunk: Mapped[Name]
    sha256: Mapped[str]
