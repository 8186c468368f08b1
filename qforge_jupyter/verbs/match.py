"""Find the known cases that a check is like."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.collapse import Verdict
from qforge_jupyter.results.matched import Match
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._known_cases import likenesses, named_cases, past_checks

EXAMPLE = """\
%qforge match verdict
"""
#: Cases that vote, however few are shown.
VOTING = 10


def run(context: Context, subject: Verdict, *, top: int = 10) -> Match:
    """Name the damage that a check shows, by the nearest cases whose damage is known.

    Cases are those that ship with Q-Forge, whose damage was planted, and those that
    `remember` named in this workspace. Past checks of the workspace are listed too, with the
    fix that gained most on the same rows.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The verdict of a check.
    top
        How many cases to show of either kind.

    """
    _require(subject, top)
    cases = named_cases(context, subject, max(top, VOTING))
    is_damaged = subject.verdict == "collapsed"
    return Match(
        subject.candidate_name,
        subject.verdict,
        subject.score,
        likenesses(cases) if is_damaged else (),
        tuple(cases[:top]) if is_damaged else (),
        tuple(past_checks(context, subject, top)),
    )


def rehearse(
    settings: Settings,  # noqa: ARG001 — every verb's rehearsal is given them
    subject: Verdict,
    *,
    top: int = 10,
) -> None:
    """Check the number of cases."""
    _require(subject, top)


def _require(subject: Verdict, top: int) -> None:
    if top < 1:
        raise CallError(f"`top` is {top} and must be at least 1")
    if subject.signature is None:
        raise CallError(
            f"The verdict on {subject.candidate_name} has no signature: check the tables again, "
            "as in %qforge check synth against real into verdict"
        )
