"""Measure how many different rows a table really holds."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.engine.collapse.diversity.measuring import DiversityCase, measure_diversity
from qforge_jupyter.errors import telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.diversity import Diversity
from qforge_jupyter.settings import Settings

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%qforge diversity synth against real into variety
"""


class DiversityBody(BaseModel):
    """How the rows are compared."""

    model_config = ConfigDict(extra="forbid")

    ignore: list[str] = Field([], description="Columns that are left out.")
    groups: str = Field("", description="A column whose equal values belong together.")
    weights: str = Field("", description="A column that says how much each row counts.")


def run(
    context: Context,
    subject: Table,
    *,
    against: Table | None = None,
    body: DiversityBody | None = None,
) -> Diversity:
    """Measure how many different rows a table holds, beside real data where it is given.

    Vendi scores, the effective number of rows, how much of the reference is covered, near
    duplicates and memorised rows, each with its interval.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table.
    against
        Real data: by it all is measured.
    body
        Columns to leave out, groups and weights.

    """
    case = _case(subject, against, body, context)
    with telling_when_stopped("stopped while measuring diversity; nothing was kept"):
        return measure_diversity(case)


def rehearse(
    settings: Settings,  # noqa: ARG001 - the verb has no settings
    subject: Table,
    *,
    against: Table | None = None,
    body: DiversityBody | None = None,
) -> None:
    """Check the columns that are named."""
    _case(subject, against, body, None)


def _case(
    subject: Table, against: Table | None, body: DiversityBody | None, context: Context | None
) -> DiversityCase:
    given = body or DiversityBody()
    case = DiversityCase(subject, against, tuple(given.ignore), given.groups, given.weights)
    if context is None:
        return case
    return replace(case, seed=context.seed, device=context.device, progress=context.progress)
