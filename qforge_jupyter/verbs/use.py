"""Open a workspace: a folder, or a PostgreSQL URL."""

from __future__ import annotations

from qforge_jupyter.context import Context

EXAMPLE = """\
%qforge use ./lab
"""


def run(context: Context | None, subject: str) -> Context:  # noqa: ARG001 - every verb has one shape
    """Open a workspace; what was open before is closed, and settings are read again.

    Parameters
    ----------
    context
        What is open now, if anything.
    subject
        A folder, which is made if need be, or ``postgresql+psycopg://…``.

    """
    from qforge_jupyter.context import open_context

    return open_context(subject)
