"""Approve of how a table came about; it flows to what is made of approved inputs only."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.frames import Table
from qforge_jupyter.results.decision import LineageDecision, approval
from qforge_jupyter.verbs._decide import decided

EXAMPLE = """\
%qforge approve calcs --reason "GFN2, default settings, reviewed"
"""


def run(context: Context, subject: Table, *, reason: str) -> LineageDecision:
    """Vouch for the content of a table, wherever the same rows turn up.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table.
    reason
        Why it may be trained on.

    Raises
    ------
    CallError
        The reason is empty, or the table is made of something revoked.

    """
    return decided(context, subject, reason, approval)
