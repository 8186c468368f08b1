"""Wait for a call that may hang for so long and no longer, one call at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from qforge_jupyter.errors import TrackerError
from qforge_jupyter.tracking._quiet import quiet_thread

Answer = TypeVar("Answer")


class GivenUpError(Exception):
    """Nobody waits for this call any more, so it goes no further."""


class Guarded:
    """A client whose every method first asks whether anybody still waits."""

    def __init__(self, client: Any, given_up: threading.Event) -> None:
        self._client = client
        self._given_up = given_up

    def __getattr__(self, name: str) -> Any:
        if self._given_up.is_set():
            raise GivenUpError
        return getattr(self._client, name)


class Line:
    """A line to a server: one call at a time, each with an end."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def call(
        self, seconds: float, work: Callable[[threading.Event], Answer], *, late: str, taken: str
    ) -> Answer:
        """Do the work on a thread of its own and wait for it.

        Parameters
        ----------
        seconds
            How long to wait. A thread that hangs is then left behind, and
            ends with the request that it is in.
        work
            Takes the event that tells it that nobody waits any more.
        late
            The sentence for work that takes longer.
        taken
            The sentence while an earlier call has still not come to its end.

        Raises
        ------
        TrackerError
            With one of the two sentences.

        """
        if self._thread is not None and self._thread.is_alive():
            raise TrackerError(taken)
        given_up = threading.Event()
        outcome: list[Answer] = []
        failure: list[BaseException] = []

        def run() -> None:
            try:
                with quiet_thread():
                    outcome.append(work(given_up))
            except BaseException as problem:  # noqa: BLE001 — handed to the waiting thread
                failure.append(problem)

        self._thread = threading.Thread(target=run, name="qforge-tracker", daemon=True)
        self._thread.start()
        try:
            self._thread.join(max(0.0, seconds))
        finally:
            given_up.set()
        if self._thread.is_alive():
            raise TrackerError(late)
        if failure:
            raise failure[0]
        return outcome[0]

    def close(self, seconds: float) -> None:
        """Wait so long for the end of a call that was left behind."""
        if self._thread is not None:
            self._thread.join(seconds)
