"""Bring a former version back, as a new one on top."""

from __future__ import annotations

from dataclasses import replace

from qforge_jupyter.context import Context
from qforge_jupyter.results.commit import CommitReport
from qforge_jupyter.verbs._branches import branch_of
from qforge_jupyter.versions.committing import Wish, commit
from qforge_jupyter.versions.reading import table_of
from qforge_jupyter.versions.references import read_reference, require_dataset, resolve

EXAMPLE = """\
%qforge rollback golden/tiers to v1 -m "the second round was mislabeled"
"""


def run(context: Context, subject: str, *, to: str, message: str = "") -> CommitReport:
    """Commit the content of a former version; nothing of the history is lost.

    Variables stay as they are: what is changed in one that was taken out before is
    laid over the former version when it is committed, and does not undo the rollback.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The dataset, or ``name@branch``.
    to
        The version to bring back: a tag, a branch, ``HEAD~2``, or the start of an id.
    message
        Why; "Rollback to …" without it.

    """
    name, branch = branch_of(subject)
    dataset = require_dataset(context.store, name)
    reference = read_reference(f"{name}@{to}")
    former = resolve(
        context.store,
        dataset,
        reference.ref if reference else to,
        reference.back if reference else 0,
    )
    table = table_of(context.store, dataset, former)
    wish = Wish(
        name,
        table,
        context.actor,
        context.clock(),
        message or f"Rollback to {to}",
        branch,
    )
    return replace(commit(context.store, wish), is_rollback=True, replaced="")
