"""Say what training on synthetic data will cost before it is trained on."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.engine.collapse.cascade.case import CascadeCase
from qforge_jupyter.engine.collapse.cascade.climbing import climb
from qforge_jupyter.engine.collapse.generations import recur
from qforge_jupyter.engine.scorecard import Share
from qforge_jupyter.errors import CallError, Stopped, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.cascade import Cascade, Generation
from qforge_jupyter.settings import Settings

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%%qforge cascade synth against real into curve
target: churn
tolerance: 2%
"""
#: Where the stages of the work lie in the whole.
STAGES = {"models of": (0.0, 0.6), "generations": (0.6, 1.0)}


class CascadeBody(BaseModel):
    """What is predicted, and what may be lost."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field("", description="The column that will be predicted; else some in turn.")
    metric: str = Field("auto", description="`auc`, `accuracy`, `r2`, `mae`; by the target's type.")
    tolerance: Share | None = Field(
        None, description="The loss that does not matter, in the metric; 0.02 by default."
    )
    ignore: list[str] = Field([], description="Columns that are left out.")
    groups: str = Field("", description="A column whose equal values are held out together.")
    models: list[str] = Field([], description="Of `linear`, `trees`, `network`; all that suit.")
    rows: int = Field(20_000, description="Rows that the largest rung has at most.")
    generations: int = Field(
        0, ge=0, le=50, description="Generations of generators that learn from what they made."
    )


def run(
    context: Context,
    subject: Table,
    *,
    against: Table | None = None,
    target: str | None = None,
    body: CascadeBody | None = None,
) -> Cascade:
    """Say what training on a table instead of real data will cost in quality.

    Small proxy models are trained on both and judged on the same held-out real rows; larger ones
    as long as it is not clear whether the loss matters.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The candidate.
    against
        Real data, best of which the generator has not seen a part.
    target
        The column that will be predicted.
    body
        The same, and more, as keys.

    Raises
    ------
    Stopped
        It was interrupted; the rungs that were climbed are in the exception.

    """
    given = body or CascadeBody()
    case = replace(
        _case(subject, against, target, given),
        seed=context.seed,
        device=context.device,
        progress=context.progress,
    )
    with telling_when_stopped("stopped while climbing; nothing was kept"):
        found = climb(case)
    if not found.is_interrupted:
        found = _with_generations(case, found, given.generations)
    if found.is_interrupted:
        rungs = f"{len(found.rungs)} rung{'s' * (len(found.rungs) > 1)}"
        kept = f" and {len(found.generations)} generations" if found.generations else ""
        raise Stopped(f"stopped after {rungs}{kept}; what they say is kept", result=found)
    return found


def _with_generations(case: CascadeCase, found: Cascade, n: int) -> Cascade:
    kept: list[Generation] = []
    try:
        recur(case, n, kept)
    except KeyboardInterrupt:
        said = f"Interrupted after {len(kept)} of {2 * (n + 1)} generations."
        notes = (*found.notes, said)
        return replace(found, generations=tuple(kept), notes=notes, is_interrupted=True)
    return replace(found, generations=tuple(kept))


def rehearse(
    settings: Settings,  # noqa: ARG001 - the verb has no settings
    subject: Table,
    *,
    against: Table | None = None,
    target: str | None = None,
    body: CascadeBody | None = None,
) -> None:
    """Check the columns, the metric and the tolerance."""
    _case(subject, against, target, body or CascadeBody())


def _case(
    subject: Table, against: Table | None, target: str | None, given: CascadeBody
) -> CascadeCase:
    if against is None:
        raise CallError(
            f"{subject.name} alone has nothing to compare: add  against TABLE  of real data"
        )
    return CascadeCase(
        subject,
        against,
        target or given.target,
        given.metric,
        given.tolerance,
        tuple(given.ignore),
        given.groups,
        given.rows,
        tuple(given.models),
    )
