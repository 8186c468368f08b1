"""Wait for a job and give what it made, in the process that ran it or in another."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from qforge_jupyter.context import Context
from qforge_jupyter.errors import JobFailed, Stopped
from qforge_jupyter.jobs.running import Running
from qforge_jupyter.results.job_report import JobReport
from qforge_jupyter.results.jobs import Job
from qforge_jupyter.verbs import VERBS

#: Seconds between two looks at a job of this process, and of another one.
HERE_S, ELSEWHERE_S = 0.2, 1.0


def waited(context: Context, name: str, limit_s: float | None = None) -> Job:
    """Wait until a job is over and tell its progress meanwhile; it may go on after the limit.

    Raises
    ------
    Stopped
        The user waits no longer; the job goes on.

    """
    until = None if limit_s is None else time.monotonic() + limit_s
    try:
        while True:
            context.crew.find_lost(context.store)
            job = context.store.jobs.find(name)
            here = context.crew.running(job.id)
            is_here = here is not None and not here.is_over
            if not is_here and job.state != "running":
                return job
            far = here.far if is_here and here else (job.n_done, job.n_total, job.doing)
            context.progress(*far)
            if until is not None and time.monotonic() >= until:
                return job
            if is_here and here:
                here.wait(HERE_S)
            else:
                time.sleep(ELSEWHERE_S)
    except KeyboardInterrupt:
        raise Stopped(
            f"the job {name} goes on: `%qforge attach {name}` waits for it again, "
            f"`%qforge cancel {name}` stops it"
        ) from None


def made_by(context: Context, job: Job) -> JobReport:
    """Give what a job made.

    Raises
    ------
    JobFailed
        It failed; the sentence is that of its call.

    """
    here = context.crew.running(job.id)
    if here is not None and (here.owner, here.job.started_at) != (job.owner, job.started_at):
        here = None  # another process ran it since
    if job.state == "failed":
        raise _failed(job, here)
    if job.state != "done":
        return JobReport(job, said=_advice(job))
    if here is not None and here.result is not None:
        return JobReport(job, here.result, parts=tuple(getattr(here.result, "parts", ())))
    reopen = getattr(VERBS.get(job.verb), "reopen", None)
    if reopen is None:
        said = "Its result went with the kernel that ran it; its run is kept (`%qforge audit`)"
        return JobReport(job, said=said)
    value, parts = reopen(context, job)
    return JobReport(job, value, parts=parts)


def _failed(job: Job, here: Running | None) -> JobFailed:
    tries = f" (tried {job.attempts} times)" if job.attempts > 1 else ""
    problem = JobFailed(f"The job {job.name} failed{tries}: {job.error_message}")
    problem.result = getattr(here.problem, "result", None) if here else None
    return problem


def _advice(job: Job) -> str:
    if job.state in ("interrupted", "cancelled"):
        return f"`%qforge resume {job.name}` goes on from the chunks that are done"
    if job.state == "queued":
        return "It waits for its time" if job.next_at else f"`%qforge resume {job.name}` begins it"
    return f"`%qforge attach {job.name}` waits for it and gives its result"


def report(context: Context, name: str) -> JobReport:
    """Say how a job stands and what to do next."""
    job = context.store.jobs.find(name)
    return JobReport(job, said=_advice(job) if job.state != "done" else "")


@dataclass(frozen=True)
class JobHandle:
    """A job in plain Python: look at it, wait for it, stop it.

    Attributes
    ----------
    name
        What it is called.

    """

    context: Context
    name: str

    @property
    def job(self) -> Job:
        """How it stands in the store."""
        return self.context.store.jobs.find(self.name)

    @property
    def state(self) -> str:
        """queued, running, done, failed, cancelled or interrupted."""
        return self.job.state

    @property
    def progress(self) -> tuple[int, int | None, str]:
        """What is done, of how much, and what is being done."""
        job = self.job
        here = self.context.crew.running(job.id)
        return here.far if here else (job.n_done, job.n_total, job.doing)

    def wait(self, limit_s: float | None = None) -> Any:
        """Wait for the end and give what was made; None where the limit came first."""
        return made_by(self.context, waited(self.context, self.name, limit_s)).value

    @property
    def result(self) -> Any:
        """What it made; None as long as it is not done."""
        return made_by(self.context, self.job).value

    def cancel(self) -> None:
        """Ask it to stop at the next chunk; what is done is kept."""
        cancelled(self.context, self.name)

    def __repr__(self) -> str:
        return f"Job({self.name!r}, {self.state})"


def cancelled(context: Context, name: str) -> Job:
    """Ask a job to stop, or take one that waits out of the plan."""
    context.crew.find_lost(context.store)
    job = context.store.jobs.find(name)
    while not context.store.jobs.cancel(job, context.crew.clock()):
        job = context.store.jobs.find(name)  # it was begun, or ended, in this moment
    here = context.crew.running(job.id)
    if job.state == "running" and here is not None and not here.is_over:
        here.stop = here.stop or "cancelled"
    return context.store.jobs.find(name)
