"""The jobs that a process runs for a workspace: begun, heard of, taken up when due."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from qforge_jupyter.errors import (
    CallError,
    JobLost,
    QForgeError,
    QualityError,
    SealedError,
    StoreError,
    category_of,
    told,
)
from qforge_jupyter.jobs.aside import aside
from qforge_jupyter.jobs.owner import is_gone, new_owner
from qforge_jupyter.jobs.running import Running
from qforge_jupyter.jobs.timing import is_stale, next_time, wait_s
from qforge_jupyter.results.jobs import WAITING, Job
from qforge_jupyter.watch import now

if TYPE_CHECKING:
    from qforge_jupyter.store.opening import Store

#: Seconds between two looks at what runs and what is due.
BEAT_S = 5.0
#: Whoever was not heard of for so long runs a job no more.
LEASE_S = 60.0
#: How long a workspace that is closed waits for its jobs to stop.
CLOSING_S = 30.0
#: What trying again cannot mend.
_FINAL = (CallError, QualityError, SealedError)


class Hands(Protocol):
    """What a crew does its work with."""

    def do(self, running: Running) -> Any:
        """Do the call of a job."""

    def fits(self, job: Job) -> bool:
        """Say whether this process can do the call of a job."""

    def alert(self, job: Job) -> None:
        """Say that what a job makes is stale."""


class Crew:
    """The jobs of one workspace that this process runs.

    Parameters
    ----------
    clock
        Tells the time.
    beat_s
        Seconds between two looks; `tick` is one look.

    """

    def __init__(self, clock: Callable[[], datetime] = now, beat_s: float = BEAT_S) -> None:
        self.owner = new_owner()
        self.clock = clock
        self._beat_s = beat_s
        self._running: dict[str, Running] = {}
        self._lock = threading.Lock()
        self._is_closed = threading.Event()
        self._watcher: threading.Thread | None = None
        self._hands: Hands | None = None
        self._begun: set[str] = set()
        #: Whether jobs of other processes are taken up here as well once they are due.
        self.takes_up = False

    def running(self, job_id: str) -> Running | None:
        """Give a job that this process runs, or ran last."""
        return self._running.get(job_id)

    def take(self, store: Store, job: Job) -> Running | None:
        """Claim a job for this process; None where another one was faster."""
        if job.state not in WAITING:
            return None
        at = self.clock()
        attempt = {"queued": job.attempts + 1, "interrupted": max(1, job.attempts)}
        n = attempt.get(job.state, 1)
        with self._lock:  # until it is known here that it runs here
            if self._is_closed.is_set() or not store.jobs.claim(job, self.owner, at, attempt=n):
                return None
            taken = replace(
                job, state="running", owner=self.owner, started_at=at, heartbeat_at=at, attempts=n
            )
            running = self._running[job.id] = Running(taken, self.owner, store, self.clock)
            return running

    def work(self, store: Store, hands: Hands, running: Running) -> None:
        """Do a job that was taken, in the thread that asks for it."""

        def ended(one: Running) -> None:
            with suppress(QForgeError):  # the store is closed: its row is found by the next one
                self._ended(store, one)

        self._begin_looking(store)
        running.work(hands.do, ended)

    def start(self, store: Store, hands: Hands, job: Job) -> Running | None:
        """Take a job up in a thread of its own; None where another process was faster."""
        running = self.take(store, job)
        if running is not None:
            self._begun.add(job.id)
            self._hands = self._hands or hands
            # What is shown all the same belongs to the cell that began the job.
            run = partial(contextvars.copy_context().run, self._aside, store, hands, running)
            name = f"qforge job {job.name}"
            threading.Thread(target=run, name=name, daemon=True).start()
        return running

    def _aside(self, store: Store, hands: Hands, running: Running) -> None:
        with aside():
            self.work(store, hands, running)

    def watch(self, store: Store, hands: Hands) -> None:
        """Look after every job from now on, in one thread."""
        self._hands, self.takes_up = hands, True
        self._begin_looking(store)

    def _begin_looking(self, store: Store) -> None:
        with self._lock:
            if self._watcher is not None or self._is_closed.is_set():
                return
            run = partial(contextvars.copy_context().run, self._look, store)
            self._watcher = threading.Thread(target=run, name="qforge jobs", daemon=True)
            self._watcher.start()

    def tick(self, store: Store, hands: Hands) -> None:
        """Look once: be heard of, find who is gone, say what is stale, begin what is due.

        Where nobody asked for it, only jobs that this process began are looked after.
        """
        self.beat(store)
        if self.takes_up:
            self.find_lost(store)
        elif not self._begun:
            return
        at = self.clock()
        for job in store.jobs.list():
            if not self._is_looked_after(job):
                continue
            if is_stale(job, at) and job.alerted_at is None and store.jobs.alert(job, at):
                hands.alert(job)
        for job in store.jobs.due(at):
            if self._is_looked_after(job) and hands.fits(job):
                self.start(store, hands, job)

    def beat(self, store: Store) -> None:
        """Be heard of, and look whether what runs here is asked to stop."""
        at = self.clock()
        for running in list(self._running.values()):
            if running.is_over:
                continue
            if not store.jobs.tell(running.job.id, self.owner, at, running.far):
                running.stop = "lost"
            elif not running.stop and store.jobs.is_asked_to_stop(running.job.id):
                running.stop = "cancelled"

    def find_lost(self, store: Store) -> tuple[Job, ...]:
        """Mark the jobs that nobody runs any more; those with a schedule are tried again later."""
        store.checkpoints.drop_done()
        at = self.clock()
        return tuple(
            job
            for job in store.jobs.list(states=("running",))
            if self._is_lost(job, at) and store.jobs.lose(job, at, **_after_loss(job, at))
        )

    def close(self) -> None:
        """Stop every job at its next chunk and wait for that; rows say that it can go on."""
        self._is_closed.set()
        running = [each for each in self._running.values() if not each.is_over]
        for each in running:
            each.stop = each.stop or "interrupted"
        for each in running:
            each.wait(CLOSING_S)
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join(CLOSING_S)

    def _is_looked_after(self, job: Job) -> bool:
        return self.takes_up or job.id in self._begun

    def _is_lost(self, job: Job, at: datetime) -> bool:
        if job.owner == self.owner:
            with self._lock:
                running = self._running.get(job.id)
            return running is None or running.is_over
        if is_gone(job.owner):
            return True
        # Also of a process that lives: the thread of the job may be dead.
        return job.heartbeat_at is None or at - job.heartbeat_at > timedelta(seconds=LEASE_S)

    def _look(self, store: Store) -> None:
        while not self._is_closed.wait(self._beat_s):
            # A store that is busy or away is asked again at the next beat, and whatever else
            # goes wrong in one look ends neither the looks nor a cell.
            with suppress(Exception):
                if self._hands is None:
                    self.beat(store)
                else:
                    self.tick(store, self._hands)

    def _ended(self, store: Store, running: Running) -> None:
        """Write down how a run ended; a success is in its run's own transaction."""
        job, problem, at = running.job, running.problem, self.clock()
        if problem is None:
            store.checkpoints.drop(job.id)
            return
        if running.stop in ("cancelled", "interrupted"):
            is_due = running.stop == "interrupted" and job.plan.every_s is not None
            store.jobs.end(job.id, self.owner, running.stop, at, next_at=at if is_due else None)
            return
        if isinstance(problem, JobLost):
            return
        known = problem if isinstance(problem, QForgeError) else None
        known = known or told(problem if isinstance(problem, Exception) else RuntimeError())
        is_final = isinstance(problem, _FINAL) or job.attempts >= job.plan.most_attempts
        if is_final:
            following = next_time(job.plan, job.started_at or at, at)
        else:
            following = at + timedelta(seconds=wait_s(job.attempts))
        with suppress(StoreError):
            store.jobs.end(
                job.id,
                self.owner,
                "failed" if is_final else "queued",
                at,
                category=category_of(problem) if isinstance(problem, Exception) else None,
                message=known.message,
                next_at=following,
            )


def _after_loss(job: Job, at: datetime) -> dict[str, Any]:
    """Say how a job goes on whose process ended: a call that kills it is not tried for ever."""
    if job.plan.every_s is None:
        return {}
    if job.attempts < job.plan.most_attempts:
        following = at + timedelta(seconds=wait_s(job.attempts))
        return {"attempts": job.attempts + 1, "next_at": following}
    return {
        "state": "failed",
        "category": "resource",
        "message": "Its process ended while it ran",
        "next_at": next_time(job.plan, job.started_at or at, at),
    }
