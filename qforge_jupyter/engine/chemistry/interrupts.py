"""Keep an interrupt from getting lost in a library that calls back."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let an interrupt wait until the context ends, then deliver it.

    A ``KeyboardInterrupt`` that is raised while compiled code calls Python
    back is printed and forgotten. Held, it arrives where it is seen. Outside
    the main thread, where no signal arrives, nothing is done.
    """
    former = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(former):
        yield
        return
    held: list[tuple[int, Any]] = []
    signal.signal(signal.SIGINT, lambda number, frame: held.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
        if held:
            former(*held[0])
