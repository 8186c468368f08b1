"""Show what differs between two versions, row by row and cell by cell, and what follows."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.frames.span import Span
from qforge_jupyter.results.diff import DiffReport
from qforge_jupyter.verbs._consequences import with_consequences
from qforge_jupyter.verbs._sky_change import with_sky
from qforge_jupyter.versions.diffing import diff_tables

EXAMPLE = """\
%qforge diff golden/tiers v1..v2
"""


def run(
    context: Context,
    subject: Span,
    *,
    by: list[str] | None = None,
    card: str | None = None,
    target: list[str] | None = None,
    rows_only: bool = False,
) -> DiffReport:
    """Compare two states of a table.

    Parameters
    ----------
    context
        The open workspace.
    subject
        A dataset and two of its versions, as ``golden/tiers HEAD~1..HEAD``; ``working``
        is the variable in which it is worked on. Or two tables: ``old..new``.
    by
        Columns whose values name a row; a dataset knows its own.
    card
        The scorecard by which both are scored; without it the one of the last score.
    target
        Columns whose values are followed; without it every one with few values.
    rows_only
        Compare rows and cells only, which is faster.

    """
    keys = tuple(by) if by else subject.keys
    report = diff_tables(subject.name, subject.before, subject.after, keys)
    if rows_only:
        return report
    return with_sky(context, with_consequences(context, report, by=card, target=target))
