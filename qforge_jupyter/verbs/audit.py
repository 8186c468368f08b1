"""Show who did what, and whether the log was tampered with."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.documents.blocks import Block, Grid, Text, Tone
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.page import Page

#: Latest events that are listed.
N_READ = 10_000
SCHEMA: dict[str, pl.DataType] = {
    "position": pl.Int64(),
    "at": pl.Datetime("us", "UTC"),
    "actor": pl.String(),
    "action": pl.String(),
    "entity": pl.String(),
}

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
    if top < 1:
        raise CallError(f"`top` is {top} and must be at least 1")
    events = context.store.events
    problems = events.verify_chain()
    frame = pl.DataFrame(
        [
            (kept.position, kept.at, kept.event.actor, kept.event.action, kept.event.entity)
            for kept in events.list(kind="audit", limit=N_READ)
        ],
        schema=SCHEMA,
        orient="row",
    )
    shown = tuple(frame.head(top).select("actor", "action", "entity").rows())
    blocks: tuple[Block, ...] = (
        Grid(("who", "did", "to"), shown, "latest first", n_more=max(0, frame.height - top)),
    )
    verdict = f"{frame.height:,} events, chain intact"
    if problems:
        verdict = "the log was changed"
        blocks = (Text(f"{problems[0]}.", "bad"), *blocks)
    tone: Tone = "bad" if problems else "good"
    content = {
        "n_events": frame.height,
        "problems": list(problems),
        "events": [list(r) for r in shown],
    }
    return Page("Audit log", verdict, tone, blocks, content, frame)
