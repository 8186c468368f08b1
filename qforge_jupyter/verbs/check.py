"""Check synthetic data against real data before anything is trained on it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.checking import check
from qforge_jupyter.engine.scorecard import Share
from qforge_jupyter.errors import CallError, QualityError, Stopped, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.collapse import Verdict
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._known_cases import with_likeness

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%%qforge check synth against real into verdict
target: churn
false alarms: 5%
"""
#: Where the stages of the work lie in the whole.
STAGES = {
    "rows read": (0.0, 0.15),
    "rows summed": (0.15, 0.45),
    "neighbors found": (0.5, 0.5),
    "told apart": (0.54, 0.54),
    "target foretold": (0.58, 0.58),
    "draws from the null": (0.58, 0.95),
}


class CheckBody(BaseModel):
    """How the candidate is compared."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field("", description="The column that will be predicted.")
    ignore: list[str] = Field([], description="Columns that are left out.")
    groups: str = Field("", description="A column whose equal values belong together.")
    order: str = Field("", description="A column along which the rows are one series, as a time.")
    false_alarms: Share = Field(
        0.05, description="Share of sound candidates that may be called collapsed."
    )
    refuse_if: Literal["", "collapsed", "not fit"] = Field(
        "", description="Stop with an error: `collapsed`, or anything that is `not fit`."
    )


def run(
    context: Context,
    subject: Table,
    *,
    against: Table | None = None,
    target: str | None = None,
    body: CheckBody | None = None,
) -> Verdict:
    """Say whether synthetic data is fit to train on, at a stated rate of false alarms.

    Eight dimensions are judged under one null hypothesis, that the candidate is a fresh sample
    of what the reference is a sample of; copies are counted apart.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The candidate.
    against
        The reference: real data, best a part that the generator has not seen.
    target
        The column that will be predicted.
    body
        The same, and more, as keys.

    Raises
    ------
    QualityError
        The body's ``refuse if`` holds; the verdict is kept and in the error.
    Stopped
        It was interrupted; a verdict from enough draws of the null is kept and in the exception.

    """
    given = body or CheckBody()
    case = _case(subject, against, target, given).where(
        seed=context.seed, device=context.device, progress=context.progress
    )
    with telling_when_stopped("stopped before the verdict; nothing was kept"):
        verdict = with_likeness(context, check(case, may_stop=True))
    if verdict.is_interrupted:
        drawn = f"{verdict.n_draws:,} of {verdict.n_draws_asked:,} draws from the null"
        raise Stopped(f"stopped after {drawn}; the verdict rests on these", result=verdict)
    refused = {"": (), "collapsed": ("collapsed",)}.get(given.refuse_if, ("collapsed", _UNSURE))
    if verdict.verdict in refused:
        why = f": {verdict.because[0]}" if verdict.because else ""
        raise QualityError(f"{subject.name} is refused: {verdict.verdict}{why}", result=verdict)
    return verdict


_UNSURE = "not enough data to say"


def rehearse(
    settings: Settings,  # noqa: ARG001 - the verb has no settings
    subject: Table,
    *,
    against: Table | None = None,
    target: str | None = None,
    body: CheckBody | None = None,
) -> None:
    """Check the columns that are named."""
    _case(subject, against, target, body or CheckBody())


def _case(
    subject: Table, against: Table | None, target: str | None, given: CheckBody
) -> CollapseCase:
    if against is None:
        raise CallError(f"{subject.name} alone cannot be checked: add  against TABLE  of real data")
    return CollapseCase(
        subject,
        against,
        target or given.target,
        tuple(given.ignore),
        given.groups,
        given.order,
        false_alarms=given.false_alarms,
    )
