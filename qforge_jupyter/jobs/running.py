"""One job at work: in a thread of its own, stopped at the border of a chunk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from qforge_jupyter.errors import JobLost, Stopped
from qforge_jupyter.jobs.timing import next_time
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.jobs import FinishJob, Job

if TYPE_CHECKING:
    from qforge_jupyter.store.opening import Store

Stop = Literal["", "cancelled", "interrupted", "lost"]
_SAID = {
    "cancelled": "cancelled; the chunks that were done are kept, and `resume` goes on from there",
    "interrupted": "stopped with its workspace; `resume` goes on from there",
    "lost": "another process runs this job by now",
}


class Running:
    """A job that this process runs.

    Parameters
    ----------
    job
        As it was claimed.
    owner
        Who claimed it.
    store
        Where its progress and its chunks are kept.
    clock
        Tells the time.

    """

    def __init__(self, job: Job, owner: str, store: Store, clock: Callable[[], datetime]) -> None:
        self.job = job
        self.owner = owner
        self.result: Any = None
        self.problem: BaseException | None = None
        self.stop: Stop = ""
        self._store = store
        self._clock = clock
        self._over = threading.Event()
        self._is_in_chunk = False
        self._far: tuple[int, int | None, str] = (0, None, "")

    @property
    def far(self) -> tuple[int, int | None, str]:
        """What is done, of how much, and what is being done."""
        return self._far

    @property
    def is_over(self) -> bool:
        """Whether the work has ended, however it did."""
        return self._over.is_set()

    def wait(self, limit_s: float | None = None) -> bool:
        """Wait for the end, at most so many seconds; false where it goes on."""
        return self._over.wait(limit_s)

    def progress(self, done: int, total: int | None, note: str = "") -> None:
        """Take how far the work is; raise `Stopped` here where it shall stop."""
        self._far = (done, total, note)
        if not self._is_in_chunk:
            self._stop_if_asked()

    def chunk(self, key: str, work: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """Do a chunk and keep its rows, or give those that were kept before.

        Raises
        ------
        Stopped
            Somebody asked the job to stop.
        JobLost
            Another process runs it by now.

        """
        if not self.stop and self._store.jobs.is_asked_to_stop(self.job.id):
            self.stop = "cancelled"
        self._stop_if_asked()
        kept = self._store.checkpoints.find(self.job.id, key)
        if kept is not None:
            return kept
        self._is_in_chunk = True
        try:
            rows = work()
        finally:
            self._is_in_chunk = False
        self._store.checkpoints.keep(self.job.id, self.owner, key, rows)
        self._store.jobs.tell(self.job.id, self.owner, self._clock(), self._far)
        return rows

    def finishing(self, result: Any) -> tuple[FinishJob, ...]:
        """Say what ends the job in the transaction that keeps its run."""
        at = self._clock()
        following = next_time(self.job.plan, self.job.started_at or at, at)
        return (
            FinishJob(self.job.id, self.owner, at, fingerprint_of(result), following, self._far),
        )

    def work(self, do: Callable[[Running], Any], ended: Callable[[Running], None]) -> None:
        """Do the work to its end; whatever comes of it is told to ``ended``."""
        try:
            self.result = do(self)
        except KeyboardInterrupt as problem:
            self.problem, self.stop = problem, self.stop or "cancelled"
        except JobLost as problem:
            self.problem, self.stop = problem, "lost"
        except BaseException as problem:  # noqa: BLE001 — written down, and told by `attach`
            self.problem = problem
        try:
            ended(self)
        finally:
            self._over.set()

    def _stop_if_asked(self) -> None:
        if self.stop:
            raise Stopped(_SAID[self.stop])


def fingerprint_of(result: Any) -> str:
    """Give the fingerprint of what a result made, else of what it says.

    Examples
    --------
    >>> fingerprint_of(None)
    ''

    """
    import hashlib
    import json

    if not isinstance(result, Result):
        return ""
    steps = result.lineage()
    if steps:
        return steps[0].fingerprint
    said = json.dumps(result.payload(), sort_keys=True, default=str)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
