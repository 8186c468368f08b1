"""Work that a view asked for: in a thread of its own, watched and stopped from outside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from qforge_jupyter.errors import Stopped
from qforge_jupyter.results.pace import Pace, Stages
from qforge_jupyter.results.progress import Progress

Work = Callable[[Progress], Any]


class Job:
    """One piece of work, begun when it is made.

    Parameters
    ----------
    name
        What it is called.
    work
        Does it; is given what to report progress to, where an interrupt arrives.
    stages
        Where its parts lie in the whole.
    keep
        Called with what came of it, also of work that was stopped and kept something.

    """

    def __init__(
        self, name: str, work: Work, keep: Callable[[Any], None], stages: Stages | None = None
    ) -> None:
        self.name = name
        self.problem: Exception | None = None
        self._work = work
        self._keep = keep
        self._pace = Pace(stages, began_s=time.monotonic())
        self._began_s = time.monotonic()
        self._lock = threading.Lock()
        self._is_asked_to_stop = threading.Event()
        self._said = ""
        self._state = "running"
        self._thread = threading.Thread(target=self._run, name=f"qforge-{name}", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self._state == "running"

    def stop(self) -> None:
        """Ask it to stop at its next report; what is done then is kept."""
        self._is_asked_to_stop.set()

    def wait(self, limit_s: float) -> None:
        """Wait until it is over, at most so many seconds."""
        self._thread.join(limit_s)

    def told(self) -> dict[str, Any]:
        """Say how far it is."""
        with self._lock:
            pace = self._pace
            return {
                "work": self.name,
                "state": self._state,
                "said": self._said,
                "note": pace.note,
                "done": pace.done,
                "total": pace.total,
                "share": pace.share,
                "left_s": pace.left_s if self.is_running else None,
                "seconds": time.monotonic() - self._began_s,
                "is_stopping": self._is_asked_to_stop.is_set(),
            }

    def _report(self, done: int, total: int | None, note: str = "") -> None:
        with self._lock:
            self._pace.take(done, total, note, time.monotonic())
        if self._is_asked_to_stop.is_set():
            # Once: what is kept then has to be put together in peace.
            self._is_asked_to_stop.clear()
            raise KeyboardInterrupt

    def _run(self) -> None:
        state, result = "done", None
        try:
            result = self._work(self._report)
        except KeyboardInterrupt as stop:
            state, self._said = "stopped", str(stop)
            result = stop.result if isinstance(stop, Stopped) else None
        except Exception as problem:  # noqa: BLE001 — a view must hear of it, whatever it is
            state, self.problem = "failed", problem
        try:
            if result is not None:
                self._keep(result)
        except Exception as problem:  # noqa: BLE001 — as above
            state, self.problem = "failed", problem
        self._state = state
