"""Apply a recommended fix to a whole table, and measure what it gains."""

from __future__ import annotations

from dataclasses import replace

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.recommending.halving import bounded
from qforge_jupyter.engine.collapse.recommending.looking import look
from qforge_jupyter.engine.collapse.recommending.trialing import (
    Ground,
    applied,
    gain_between,
)
from qforge_jupyter.engine.one_thread import one_thread
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.fixed import Fixed
from qforge_jupyter.results.recommendation import Recommended
from qforge_jupyter.results.uncertainty import NotApplicable

#: Rows of each side by which the gain is measured.
JUDGED_ROWS = 20_000


def fix(
    case: CollapseCase,
    one: Recommended,
    *,
    against: Table | None = None,
    keys: tuple[str, ...] = (),
) -> Fixed:
    """Fix the candidate of a case.

    The fix learns from the half of the reference that it learned from in the trial; the other
    half, or other real data, measures the gain.

    Parameters
    ----------
    case
        The table to fix as candidate, the reference of the plan as reference.
    one
        The fix.
    against
        Real data that judges; without it the half that the fix has not seen.
    keys
        Columns that name the rows.

    Raises
    ------
    DataError
        The fix cannot be applied to this table.

    """
    with one_thread():
        return _fix(case, one, against, keys)


def _fix(
    case: CollapseCase, one: Recommended, against: Table | None, keys: tuple[str, ...]
) -> Fixed:
    ground = Ground.of(case, keys=keys)
    case.progress(0, 3, "applying")
    repair = applied(one.fixes, ground.fix_case)
    if isinstance(repair, NotApplicable):
        raise DataError(f"`{one.name}` cannot be applied to {case.candidate.name}: {repair.reason}")
    tried = ground.made(ground.fix_case, repair)
    case.progress(1, 3, "applied")
    judging = against or ground.judging
    before, after, judge = (
        bounded(each, case, JUDGED_ROWS) for each in (case.candidate, tried.table, judging)
    )
    before = bounded(before, case, after.n_rows)
    looks = [look(replace(case, candidate=each, reference=judge)) for each in (before, after)]
    case.progress(3, 3, "judged")
    copying = (ground.copying, tried.copying)
    return Fixed(
        name=case.candidate.name,
        frame=tried.table.frame,
        fixes=one.fixes,
        title=one.title,
        sentence=repair.sentence,
        n_before=case.candidate.n_rows,
        n_changed=repair.n_changed,
        takes_rows=one.takes_rows,
        gain=gain_between(looks[0], looks[1], copying),
        judged_by=judging.name,
        n_judging=judge.n_rows,
        held_out=ground.judging.frame,
        share_copied=(copying[0].share_copied, tried.share_copied),
        share_repeated=(copying[0].share_repeated, copying[1].share_repeated),
        share_near=(copying[0].share_near, copying[1].share_near),
        share_alike=(copying[0].share_alike, copying[1].share_alike),
    )
