"""List the jobs of the workspace: what runs, what waits, what failed and why."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.jobs.timing import is_stale, say_length
from qforge_jupyter.results.job_listing import JobListing
from qforge_jupyter.results.jobs import Job

EXAMPLE = """\
%qforge jobs
"""
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "name": pl.String,
    "verb": pl.String,
    "subject": pl.String,
    "state": pl.String,
    "done": pl.Int64,
    "total": pl.Int64,
    "doing": pl.String,
    "schedule": pl.String,
    "is_stale": pl.Boolean,
    "problem": pl.String,
    "attempts": pl.Int64,
    "next_at": pl.Datetime("us", "UTC"),
    "started_at": pl.Datetime("us", "UTC"),
    "ended_at": pl.Datetime("us", "UTC"),
    "run_id": pl.String,
    "fingerprint": pl.String,
}


def run(context: Context) -> JobListing:
    """Show how every job stands; ``frame`` holds times, runs and fingerprints, too.

    Parameters
    ----------
    context
        The open workspace.

    """
    context.crew.find_lost(context.store)
    at = context.crew.clock()
    rows = [_row(context, job, at) for job in context.store.jobs.list()]
    return JobListing(pl.DataFrame(rows, schema=_SCHEMA, orient="row"))


def _row(context: Context, job: Job, at: datetime) -> tuple[object, ...]:
    here = context.crew.running(job.id)
    is_here = here is not None and not here.is_over and job.state == "running"
    done, total, doing = here.far if is_here and here else (job.n_done, job.n_total, job.doing)
    return (
        job.name,
        job.verb,
        job.subject,
        job.state,
        done,
        total,
        doing,
        _schedule(job),
        is_stale(job, at),
        "is asked to stop" if job.state == "running" and job.cancel_asked_at else job.error_message,
        job.attempts,
        job.next_at,
        job.started_at,
        job.ended_at,
        job.run_id,
        job.fingerprint,
    )


def _schedule(job: Job) -> str:
    every, fresh = job.plan.every_s, job.plan.fresh_within_s
    said = [f"every {say_length(every)}"] if every else []
    if every and job.next_at is None:
        said = ["taken out of its plan"]
    if job.state == "queued" and job.attempts:
        said.append(f"tried {job.attempts} of {job.plan.most_attempts} times")
    return ", ".join([*said, f"fresh within {say_length(fresh)}"] if fresh else said)
