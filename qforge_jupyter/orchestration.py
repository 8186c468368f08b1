"""A long call as a Prefect flow: the same job, its chunks as tasks (extra ``prefect``).

The job stands in the store as one that was begun in a notebook does: it is listed, can be
cancelled, and goes on from the chunks that are done, whoever ran them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from qforge_jupyter.context import Context, open_context
from qforge_jupyter.errors import CallError, MissingPackage
from qforge_jupyter.jobs import Running
from qforge_jupyter.results.chunks import Chunks
from qforge_jupyter.results.jobs import Job
from qforge_jupyter.verbs._job_calls import words_of
from qforge_jupyter.verbs._job_result import made_by
from qforge_jupyter.verbs._job_work import Wanted, Worker, kept, parts_of


def prefect_flow(  # noqa: PLR0913 — each is one plain choice
    workspace: str,
    verb: str,
    subject: str,
    *,
    job_name: str,
    retries: int = 2,
    retry_delay_s: float = 10.0,
    settings: dict[str, Any] | None = None,
    **call: Any,
) -> Any:
    """Make a Prefect flow of a long call, with a task for each chunk of its work.

    Parameters
    ----------
    workspace
        A folder, or a PostgreSQL URL without a password.
    verb, subject
        What to do, as in a cell.
    job_name
        What the job is called; a flow that runs again goes on with the one of this name.
    retries, retry_delay_s
        How often a task is tried again, and after how many seconds.
    settings
        Settings of the workspace, as ``{"tracker": "none"}``.
    **call
        Options and keys of the body, as in `Workspace.job`.

    Returns
    -------
    prefect.Flow
        Called, it gives name, run and fingerprint, also within another flow.

    Raises
    ------
    MissingPackage
        Prefect is not installed.

    """
    try:
        from prefect import flow
    except ImportError:
        raise MissingPackage("prefect", "to run a job as a flow", "prefect") from None

    def run_job() -> dict[str, Any]:
        context = open_context(workspace, **(settings or {}))
        try:
            return _run(context, verb, subject, job_name, call, _in_tasks(retries, retry_delay_s))
        finally:
            context.close()

    return flow(name=f"qforge {job_name}", persist_result=False)(run_job)


def _run(  # noqa: PLR0913 — the parts of a call
    context: Context,
    verb: str,
    subject: str,
    name: str,
    call: dict[str, Any],
    around: Callable[[Running], Chunks],
) -> dict[str, Any]:
    context.crew.find_lost(context.store)
    wanted, parts = Wanted(name, is_repeated=True), parts_of(verb, call)
    known = {job.name: job for job in context.store.jobs.list()}
    job = known.get(name)
    if job is None:
        job = kept(context, wanted, verb, subject, **parts)
    elif (
        told := words_of(context, verb, subject, **parts, texts={}, is_repeated=True)
    ) != job.call:
        context.store.jobs.rewrite(job, told)  # the flow was changed since
        job = context.store.jobs.find(name)
    running = context.crew.take(context.store, job)
    if running is None:
        raise CallError(f"Another process runs the job {name}: see  %qforge jobs")
    context.crew.work(context.store, Worker(context, around), running)
    if running.problem is not None:
        raise running.problem
    done: Job = made_by(context, context.store.jobs.find(name)).job
    return {"job": name, "run": done.run_id, "fingerprint": done.fingerprint}


def _in_tasks(retries: int, retry_delay_s: float) -> Callable[[Running], Chunks]:
    """Do every chunk in a task of its own, and show how far the work is."""
    from prefect import task
    from prefect.artifacts import create_progress_artifact, update_progress_artifact
    from prefect.cache_policies import NO_CACHE

    def around(running: Running) -> Chunks:
        shown: list[Any] = []

        def chunk(key: str, work: Callable[[], pl.DataFrame]) -> pl.DataFrame:
            def do_chunk() -> pl.DataFrame:
                return running.chunk(key, work)

            # A task of its own, so that it alone is tried again.
            in_task = task(
                name="chunk",
                task_run_name=f"chunk {key[:12]}",
                retries=retries,
                retry_delay_seconds=retry_delay_s,
                cache_policy=NO_CACHE,
                persist_result=False,
            )
            rows: pl.DataFrame = in_task(do_chunk)()
            done, total, _ = running.far
            share = 100.0 * done / total if total else 0.0
            if shown:
                update_progress_artifact(shown[0], share)
            else:
                shown.append(create_progress_artifact(share, description=running.job.name))
            return rows

        return chunk

    return around
