"""Go on with a job that was interrupted or cancelled, or try one that failed again."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.job_report import JobReport
from qforge_jupyter.verbs._job_result import report
from qforge_jupyter.verbs._job_work import Worker

EXAMPLE = """\
%qforge resume nightly
"""


def run(context: Context, subject: str) -> JobReport:
    """Take a job up again; the chunks that are done are not done twice.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The job, as `jobs` lists it.

    Raises
    ------
    CallError
        It runs, or is done and does not run by a schedule.

    """
    context.crew.find_lost(context.store)
    job = context.store.jobs.find(subject)
    if job.state == "running":
        raise CallError(f"The job {job.name} runs: `%qforge attach {job.name}` waits for it")
    if job.state == "done" and job.plan.every_s is None:
        raise CallError(
            f"The job {job.name} is done: `%qforge attach {job.name}` gives what it made"
        )
    if context.crew.start(context.store, Worker(context), job) is None:
        raise CallError(f"Another process was faster and runs {job.name}: see  %qforge jobs")
    return report(context, subject)
