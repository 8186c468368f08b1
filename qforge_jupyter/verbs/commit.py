"""Keep a table as the next version of a dataset."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.frames import Table
from qforge_jupyter.results.commit import CommitReport
from qforge_jupyter.verbs._branches import branch_of
from qforge_jupyter.versions.committing import Wish, commit
from qforge_jupyter.versions.references import require_dataset

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
    parent: str | None = None,
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
    parent
        The dataset that it was made from (first commit only); without it the one of
        the version that the table is.

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
        _parent(context, subject, dataset, parent),
        context.working.seen(dataset),
    )
    return commit(context.store, wish)


def _parent(context: Context, table: Table, dataset: str, named: str | None) -> str | None:
    """Find the id of the dataset from which a new one is made."""
    if named is not None:
        return require_dataset(context.store, named).id
    source = table.version.dataset if table.version else None
    found = context.store.datasets.find(source) if source and source != dataset else None
    return found.id if found else None
