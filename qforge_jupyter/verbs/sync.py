"""Send to the tracker what it could not take earlier."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.documents.blocks import Tone
from qforge_jupyter.results.page import Page

EXAMPLE = """\
%qforge sync
"""


def run(context: Context) -> Page:
    """Send every pending run to MLflow, in the order of their time.

    Parameters
    ----------
    context
        The open workspace.

    """
    if context.settings.tracker == "none":
        return Page("Tracking is off", "nothing to send", content={"n_sent": 0, "n_left": 0})
    context.tracker.prepare()
    n_sent, n_left = context.show_pending()
    verdict = f"{n_sent} sent, {n_left} left" if n_sent or n_left else "nothing was pending"
    tone: Tone = "caution" if n_left else "good"
    content = {"n_sent": n_sent, "n_left": n_left}
    return Page("Sent to MLflow", verdict, tone, content=content)
