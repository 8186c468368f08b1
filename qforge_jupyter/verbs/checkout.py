"""Take a version of a dataset out of the store, as a table."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames.loaded import LoadedTable
from qforge_jupyter.versions.reading import open_version
from qforge_jupyter.versions.references import read_reference, require_dataset

EXAMPLE = """\
%qforge checkout golden/tiers@v1 into tiers
"""


def run(context: Context, subject: str) -> LoadedTable:
    """Read a version; every file of it is hashed on the way.

    Changes to the table are changes of this version: a later ``commit`` from this
    kernel keeps what others committed meanwhile.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The version: ``name``, ``name@tag``, ``name@branch~2`` or ``name@3fa9c1``.

    """
    table = open_version(context.store, subject)
    if table is None:
        reference = read_reference(subject)
        if reference is None:
            raise CallError(f"{subject[:60]!r} is no version: write name, name@tag or name@branch")
        require_dataset(context.store, reference.dataset)
        raise CallError(f"{subject[:60]!r} was deleted meanwhile")
    return LoadedTable.of(table)
