"""Open a workspace: a folder, or a PostgreSQL URL."""

from __future__ import annotations

from qforge_jupyter.context import Context

EXAMPLE = """\
%qforge use ./lab
"""


def run(context: Context | None, subject: str) -> Context:
    """Open a workspace; what was open before is closed.

    Parameters
    ----------
    context
        What is open now, if anything.
    subject
        A folder, which is made if need be, or ``postgresql+psycopg://…``.

    """
    from qforge_jupyter.context import open_context

    settings = context.settings if context else None
    return open_context(subject, settings=settings)
