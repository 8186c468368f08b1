"""What a job prints is shown nowhere: a cell that runs meanwhile is not its place."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_is_aside: ContextVar[bool] = ContextVar("_is_aside", default=False)
_lock = threading.Lock()
_n_aside = [0]


class _Deaf:
    """A stream that takes what jobs write for said, and passes on all else."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write for whoever is no job."""
        return len(text) if _is_aside.get() else self.stream.write(text)

    def writelines(self, lines: Any) -> None:
        """Write for whoever is no job."""
        if not _is_aside.get():
            self.stream.writelines(lines)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def aside() -> Iterator[None]:
    """Let nothing that is printed inside reach a cell; other threads print as they do.

    Examples
    --------
    >>> with aside():
    ...     print("heard by nobody")
    >>> print("heard")
    heard

    """
    with _lock:
        _n_aside[0] += 1
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if not isinstance(stream, _Deaf):
                setattr(sys, name, _Deaf(stream))
    token = _is_aside.set(True)
    try:
        yield
    finally:
        _is_aside.reset(token)
        with _lock:
            _n_aside[0] -= 1
            for name in ("stdout", "stderr"):
                stream = getattr(sys, name)
                if _n_aside[0] == 0 and isinstance(stream, _Deaf):
                    setattr(sys, name, stream.stream)
