"""No tracker: the store alone keeps the runs."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.tracking import ReadObject


class NoTracker:
    """Shows nothing, always succeeds."""

    def is_ready(self) -> bool:
        """Say yes."""
        return True

    def prepare(self, *, wait: bool = True) -> None:
        """Do nothing."""

    def show(self, record: RunRecord, *, read: ReadObject) -> str:  # noqa: ARG002 — a tracker's signature
        """Show nothing; the empty id says so."""
        return ""

    def running(self, record: RunRecord) -> AbstractContextManager[None]:  # noqa: ARG002 — a tracker's signature
        """Make nothing active."""
        return nullcontext()

    def forget(self, record: RunRecord, run_id: str, *, preview: bool = False) -> bool:  # noqa: ARG002 — a tracker's signature
        """Erase nothing: what another tracker was shown is not known here."""
        return False

    def logged(self, record: RunRecord, run_id: str) -> tuple[str, ...]:  # noqa: ARG002 — a tracker's signature
        """Name nothing: nobody logs here."""
        return ()

    def close(self) -> None:
        """Do nothing."""

    def describe(self) -> str:
        """Say that there is none."""
        return "no tracker"


def connect(*, uri: str, experiment: str, artifact_root: Path, timeout_s: float) -> NoTracker:  # noqa: ARG001 — a tracker's signature
    """Open it; nothing is needed."""
    return NoTracker()
