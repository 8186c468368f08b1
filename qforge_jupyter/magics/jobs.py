"""Calls that run as jobs: how a cell begins one, and what `attach` binds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qforge_jupyter.errors import CallError
from qforge_jupyter.magics.binding import OF_JOBS, Bound
from qforge_jupyter.results.job_report import JobReport

if TYPE_CHECKING:
    from qforge_jupyter.context import Context
    from qforge_jupyter.verbs._job_work import Wanted


def wanted_job(common: dict[str, Any]) -> Wanted | None:
    """Read how a call shall run as a job; None where it shall not.

    Examples
    --------
    >>> wanted_job({"quiet": True})
    >>> wanted_job({"job": "nightly", "every": "6 hours"})
    Wanted(name='nightly', every='6 hours', fresh_within='', tries=None, is_repeated=False)

    """
    from qforge_jupyter.verbs._job_work import Wanted

    told = {name: common[name] for name in OF_JOBS if name in common}
    if not told:
        return None
    name = told.pop("job", True)
    return Wanted("" if name is True else name, **told)


def begin_job(context: Context, wanted: Wanted, bound: Bound) -> JobReport:
    """Keep a call as a job and begin it; its result is bound by `attach`."""
    from qforge_jupyter.verbs._job_result import report
    from qforge_jupyter.verbs._job_work import begin

    texts = {**bound.option_texts, "subject": bound.subject_text or ""}
    job = begin(
        context,
        wanted,
        bound.verb,
        bound.subject,
        options=bound.options,
        body=bound.body,
        texts=texts,
    )
    return report(context, job.name)


def attached(report: JobReport, into: tuple[str, ...]) -> tuple[JobReport, tuple[str, ...]]:
    """Say which names what a job made is bound to: those here, else those of its own call.

    Raises
    ------
    CallError
        A name is given and there is nothing to bind to it.

    """
    if report.value is not None:
        return report, into or tuple(report.job.call["into"])
    if into:
        raise CallError(f"The job {report.job.name} is {report.job.state}, so {into[0]} is unbound")
    return report, ()
