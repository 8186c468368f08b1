"""Keep a table as the next version of a dataset."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.frames import Table
from qforge_jupyter.results.commit import CommitReport
from qforge_jupyter.verbs._branches import branch_of
from qforge_jupyter.versions.committing import Wish, commit

EXAMPLE = """\
%qforge commit calcs to golden/calcs by inchikey -m "500 molecules, tight optimisation"
"""


def run(
    context: Context,
    subject: Table,
    *,
    to: str,
    by: list[str] | None = None,
    message: str = "",
    description: str = "",
    tags: list[str] | None = None,
) -> CommitReport:
    """Commit what changed since the version before.

    Two who took out the same version and both commit have both their changes
    kept, cell by cell; where they gave one cell two values, the second is told.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table as it is now.
    to
        The dataset, made by the first commit; ``name@branch`` for another branch.
    by
        Columns whose values name a row (first commit only); without them rows are
        known by their whole content, and a changed row is one gone and one come.
    message
        What changed and why.
    description
        What the dataset is (first commit only).
    tags
        Words to find the dataset by (first commit only).

    Raises
    ------
    QualityError
        Somebody committed other values for the same cells meanwhile.

    """
    dataset, branch = branch_of(to)
    wish = Wish(
        dataset,
        subject,
        context.actor,
        context.clock(),
        message,
        branch,
        tuple(by) if by else None,
        context.working.ground(dataset, branch),
        description,
        tuple(tags or ()),
    )
    return commit(context.store, wish)
