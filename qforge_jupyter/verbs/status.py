"""Show what the workspace holds."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.documents.blocks import Block, Facts, Grid
from qforge_jupyter.results.page import Page

EXAMPLE = """\
%qforge status
"""


def run(context: Context) -> Page:
    """Count the runs by verb and what waits for the tracker; ``.frame`` times them too.

    Parameters
    ----------
    context
        The open workspace.

    """
    store = context.store
    counted = store.read_table("performance").drop("workspace_id").sort("verb")
    n_pending = len(store.outbox.pending())
    facts = (
        ("store", store.kind),
        ("tracker", context.settings.tracker),
        ("runs waiting for the tracker", n_pending),
        ("seed", context.seed),
        ("device", context.device),
    )
    rows = tuple(
        (each["verb"], each["n_runs"], each["n_runs"] - each["n_finished"])
        for each in counted.iter_rows(named=True)
    )
    blocks: list[Block] = [Facts(facts)]
    if rows:
        blocks.append(Grid(("verb", "runs", "not finished"), rows))
    verdict = f"{sum(row[1] for row in rows):,} runs" if rows else "no runs yet"
    content = {"store": store.kind, "n_pending": n_pending, "runs": [list(row) for row in rows]}
    return Page(
        "Workspace",
        verdict,
        "caution" if n_pending else "neutral",
        tuple(blocks),
        content,
        counted,
    )
