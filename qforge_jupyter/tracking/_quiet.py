"""Call a chatty, patient library so that the user's cell neither sees nor awaits it."""

from __future__ import annotations

import logging
import os
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

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
    with quiet_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def quiet_thread() -> Iterator[None]:
    """Silence the loggers on this thread.

    Warnings are the whole process's: a thread that is left behind would put
    back, at its late end, what no longer holds.
    """
    was_quiet = getattr(_here, "is_quiet", False)
    _here.is_quiet = True
    try:
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
