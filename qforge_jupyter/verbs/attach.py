"""Wait for a job, show how far it is, and give what it made."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.results.job_report import JobReport
from qforge_jupyter.verbs._job_result import made_by, waited

EXAMPLE = """\
%qforge attach nightly into train, validation, test
"""


def run(context: Context, subject: str) -> JobReport:
    """Wait until a job is over; stopping the cell stops the waiting, not the job.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The job, as `jobs` lists it.

    Raises
    ------
    JobFailed
        The job failed; the sentence says why.

    """
    return made_by(context, waited(context, subject))
