"""Find the rows, columns and regions that carry the damage a check has found."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.localizing.localizing import localize
from qforge_jupyter.errors import CallError, Stopped, nearest, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.collapse import Verdict
from qforge_jupyter.results.localization import Localization
from qforge_jupyter.settings import Settings

EXAMPLE = """\
%qforge localize verdict top 200 into culprits
"""
#: Where the stages of the work lie in the whole.
STAGES = {
    "nearest rows": (0.0, 0.05),
    "density ratio": (0.05, 0.18),
    "influence": (0.18, 0.23),
    "label loss": (0.23, 0.33),
    "rows judged": (0.33, 0.6),
    "reasons": (0.62, 0.62),
    "regions": (0.62, 0.66),
    "missing rows, density ratio": (0.66, 0.8),
    "missing rows, rows judged": (0.8, 0.98),
    "missing rows, reasons": (0.99, 0.99),
}


def run(
    context: Context,
    subject: Verdict,
    *,
    top: int = 200,
    by: list[str] | None = None,
) -> Localization:
    """Rank the rows of the candidate by how unlike the reference they are, and say why.

    Every row is judged by several channels, each against what rows of the reference get:
    density, copies, repeats, isolation, single columns, pairs and triples of columns, and,
    with a target, label loss and influence. Regions with too many rows, or too few, are
    told as rules. The result can be labeled as it is; its `kept` is the candidate without
    the rows listed.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The verdict of a check.
    top
        So many rows are listed, the most suspect first.
    by
        Columns of the candidate whose values name a row, for a queue of labels; a dataset
        knows its own.

    Raises
    ------
    CallError
        The verdict holds no tables any more.
    Stopped
        It was interrupted; what was found by then is in the exception.

    """
    case = _case(subject, top, by).where(
        seed=context.seed, device=context.device, progress=context.progress
    )
    with telling_when_stopped("stopped before the rows were ranked; nothing was kept"):
        found = localize(case, top=top, keys=_keys(case.candidate, by))
    if found.is_interrupted:
        n = found.channels.filter(pl.col("declined") == "").height
        done = f"{n} channels; the rows they rank are kept"
        if found.scores.height < found.n_rows:
            done = f"{found.scores.height:,} of {found.n_rows:,} rows; these are ranked and kept"
        raise Stopped(f"stopped after {done}", result=found)
    return found


def rehearse(
    settings: Settings,  # noqa: ARG001 — every verb's rehearsal is given them
    subject: Verdict,
    *,
    top: int = 200,
    by: list[str] | None = None,
) -> None:
    """Check the number of rows and the columns that name them."""
    _case(subject, top, by)


def _case(subject: Verdict, top: int, by: list[str] | None) -> CollapseCase:
    if top < 1:
        raise CallError(f"`top` is {top} and must be at least 1")
    if not isinstance(subject.candidate, Table) or not isinstance(subject.reference, Table):
        raise CallError(
            "The verdict does not hold its tables any more: check them again in this kernel, "
            "as in %qforge check synth against real into verdict"
        )
    for name in by or ():
        if name not in subject.candidate.schema:
            known = subject.candidate.columns
            raise CallError(
                f"No column named {name!r} in {subject.candidate.name}{nearest(name, known)}"
            )
    return CollapseCase(subject.candidate, subject.reference, **subject.plan)


def _keys(table: Table, by: list[str] | None) -> tuple[str, ...]:
    if by:
        return tuple(by)
    return table.version.keys if table.version else ()
