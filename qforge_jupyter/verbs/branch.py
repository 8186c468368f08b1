"""Start a branch of a dataset at a version."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.results.reference import RefReport
from qforge_jupyter.verbs._branches import point

EXAMPLE = """\
%qforge branch golden/tiers@v1 as review
"""


def run(
    context: Context,
    subject: str,
    *,
    as_: str,
    delete: bool = False,
) -> RefReport:
    """Make a branch, to commit to it with ``commit … to name@branch``.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The version at which it starts.
    as_
        The branch.
    delete
        Take the branch away; its versions stay.

    """
    return point(context.store, "branch", subject, as_, may_move=False, is_deleted=delete)
