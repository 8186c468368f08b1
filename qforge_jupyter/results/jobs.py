"""A job: a call that goes on without its cell, as the store keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from qforge_jupyter.errors import Category

JobState = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
#: From these a job may be taken up.
WAITING: tuple[JobState, ...] = ("queued", "interrupted", "failed", "cancelled", "done")


@dataclass(frozen=True)
class JobPlan:
    """When a job runs, and how often it is tried.

    Parameters
    ----------
    every_s
        Seconds from one beginning to the next; None runs once.
    fresh_within_s
        Seconds after a success in which what it made counts as fresh; None always.
    most_attempts
        How often a run is tried before it counts as failed.

    """

    every_s: float | None = None
    fresh_within_s: float | None = None
    most_attempts: int = 1


@dataclass(frozen=True)
class Job:
    """A job as it stands.

    Parameters
    ----------
    call
        Verb, subject, options and body, in words that can be opened again.
    owner
        The process that runs it, or ran it last.
    attempts
        How often its present run was begun.
    next_at
        When it is due; None where nothing is planned.
    run_id, fingerprint
        Of its last success.
    cancel_asked_at
        When somebody asked it to stop; None where nobody did.
    alerted_at
        When it was last said that what it makes is stale.

    """

    id: str
    name: str
    verb: str
    call: dict[str, Any]
    actor: str
    state: JobState
    plan: JobPlan = field(default_factory=JobPlan)
    owner: str = ""
    heartbeat_at: datetime | None = None
    n_done: int = 0
    n_total: int | None = None
    doing: str = ""
    attempts: int = 0
    next_at: datetime | None = None
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    succeeded_at: datetime | None = None
    cancel_asked_at: datetime | None = None
    alerted_at: datetime | None = None
    error_category: Category | None = None
    error_message: str = ""
    run_id: str | None = None
    fingerprint: str = ""

    @property
    def subject(self) -> str:
        """What its verb works on, in words."""
        return str(self.call.get("subject_text") or "")


@dataclass(frozen=True)
class FinishJob:
    """A job is done: written with the run that it was, so that both are kept or neither.

    Parameters
    ----------
    owner
        Who claims to run it; where somebody else took it over, nothing is kept.
    at
        When.
    fingerprint
        Of what it made.
    next_at
        When it is due again.
    far
        What was done, of how much, and what was done last.

    """

    job_id: str
    owner: str
    at: datetime
    fingerprint: str
    next_at: datetime | None = None
    far: tuple[int, int | None, str] = (0, None, "")
