"""Show what the workspace holds."""

from __future__ import annotations

from collections.abc import Sequence

from qforge_jupyter.context import Context
from qforge_jupyter.documents.blocks import Block, Facts, Grid, Text
from qforge_jupyter.results.jobs import Job
from qforge_jupyter.results.page import Page
from qforge_jupyter.store.models import KeptModel

EXAMPLE = """\
%qforge status
"""


#: Datasets that are listed.
MOST_DATASETS = 50
#: Models that are listed, the latest first.
MOST_MODELS = 20


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
    datasets = tuple((one.name, one.owner, one.description[:80]) for one in store.datasets.list())
    if datasets:
        shown = datasets[:MOST_DATASETS]
        n_more = len(datasets) - len(shown)
        blocks.append(Grid(("dataset", "owner", "what it is"), shown, n_more=n_more))
    blocks += open_jobs(store.jobs.list())
    kept = store.models.list()
    versions = {each.id: each.version for each in kept}
    models = tuple(_model(each, versions.get(each.repeats, "")) for each in kept)
    if models:
        head = ("model", "version", "kind", "approved", "split", "repeats")
        n_more = max(0, len(models) - MOST_MODELS)
        blocks.append(Grid(head, models[:MOST_MODELS], n_more=n_more))
    if rows:
        blocks.append(Grid(("verb", "runs", "not finished"), rows))
    verdict = f"{sum(row[1] for row in rows):,} runs" if rows else "no runs yet"
    content = {
        "store": store.kind,
        "n_pending": n_pending,
        "runs": [list(row) for row in rows],
        "datasets": [name for name, _, _ in datasets],
        "models": [list(each) for each in models],
    }
    return Page(
        "Workspace",
        verdict,
        "caution" if n_pending else "neutral",
        tuple(blocks),
        content,
        counted,
    )


def open_jobs(jobs: Sequence[Job]) -> list[Block]:
    """List the jobs that are not done, and say what there is to do."""
    waiting = [job for job in jobs if job.state not in ("done", "cancelled")]
    if not waiting:
        return []
    rows = tuple((job.name, job.verb, job.subject, job.state) for job in waiting[:MOST_DATASETS])
    n_more = max(0, len(waiting) - MOST_DATASETS)
    blocks: list[Block] = [Grid(("job", "verb", "works on", "state"), rows, n_more=n_more)]
    if lost := next((job for job in waiting if job.state == "interrupted"), None):
        said = f"`%qforge resume {lost.name}` goes on where it was stopped"
        blocks.append(Text(said, "caution"))
    return blocks


def _model(kept: KeptModel, repeats: str) -> tuple[str, ...]:
    """Say of a model what it is, how it was judged, and which version it repeats."""
    approved = {True: "yes", False: "no", None: "not judged"}[kept.is_approved]
    return kept.name, kept.version, kept.kind, approved, kept.properties["split"], repeats
