"""Trackers show what the store keeps: one file each.

A member of the family has
``connect(*, uri, experiment, artifact_root, timeout_s) -> Tracker``.
The store is the truth: a run is kept there first, and what a tracker could not
show stays in the store's outbox until ``sync`` sends it. A tracker therefore
raises `TrackerError` within seconds rather than wait, and showing a record
twice leaves one run.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from qforge_jupyter.registry import Family
from qforge_jupyter.results.run import RunRecord

FAMILY = Family("tracker", "qforge_jupyter.tracking")

#: Seconds that showing one run may take.
TIMEOUT_S = 10.0
#: Gives the bytes of an artifact by its SHA-256.
ReadObject = Callable[[str], bytes]


class Tracker(Protocol):
    """What a tracker can do."""

    def is_ready(self) -> bool:
        """Say whether `show` can start at once; False until first use was prepared."""

    def prepare(self, *, wait: bool = True) -> None:
        """Do what first use needs, here or, with ``wait=False``, in the background.

        Raises
        ------
        TrackerError
            It cannot be prepared; in the background that shows in `show`.

        """

    def show(self, record: RunRecord, *, read: ReadObject) -> str:
        """Show one call and return the tracker's own id of it.

        Call it on the thread that ran the cell: that one knows the user's
        active run. Showing a record again continues or finds its run.

        Raises
        ------
        TrackerError
            The tracker cannot be reached; nothing is lost.

        """

    def running(self, record: RunRecord) -> AbstractContextManager[None]:
        """Let a run be the active one while the user's own code works.

        What the code logs itself lands in it, and `show` of a record of the same
        id goes on with it. Where the tracker cannot be reached, the code works
        without.
        """

    def forget(self, record: RunRecord, run_id: str, *, preview: bool = False) -> bool:
        """Erase what was shown of a record, if it lies in the workspace; say whether it does.

        A preview says it and erases nothing.
        Its files go, and its options and error are told again as the record has them now.
        What users logged in the run themselves stays.
        """

    def logged(self, record: RunRecord, run_id: str) -> tuple[str, ...]:
        """Name the files in the workspace that users logged in the record's run themselves."""

    def close(self) -> None:
        """Let go of everything and end every thread."""

    def describe(self) -> str:
        """Say in one line where runs are shown; without a secret."""


def open_tracker(
    name: str,
    *,
    uri: str,
    experiment: str,
    artifact_root: Path,
    timeout_s: float = TIMEOUT_S,
) -> Tracker:
    """Open the tracker of that name; nothing heavy is imported and no server reached yet.

    Parameters
    ----------
    name
        ``mlflow`` or ``none``, or what another distribution adds.
    uri
        Where it is; empty takes ``mlflow.db`` beside ``artifact_root``.
    experiment
        Under which heading runs stand.
    artifact_root
        Folder in the workspace for the artifacts of a local tracker.
    timeout_s
        Seconds that showing one run may take.

    Raises
    ------
    CallError
        There is no such tracker.

    Examples
    --------
    >>> open_tracker("none", uri="", experiment="", artifact_root=Path()).describe()
    'no tracker'

    """
    tracker: Tracker = FAMILY.get(name).connect(
        uri=uri, experiment=experiment, artifact_root=artifact_root, timeout_s=timeout_s
    )
    return tracker
