"""Call a chatty, patient library so that the user's cell neither sees nor awaits it."""

from __future__ import annotations

import logging
import os
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from qforge_jupyter.errors import TrackerError

Answer = TypeVar("Answer")
_here = threading.local()


def _is_wanted(_: logging.LogRecord) -> bool:
    """Drop what is logged on our behalf; other threads keep their log."""
    return not getattr(_here, "is_quiet", False)


@contextmanager
def quiet(*loggers: str) -> Iterator[None]:
    """Silence these loggers on this thread, and warnings, for a while."""
    for name in loggers:
        logger = logging.getLogger(name)
        for place in (logger, *logger.handlers):
            place.addFilter(_is_wanted)  # adding it again changes nothing
    was_quiet = getattr(_here, "is_quiet", False)
    _here.is_quiet = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        _here.is_quiet = was_quiet


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set environment variables and put back what was there."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def is_reachable(uri: str, seconds: float) -> bool:
    """Say whether a database server listens; True for what is none, as http and files.

    Examples
    --------
    >>> is_reachable("sqlite:///lab/mlflow.db", 1)
    True

    """
    ports = {"postgresql": 5432, "postgres": 5432, "mysql": 3306, "mssql": 1433}
    url = urlsplit(uri)
    usual = ports.get(url.scheme.partition("+")[0])
    if usual is None or not url.hostname:
        return True
    try:
        socket.create_connection((url.hostname, url.port or usual), timeout=seconds).close()
    except (OSError, ValueError):
        return False
    return True


def reason_of(problem: Exception) -> str:
    """Name what went wrong without the request, which may hold anything."""
    code = getattr(problem, "error_code", "")
    return f"{type(problem).__name__}{f', {code}' if code else ''}"


def within(seconds: float, work: Callable[[], Answer], *, late: str) -> Answer:
    """Wait for work that may hang; the thread is left behind when it does.

    Raises
    ------
    TrackerError
        With the sentence ``late``, after that many seconds.

    """
    outcome: list[Answer] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            with quiet():
                outcome.append(work())
        except BaseException as problem:  # noqa: BLE001 — handed to the waiting thread
            failure.append(problem)

    thread = threading.Thread(target=run, name="qforge-tracker", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TrackerError(late)
    if failure:
        raise failure[0]
    return outcome[0]
