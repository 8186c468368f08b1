"""Open a sealed part of a split for a reason; every look is counted."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames.convert import replace_findings
from qforge_jupyter.frames.loaded import LoadedTable
from qforge_jupyter.results.run import Finding
from qforge_jupyter.verbs._split_parts import find_part, parts_known

EXAMPLE = """\
%qforge unseal gap-v1/test --reason "final evaluation" into test
"""


def run(context: Context, subject: str, *, reason: str = "") -> LoadedTable:
    """Give the rows of a part of a kept split.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The split and its part, as ``gap-v1/test``.
    reason
        Why a sealed part is opened; it goes into the audit log.

    Raises
    ------
    SealedError
        The part is sealed and no reason is given.

    """
    table = find_part(context, subject, reason)
    if table is None:
        raise _unknown(subject, parts_known(context))
    name, _, part = subject.partition("/")
    if n_looks := context.store.splits.looks(name).get(part, 0):
        note = f"this is look {n_looks} at a sealed part"
        seen = Finding("unsealed", subject, table.n_rows, "low", action="documented", note=note)
        table = replace_findings(table, (seen,))
    return LoadedTable.of(table)


def look_up(context: Context | None, subject: str, *, reason: str = "") -> None:
    """Refuse what is no part of a kept split, and a sealed one without a reason; count no look."""
    found = context and find_part(context, subject, reason, is_counted=False)
    if found is None:
        raise _unknown(subject, parts_known(context) if context else ())


def _unknown(subject: str, known: tuple[str, ...]) -> CallError:
    return CallError(f"No part of a split is named {subject[:80]!r}{nearest(subject, known)}")
