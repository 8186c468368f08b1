"""Give a version a name that stays."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.results.reference import RefReport
from qforge_jupyter.verbs._branches import point

EXAMPLE = """\
%qforge tag golden/tiers as v1
"""


def run(
    context: Context,
    subject: str,
    *,
    as_: str,
    move: bool = False,
    delete: bool = False,
) -> RefReport:
    """Tag a version.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The version: ``name`` for the newest, ``name@branch~2``, ``name@3fa9c1``.
    as_
        The tag.
    move
        Let a tag that exists point here from now on.
    delete
        Take the tag away; the version stays.

    """
    return point(context.store, "tag", subject, as_, may_move=move, is_deleted=delete)
