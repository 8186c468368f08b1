"""Show how far the labeling of a dataset is, and what it lacks."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.labeling.board import Board
from qforge_jupyter.labeling.rows import Rows
from qforge_jupyter.results.dashboard import Dashboard
from qforge_jupyter.results.version import Version
from qforge_jupyter.settings import Settings
from qforge_jupyter.versions.references import require_dataset

EXAMPLE = """\
%qforge dashboard golden/contact-tier into board
"""


def run(context: Context, subject: Table) -> Dashboard:
    """Count labels, classes, tiers, agreement and pace, and name what to collect next.

    In a live notebook a widget below the page goes on counting while people label.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The dataset; nobody needs to have labeled it. A branch is followed to its newest
        version, one that is named by a tag or an id stays as it is.

    Raises
    ------
    CallError
        The table is no stored dataset.

    """
    version = _stored(subject)
    dataset = require_dataset(context.store, version.dataset)
    heads = {
        each.name: each.head for each in context.store.refs.of(dataset.id) if each.kind == "branch"
    }
    is_branch = version.ref in ("", version.branch)
    is_tip = is_branch and heads.get(version.branch) == version.commit
    rows = Rows(subject.frame, dataset.keys, version.commit)
    board = Board(context.store, dataset.name, version.branch if is_tip else "", rows)
    found = board.look()
    return Dashboard(dataset.name, found["figures"], found["stamp"], board)


def rehearse(settings: Settings, subject: Table) -> None:  # noqa: ARG001 — every verb has one shape
    """Look whether the table is a stored dataset."""
    _stored(subject)


def _stored(subject: Table) -> Version:
    if subject.version is None:
        raise CallError(
            f"{subject.name} is no stored dataset, and a dashboard is of one: commit it first, as "
            f"in  %qforge commit {subject.name} to NAME"
        )
    return subject.version
