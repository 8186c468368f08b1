"""What one call takes: time, processor time, and the most memory held meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

_MARK = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
#: Seconds between two looks where the system keeps no mark that can be reset.
INTERVAL_S = 0.02


def now() -> datetime:
    """Tell the time in UTC."""
    return datetime.now(UTC)


class Watch:
    """Wall time, processor time and memory since a call began."""

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self.started_at = clock()
        self.memory = MemoryWatch().start()
        self._cpu = time.process_time()

    def cpu_seconds(self) -> float:
        """Processor time of all threads."""
        return time.process_time() - self._cpu


class MemoryWatch:
    """Peak resident memory of this process while the watch runs, in bytes.

    On Linux the kernel's own high-water mark (``VmHWM``) is set back at the
    start through ``/proc/self/clear_refs`` and read at the end, so no peak is
    missed. Where that is not permitted, and on other systems, a thread looks
    every 20 ms; a peak shorter than that may be missed. What the process held
    before the work began counts, since the work needs it too. Of watches that
    run side by side, the earlier one sees only what came after the later began.

    Examples
    --------
    >>> with MemoryWatch() as watch:
    ...     held = bytearray(50_000_000)
    >>> watch.peak_bytes > 50_000_000
    True

    """

    def __init__(self, *, samples: bool = False) -> None:
        self._samples = samples
        self._seen = 0
        self._peak = 0
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Begin; what was held at most before is forgotten."""
        if not self._samples and _reset_mark():
            return self
        self._samples = True
        self._seen = _resident_bytes()
        self._thread = threading.Thread(target=self._look, name="memory watch", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> int:
        """End, and give the peak."""
        self._over.set()
        if self._samples:
            if self._thread is not None:
                self._thread.join()
            self._peak = max(self._seen, _resident_bytes())
        else:
            self._peak = _mark_bytes()
        return self._peak

    @property
    def peak_bytes(self) -> int:
        """The peak, once the watch is over."""
        return self._peak

    def _look(self) -> None:
        while not self._over.wait(INTERVAL_S):
            self._seen = max(self._seen, _resident_bytes())


def _reset_mark() -> bool:
    try:
        _MARK.write_text("5")
        return _mark_bytes() > 0
    except (OSError, ValueError):
        return False


def _mark_bytes() -> int:
    lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    found = next((line for line in lines if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(found.split()[1]) * 1024


def _resident_bytes() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)
