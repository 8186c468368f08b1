"""Show who did what, and whether the log was tampered with."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.documents.blocks import Grid, Text
from qforge_jupyter.results.page import Page

EXAMPLE = """\
%qforge audit
"""


def run(context: Context, *, top: int = 50) -> Page:
    """List the latest audited events and check the whole chain.

    Parameters
    ----------
    context
        The open workspace.
    top
        How many of the latest events to show; ``.frame`` has them all.

    """
    events = context.store.events
    check = events.verify_chain()
    frame = events.frame(kind="audit")
    shown = tuple(frame.tail(top).select("actor", "action", "entity").reverse().rows())
    grid = Grid(("who", "did", "to"), shown, n_more=max(0, frame.height - top))
    if check.is_intact:
        verdict, tone = f"{frame.height:,} events, chain intact", "good"
        blocks = (grid,)
    else:
        verdict, tone = f"the log was changed: {check.reason}", "bad"
        blocks = (Text(f"The chain breaks: {check.reason}.", "bad"), grid)
    content = {
        "n_events": frame.height,
        "is_intact": check.is_intact,
        "events": [list(r) for r in shown],
    }
    return Page("Audit log", verdict, tone, blocks, content, frame)
