"""Withdraw the approval of a table, and at once of all that was made of it."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.frames import Table
from qforge_jupyter.results.decision import LineageDecision, revocation
from qforge_jupyter.verbs._decide import decided

EXAMPLE = """\
%qforge revoke calcs --reason "the basis set was wrong"
"""


def run(context: Context, subject: Table, *, reason: str) -> LineageDecision:
    """Say that a table must not be trained on, nor anything made of it.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table.
    reason
        Why not.

    Raises
    ------
    CallError
        The reason is empty.

    """
    return decided(context, subject, reason, revocation)
