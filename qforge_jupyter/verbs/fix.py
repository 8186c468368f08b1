"""Apply a recommended fix to a table and measure what it gains."""

from __future__ import annotations

from dataclasses import replace

from qforge_jupyter.context import Context
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.recommending.fixing import fix
from qforge_jupyter.errors import CallError, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.commit import CommitReport
from qforge_jupyter.results.fixed import Fixed
from qforge_jupyter.results.recommendation import Recommended
from qforge_jupyter.results.run import LineageStep
from qforge_jupyter.versions.committing import Wish, commit

EXAMPLE = """\
%qforge fix synth with plan[0] as trial
"""
#: Every step counts alike.
STAGES = {"": (0.0, 1.0)}
#: Branch of a stored dataset on which a fix is committed by default.
BRANCH = "trial"


def run(
    context: Context,
    subject: Table,
    *,
    with_: Recommended,
    as_: str = "",
    against: Table | None = None,
    message: str = "",
) -> Fixed:
    """Fix a table; of a stored dataset the fix is a commit on a branch of its own.

    The gain is measured on real rows that the fix has not seen: the half of the reference
    that judged it in the trial, or other real data.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table.
    with_
        The fix: ``plan[0]`` is the first of a plan.
    as_
        The variable that the new table is bound to, and the branch of a stored dataset that
        it is committed to (``trial``).
    against
        Real data that judges the fix; best rows that were not in the check.
    message
        What was changed and why; the fix and its gain by default.

    Raises
    ------
    DataError
        The fix cannot be applied to this table.

    """
    if not isinstance(with_.reference, Table):
        raise CallError(f"The plan holds its real rows no longer: check {subject.name} again")
    case = CollapseCase(subject, with_.reference, **with_.plan)
    case = case.where(
        seed=int(with_.plan["seed"]), device=context.device, progress=context.progress
    )
    version = subject.version
    with telling_when_stopped("stopped before the table was fixed; nothing was kept"):
        fixed = fix(case, with_, against=against, keys=version.keys if version else ())
    fixed = replace(fixed, steps=(_step(subject, fixed),))
    if version is None:
        return fixed
    return replace(fixed, commit=_committed(context, subject, fixed, as_ or BRANCH, message))


def _committed(
    context: Context, subject: Table, fixed: Fixed, branch: str, message: str
) -> CommitReport:
    version = subject.version
    if version is None:
        raise CallError(f"{subject.name} is no stored dataset")
    if branch == version.branch:
        raise CallError(
            f"{version.dataset} is on the branch {branch} already, and a trial stands on one of "
            "its own: name another with  as NAME"
        )
    gain = fixed.gain
    said = message or f"{fixed.title}: score {gain.before:.1f} to {gain.after:.1f} ({gain})"
    table = Table.of_frame(
        version.dataset, fixed.frame, f"{'+'.join(fixed.fixes)} of {subject.name}"
    )
    wish = Wish(
        version.dataset,
        table,
        context.actor,
        context.clock(),
        said,
        branch,
        start=version.commit,
    )
    return commit(context.store, wish)


def _step(subject: Table, fixed: Fixed) -> LineageStep:
    made = Table.of_frame(subject.name, fixed.frame)
    return LineageStep(
        made.name,
        made.fingerprint,
        subject.origin,
        "fix",
        parameters={
            "fixes": list(fixed.fixes),
            "sentence": fixed.sentence,
            "gain": fixed.gain.value,
            "judged_by": fixed.judged_by,
        },
        inputs=(subject.fingerprint,),
    )
