"""The verdict widget: its views ask for columns, rows and fixes while they are looked at."""

from __future__ import annotations

from qforge_jupyter.results.collapse import Verdict
from qforge_jupyter.widgets.answering import AnsweringWidget, Handler
from qforge_jupyter.widgets.bundles import bundle


class VerdictWidget(AnsweringWidget):
    """A view of a verdict that can be asked for more.

    Parameters
    ----------
    verdict
        What `check` gave.
    handler
        Answers a request: ``{id, kind, …} -> {id, ok: True, …}``.

    Raises
    ------
    ResourceError
        The browser code is not built.

    """

    def __init__(self, verdict: Verdict, handler: Handler) -> None:
        title = f"{verdict.candidate_name} against {verdict.reference_name}"
        super().__init__(handler, *bundle("verdict"), title=title)

    def __repr__(self) -> str:
        """Say what is judged, and how."""
        return f"VerdictWidget: {self.title}"
