"""Stop a job at the border of its next chunk; what is done is kept."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.results.job_report import JobReport
from qforge_jupyter.verbs._job_result import cancelled

EXAMPLE = """\
%qforge cancel nightly
"""


def run(context: Context, subject: str) -> JobReport:
    """Ask a job to stop; one that waits for its time is taken out of the plan.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The job, as `jobs` lists it.

    """
    job = cancelled(context, subject)
    if job.state == "running":
        return JobReport(job, said="It stops at the border of its next chunk")
    if job.state == "done":
        return JobReport(job, said="It was done already; it does not run again")
    return JobReport(job, said=f"`%qforge resume {job.name}` goes on from the chunks that are done")
