"""What a verb is given: settings, store, tracker, clock; and who writes it down."""

from __future__ import annotations

import getpass
import math
import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from qforge_jupyter.errors import QForgeError, RefMoved, TrackerError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.captured import Sources
from qforge_jupyter.frames.inputs import unreadable_in
from qforge_jupyter.jobs import Crew
from qforge_jupyter.place import Place, find_place
from qforge_jupyter.recording import Call
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.chunks import Chunks, in_place
from qforge_jupyter.results.progress import Progress, silent
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.retrying import retried
from qforge_jupyter.settings import Settings, read_settings
from qforge_jupyter.store.opening import Store, open_store
from qforge_jupyter.tracking import Tracker, open_tracker
from qforge_jupyter.versions.working import Working
from qforge_jupyter.watch import Watch, now

Answer = TypeVar("Answer")


#: How often work is done again because somebody else moved the same branch.
MOST_RACES = 30


def _nothing(result: Any) -> tuple[Change, ...]:  # noqa: ARG001 — a job looks at it
    """Change nothing beside what the result does."""
    return ()


@dataclass(frozen=True)
class Context:
    """Everything a verb may touch outside the engine."""

    settings: Settings
    store: Store
    tracker: Tracker
    actor: str
    seed: int = 42
    device: str = "cpu"
    progress: Progress = field(default=silent, repr=False)
    clock: Callable[[], datetime] = now
    place: Place = field(default_factory=Place)
    say: Callable[[str], None] = field(default=print, repr=False)
    #: Shared by all contexts of one workspace that is open.
    working: Working = field(default_factory=Working, repr=False)
    #: Of the call that works with this context; empty outside of one.
    run_id: str = ""
    #: Does the chunks of long work; a job keeps what is done of them.
    chunk: Chunks = field(default=in_place, repr=False)
    #: What else the transaction of a run writes: that the job is done which it was.
    finishing: Callable[[Any], tuple[Change, ...]] = field(default=_nothing, repr=False)
    #: The jobs that this process runs; shared by all contexts of one workspace that is open.
    crew: Crew = field(default_factory=Crew, repr=False)

    def call(
        self,
        verb: str,
        work: Callable[[Context], Answer],
        *,
        options: Mapping[str, Any],
        inputs: Mapping[str, Table],
        sources: Sources | None = None,
    ) -> Answer:
        """Do a verb's work and write down what came of it, whatever came of it.

        Parameters
        ----------
        verb
            The verb's name.
        work
            The verb's ``run`` with its arguments bound; takes this context.
        options
            What was asked, as it can be shown; secrets are removed here.
        inputs
            Tables worked on, by their role.
        sources
            All that the result is made of, for its lineage.

        """
        for race in range(MOST_RACES):
            try:
                return self._call_once(verb, work, options=options, inputs=inputs, sources=sources)
            except RefMoved:
                # Somebody else was faster: the work is done again on what they left, after a
                # while of random length, so that nobody loses every race.
                time.sleep(min(1.0, 0.01 * 2**race) * os.urandom(1)[0] / 255)
        return self._call_once(verb, work, options=options, inputs=inputs, sources=sources)

    def _call_once(
        self,
        verb: str,
        work: Callable[[Context], Answer],
        *,
        options: Mapping[str, Any],
        inputs: Mapping[str, Table],
        sources: Sources | None = None,
    ) -> Answer:
        self.store.require_open()
        if inputs:  # most likely there will be something to show
            self.tracker.prepare(wait=False)
        watch = Watch(self.clock)
        result: Any = None
        error: BaseException | None = None
        here = replace(self, run_id=uuid.uuid4().hex)
        try:
            result, attempts = retried(lambda: work(here))
        except BaseException as problem:  # noqa: BLE001 - written down, then raised again
            error = unreadable_in(problem, inputs.values()) or problem
            result, attempts = getattr(problem, "result", None), getattr(problem, "attempts", 1)
        if error is not None:
            here.write_down(
                verb,
                watch,
                error,
                options=options,
                inputs=inputs,
                sources=sources,
                result=result,
                attempts=attempts,
            )
            raise error from error.__cause__
        try:
            record = here.begun(verb, options, watch, sources).record(
                result, inputs=inputs, attempts=attempts, objects=self.store.objects
            )
            self._save(replace(record, changes=(*record.changes, *self.finishing(result))))
        except QForgeError as problem:
            # What was computed is not lost because it could not be written down.
            problem.result = result  # type: ignore[attr-defined]
            raise
        if isinstance(result, Result):
            for dataset, branch, commit in result.stands_on():
                self.working.stand_on(
                    dataset, branch, commit, result.stands_apart(), seen=result.has_seen()
                )
        return result  # type: ignore[no-any-return]

    def write_down(  # noqa: PLR0913 - what is known of a call that failed
        self,
        verb: str,
        watch: Watch,
        error: BaseException,
        *,
        options: Mapping[str, Any],
        inputs: Mapping[str, Table],
        sources: Sources | None = None,
        result: Any = None,
        attempts: int = 1,
    ) -> None:
        """Record a call that failed; whatever goes wrong here, its own error is what is told.

        Parameters
        ----------
        verb
            The verb's name.
        watch
            Begun with the call.
        error
            Why it failed.
        options, inputs, sources
            As in `call`, as far as they were known.
        result
            What a refused or interrupted call still gave.
        attempts
            How often it was tried.

        """
        call = self.begun(verb, options, watch, sources)
        try:
            self._save(
                call.record_failure(
                    result, error, inputs=inputs, attempts=attempts, objects=self.store.objects
                )
            )
        except Exception:  # noqa: BLE001 - the call's own error is what the user has to read
            return

    def _save(self, record: RunRecord) -> None:
        retried(lambda: self.store.runs.save(record))
        if record.is_tracked and self.show(record):
            self.show_pending(limit_s=self.settings.tracker_timeout_s)

    def begun(
        self, verb: str, options: Mapping[str, Any], watch: Watch, sources: Sources | None
    ) -> Call:
        """Begin the record of a call that works with this context."""
        return Call(
            self.run_id or uuid.uuid4().hex,
            verb,
            options,
            actor=self.actor,
            seed=self.seed,
            device=self.device,
            place=self.place,
            clock=self.clock,
            is_tracked=self.settings.tracker != "none",
            watch=watch,
            sources=sources or Sources(),
        )

    def show(self, record: RunRecord) -> bool:
        """Show a stored run in the tracker; what cannot be shown stays pending."""
        if not record.is_tracked:
            return True
        if not self.tracker.is_ready():
            self.tracker.prepare(wait=False)
            self.say("MLflow is being prepared; this run is shown there later")
            return False
        record = replace(record, artifacts=self.store.objects.without_forgotten(record.artifacts))
        try:
            run_id = self.tracker.show(record, read=self.store.objects.read)
        except TrackerError as problem:
            self.store.outbox.mark_failed(record.id, redact(problem.message))
            self.say(f"{redact(problem.message)}; `%qforge sync` sends this run later")
            return False
        self.store.outbox.mark_synced(record.id, run_id)
        return True

    def show_pending(self, *, limit_s: float | None = None) -> tuple[int, int]:
        """Show what waits, oldest first, until one cannot be shown or time is up.

        Parameters
        ----------
        limit_s
            After so many seconds no further run is begun; the next call goes on.

        Returns
        -------
        tuple
            How many runs were shown, and how many still wait.

        """
        until = math.inf if limit_s is None else time.monotonic() + limit_s
        pending = self.store.outbox.pending()
        for n_shown, delivery in enumerate(pending):
            n_left = len(pending) - n_shown
            if time.monotonic() >= until:
                self.say(f"{n_left} earlier runs wait for MLflow: `%qforge sync` sends them all")
                return n_shown, n_left
            if not self.show(self.store.runs.get(delivery.run_id)):
                return n_shown, n_left
            self.progress(n_shown + 1, len(pending), "runs shown")
        return len(pending), 0

    def close(self) -> None:
        """Stop the jobs, end the tracker's threads and let go of the store."""
        self.crew.close()
        self.tracker.close()
        self.store.close()


def _say_nothing(text: str) -> None:
    """Keep outputs free of what depends on the machine."""


def is_made() -> bool:
    """Say whether the workspace that the settings name exists already."""
    where = read_settings().workspace
    return "://" in where or (Path(where) / "store.db").exists()


def open_context(
    target: str = "", *, settings: Settings | None = None, **arguments: Any
) -> Context:
    """Open a workspace with its store and its tracker.

    Parameters
    ----------
    target
        A folder or a database URL; empty takes the settings' ``workspace``.
    settings
        Read from the environment when None.
    **arguments
        Settings that go before the environment, as ``tracker="none"``.

    """
    settings = settings or read_settings(**arguments)
    where = target or settings.workspace
    actor = settings.actor or getpass.getuser()
    # A database keeps rows; files and a local tracker need a folder beside it.
    is_database = "://" in where
    folder = Path(settings.folder if is_database else where)
    tracker = open_tracker(
        settings.tracker,
        uri=settings.mlflow_uri,
        experiment=settings.mlflow_experiment,
        artifact_root=folder / "artifacts",
        timeout_s=settings.tracker_timeout_s,
    )
    store = open_store(where, actor=actor, objects=folder / "objects" if is_database else None)
    return Context(
        settings,
        store,
        tracker,
        actor,
        say=print if settings.progress else _say_nothing,
        seed=settings.dataset_random_seed,
        place=find_place(),
    )
