"""Propose fixes for a candidate that collapsed, each of them tried."""

from __future__ import annotations

import time

from qforge_jupyter.context import Context
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.recommending.recommending import recommend
from qforge_jupyter.errors import CallError, Stopped, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.collapse import Verdict
from qforge_jupyter.results.recommendation import Plan

EXAMPLE = """\
%qforge recommend verdict into plan
"""
#: Every trial counts alike.
STAGES = {"": (0.0, 1.0)}


def run(
    context: Context,
    subject: Verdict,
    *,
    only: list[str] | None = None,
    budget_s: float | None = None,
) -> Plan:
    """Try fixes and rank them by the gain that real rows unseen by them confirm.

    Each fix learns from one half of the reference; what it gives is checked against the other
    half. `%qforge fix TABLE with plan[0] as trial` applies the first.

    Parameters
    ----------
    context
        The open workspace.
    subject
        What a check found.
    only
        Names of fixes to try; all by default.
    budget_s
        Seconds after which nothing new is begun; what was found by then is kept, as it is
        when the call is interrupted.

    Raises
    ------
    Stopped
        It was interrupted; the fixes that were tried are in the exception.

    """
    if budget_s is not None and not budget_s > 0:
        raise CallError(f"`budget-s` is {budget_s:g}, wanted more than 0 seconds")
    case = case_of(subject, seed=context.seed).where(
        seed=context.seed, device=context.device, progress=context.progress
    )
    version = case.candidate.version
    with telling_when_stopped("stopped before a fix was tried; nothing was kept"):
        plan = recommend(
            case,
            only=only or (),
            budget_s=budget_s,
            clock=time.monotonic,
            keys=version.keys if version else (),
        )
    if plan.is_interrupted:
        if not plan.entries:
            raise Stopped("stopped before a fix was tried; nothing was kept")
        n = len(plan.entries)
        tried = f"{n} fixes were tried" if n > 1 else "one fix was tried"
        raise Stopped(f"stopped after {tried}; what was found is kept", result=plan)
    return plan


def case_of(verdict: Verdict, *, seed: int) -> CollapseCase:
    """Ask again what a check was asked.

    Raises
    ------
    CallError
        The verdict no longer holds its tables.

    """
    candidate, reference = verdict.candidate, verdict.reference
    if not isinstance(candidate, Table) or not isinstance(reference, Table):
        raise CallError(
            f"The verdict on {verdict.candidate_name} holds its tables no longer: check again"
        )
    return CollapseCase(candidate, reference, **{**verdict.plan, "seed": seed}).unordered
