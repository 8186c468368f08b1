"""Merge one branch of a dataset into another, cell by cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from qforge_jupyter.context import Context
from qforge_jupyter.engine.dimensions import DIMENSIONS
from qforge_jupyter.errors import CallError, QualityError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.merge import MergeReport
from qforge_jupyter.rules.falling import check_condition, judge_change
from qforge_jupyter.verbs._branches import branch_of
from qforge_jupyter.verbs._consequences import with_consequences
from qforge_jupyter.versions.diffing import diff_frames
from qforge_jupyter.versions.joining import Join, join
from qforge_jupyter.versions.laying import lay
from qforge_jupyter.versions.references import read_reference, require_dataset, resolve

EXAMPLE = """\
%qforge merge golden/tiers from review --only-if "no dimension drops by 0.5"
"""


def run(
    context: Context,
    subject: str,
    *,
    from_: str,
    message: str = "",
    prefer: Literal["ours", "theirs"] | None = None,
    settled: Table | None = None,
    only_if: str = "",
    card: str | None = None,
) -> MergeReport:
    """Merge another branch into this one.

    Rows are found by their keys. A cell that only one side changed is taken from
    there; a cell that both changed to different values is a conflict, and nothing
    is merged until it is settled.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The dataset and the branch to merge into, as ``name@branch``.
    from_
        The branch, tag or commit to merge.
    message
        Why; "Merge FROM" without it.
    prefer
        Which side wins every conflict that is not settled one by one.
    settled
        The ``conflicts`` of an earlier try with a column ``take``.
    only_if
        What the merge must not do, as ``no dimension drops by 0.5`` (points of 100).
    card
        The scorecard for ``only_if``; without it the one of the last score.

    Raises
    ------
    CallError
        ``from_`` is a version of another dataset, or of none.
    RuleError
        ``only_if`` cannot be understood.
    QualityError
        There are open conflicts, or ``only_if`` does not hold; the report is kept
        and in the error.

    """
    if only_if:
        check_condition(only_if, DIMENSIONS.names())
    store = context.store
    name, branch = branch_of(subject)
    dataset = require_dataset(store, name)
    ours = resolve(store, dataset, branch)
    reference = read_reference(f"{name}@{from_}") or read_reference(from_)
    if reference and reference.dataset != name:
        raise CallError(
            f"{from_[:60]!r} is a version of {reference.dataset}, and a merge takes one of {name}: "
            f"check it out, commit it to a branch of {name}, and merge that"
        )
    back = reference.back if reference else 0
    theirs = resolve(store, dataset, reference.ref if reference else from_, back)
    wish = Join(
        dataset,
        branch,
        ours,
        theirs,
        from_,
        context.actor,
        context.clock(),
        message,
        prefer,
        settled.frame if settled is not None else None,
    )
    report = join(store, wish)
    if report.how == "nothing to merge":
        return report
    if only_if or report.how == "conflicts":
        before = lay(store.objects, ours).frame()
        found = diff_frames(name, before, report.frame, dataset.keys)
        found = with_consequences(context, found, by=card)
        report = replace(report, consequences=found.consequences)
    _refuse(report, only_if)
    return report


def _refuse(report: MergeReport, only_if: str) -> None:
    if report.how == "conflicts":
        said = "1 conflict stands" if report.n_open == 1 else f"{report.n_open:,} conflicts stand"
        raise QualityError(
            f"{said} between {report.source} and {report.branch}: "
            "look at `conflicts` of the result, then merge again with --prefer ours or theirs, "
            "or with --settled TABLE",
            result=report,
        )
    if not only_if:
        return
    scores = report.consequences.scores
    if not scores:
        raise QualityError(
            f"Whether {only_if!r} holds cannot be said, because {report.dataset} was never scored: "
            "name a scorecard with --card",
            result=replace(report, how="refused"),
        )
    before = {name: old for name, old, _ in scores}
    after = {name: new for name, _, new in scores}
    if reason := judge_change(only_if, before, after):
        why = f"{reason}, and the merge is allowed only if {only_if}"
        raise QualityError(
            f"{report.source} is not merged into {report.branch}: {why}",
            result=replace(report, how="refused", reason=why),
        )
