"""How a job's call is done: as any call, with a context of its own that shows nothing."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.jobs import Running
from qforge_jupyter.jobs.timing import read_length
from qforge_jupyter.place import Place
from qforge_jupyter.results.chunks import Chunks
from qforge_jupyter.results.jobs import Job, JobPlan
from qforge_jupyter.results.stale import Stale
from qforge_jupyter.verbs import VERBS, invoke, signature_of
from qforge_jupyter.verbs._job_calls import reopened, require_long, words_of, written
from qforge_jupyter.versions.working import Working

#: How often a call is tried that runs by a schedule, where nothing else is said.
TRIES = 3
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}\Z")


@dataclass(frozen=True)
class Worker:
    """Does the calls of jobs in a workspace.

    Parameters
    ----------
    context
        The open workspace.
    around
        Does a chunk in the place of the job itself, as in a task of an orchestrator.

    """

    context: Context
    around: Callable[[Running], Chunks] | None = None

    def do(self, running: Running) -> Any:
        """Do the call of a job, recorded as any call is."""
        call = running.job.call
        here = replace(
            self.context,
            seed=call["seed"],
            device=call["device"],
            progress=running.progress,
            chunk=self.around(running) if self.around else running.chunk,
            finishing=running.finishing,
            say=_say_nothing,
            working=Working(),  # what the kernel works on stays as it is
            place=replace(
                Place(notebook=call["notebook"], cell=call["cell"], into=tuple(call["into"])),
                git_commit=self.context.place.git_commit,
                cell_sha256=call["cell_sha256"],
            ),
        )
        subject, options = reopened(here, call)
        return invoke(
            here,
            call["verb"],
            subject,
            options=options,
            body=call["body"],
            subject_name=call["subject_text"] or None,
        )

    def fits(self, job: Job) -> bool:
        """Say whether this process works where the job's paths mean what they meant."""
        return bool(job.call["folder"] == os.getcwd())  # noqa: PTH109 — as text

    def alert(self, job: Job) -> None:
        """Record that what a job makes is stale."""
        stale = Stale(job.name, job.subject, job.plan.fresh_within_s or 0.0)
        quiet = replace(self.context, say=_say_nothing)
        quiet.call("jobs", lambda _: stale, options={"subject": job.name}, inputs={})


def _say_nothing(text: str) -> None:
    """Keep what a job says out of whatever cell runs."""


@dataclass(frozen=True)
class Wanted:
    """How a call shall run as a job.

    Parameters
    ----------
    name
        What it is called; the verb and a number where this is empty.
    every, fresh_within
        Lengths of time, as ``6 hours``.
    tries
        How often a run is tried.
    is_repeated
        Whether something else than ``every`` runs it again and again.

    """

    name: str = ""
    every: str = ""
    fresh_within: str = ""
    tries: int | None = None
    is_repeated: bool = False

    @property
    def plan(self) -> JobPlan:
        """When it runs, and how often it is tried."""
        every_s = read_length(self.every, "every")
        tries = self.tries if self.tries is not None else TRIES if every_s else 1
        if tries < 1:
            raise CallError(f"A job is tried once or more, and `tries` is {tries}")
        return JobPlan(every_s, read_length(self.fresh_within, "fresh-within"), tries)


def kept(
    context: Context,
    wanted: Wanted,
    verb: str,
    subject: Any,
    *,
    options: Mapping[str, Any],
    body: Any = None,
    texts: Mapping[str, str] | None = None,
) -> Job:
    """Keep a call as a job that waits.

    Raises
    ------
    CallError
        The verb is no long one, or the call cannot be opened again.

    """
    require_long(verb)
    if wanted.name and not _NAME.match(wanted.name):
        raise CallError(
            "A job is named with 1 to 60 letters, digits, dots, dashes and underscores, and "
            f"{wanted.name[:60]!r} is not"
        )
    plan = wanted.plan
    is_repeated = wanted.is_repeated or plan.every_s is not None
    call = words_of(context, verb, subject, options, body, texts or {}, is_repeated=is_repeated)
    at = context.crew.clock()
    return context.store.jobs.add(
        Job("", wanted.name, verb, call, context.actor, "queued", plan, queued_at=at)
    )


def begin(context: Context, wanted: Wanted, verb: str, subject: Any, **parts: Any) -> Job:
    """Keep a call as a job, as `kept` does, and begin it in the background."""
    job = kept(context, wanted, verb, subject, **parts)
    context.crew.start(context.store, Worker(context), job)
    return job


def parts_of(verb: str, call: Mapping[str, Any]) -> dict[str, Any]:
    """Part keywords into options and keys of the body, as plain Python gives them.

    Examples
    --------
    >>> parts_of("collect", {"from_": "log.csv", "confidence": "none"})
    {'options': {'from_': 'log.csv'}, 'body': {'confidence': 'none'}}

    """
    own = {written(name): name for name in inspect.signature(VERBS.get(verb).run).parameters}
    known = signature_of(verb).options
    options = {own[written(name)]: each for name, each in call.items() if written(name) in known}
    body = {name: each for name, each in call.items() if written(name) not in known}
    return {"options": options, "body": body or None}


def wake(context: Context) -> tuple[Job, ...]:
    """Look after what is planned, as long as this process lives; give what nobody runs any more."""
    lost = context.crew.find_lost(context.store)
    jobs = context.store.jobs.list()
    context.crew.takes_up = True  # also what is planned from now on
    if any(job.next_at is not None or job.plan.fresh_within_s is not None for job in jobs):
        context.crew.watch(context.store, Worker(context))
    return tuple(job for job in lost if job.plan.every_s is None)
