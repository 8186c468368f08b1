"""Merging one branch into another: ancestors, fast-forwards, conflicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from qforge_jupyter.errors import CallError, InternalError
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.changes import Change, MoveRef
from qforge_jupyter.results.merge import How, MergeReport
from qforge_jupyter.store.commits import KeptCommit
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.drafting import following
from qforge_jupyter.versions.laying import lay
from qforge_jupyter.versions.merging import Side, merge_frames
from qforge_jupyter.versions.sealing import seal


@dataclass(frozen=True)
class Join:
    """Two versions of one dataset that are to become one.

    Parameters
    ----------
    ours
        Tip of the branch that is merged into.
    theirs
        What is merged into it; ``source`` is what people call it.

    """

    dataset: KeptDataset
    branch: str
    ours: KeptCommit
    theirs: KeptCommit
    source: str
    author: str
    at: datetime
    message: str = ""
    prefer: Side | None = None
    settled: pl.DataFrame | None = None


def ancestor_of(store: Store, ours: KeptCommit, theirs: KeptCommit) -> KeptCommit:
    """Find the version that both grew out of: the nearest common ancestor.

    Raises
    ------
    CallError
        They have none.

    """
    known = {each.id: each for each in store.commits.of(ours.dataset_id)}
    known |= {each.id: each for each in store.commits.of(theirs.dataset_id)}
    mine = _generations(known, ours.id)
    yours = _generations(known, theirs.id)
    shared = mine.keys() & yours.keys()
    # A common ancestor of another common ancestor is further away than that one.
    older = {up for one in shared for up in _generations(known, one) if up != one}
    if not shared:
        raise CallError(
            f"The histories of {ours.short} and {theirs.short} have no version in common, so there "
            "is nothing to merge by: commit the one onto a branch of the other"
        )
    nearest_first = sorted(shared - older, key=lambda one: (mine[one] + yours[one], one))
    return known[nearest_first[0]]


def _generations(known: dict[str, KeptCommit], start: str) -> dict[str, int]:
    """Count, for each ancestor, the steps to it."""
    steps, rim = {start: 0}, [start]
    while rim:
        rim = [
            parent
            for one in rim
            for parent in known[one].parents
            if parent in known and parent not in steps and steps.setdefault(parent, steps[one] + 1)
        ]
    return steps


def join(store: Store, wish: Join) -> MergeReport:
    """Merge one version into a branch; nothing is moved where there are open conflicts.

    Raises
    ------
    CallError
        The two have no history in common.
    QualityError
        Their columns exclude each other.

    """
    base = ancestor_of(store, wish.ours, wish.theirs)
    if base.id == wish.theirs.id:
        return _report(wish, "nothing to merge", wish.ours)
    if base.id == wish.ours.id:
        move = MoveRef(wish.dataset.id, "branch", wish.branch, wish.ours.id, wish.theirs.id)
        frame = lay(store.objects, wish.theirs).frame()
        return _report(wish, "forwarded", wish.theirs, frame=frame, made=(move,))
    ours, theirs = (lay(store.objects, each).frame() for each in (wish.ours, wish.theirs))
    merged = merge_frames(
        lay(store.objects, base).frame(),
        ours,
        theirs,
        wish.dataset.keys,
        prefer=wish.prefer,
        settled=wish.settled,
    )
    if merged.n_open:
        return _report(
            wish,
            "conflicts",
            wish.ours,
            frame=merged.frame,
            conflicts=merged.conflicts,
            n_open=merged.n_open,
        )
    draft = following(store.objects, wish.ours, merged.frame, wish.dataset.keys, is_forced=True)
    if draft is None:
        raise InternalError("A merge gave no version: please report this")
    sealed = seal(
        draft,
        dataset_id=wish.dataset.id,
        keys=wish.dataset.keys,
        parents=(wish.ours.id, wish.theirs.id),
        author=wish.author,
        message=redact(wish.message) or f"Merge {wish.source}",
        at=wish.at,
        n_forgettings=wish.dataset.n_forgettings,
    )
    move = MoveRef(wish.dataset.id, "branch", wish.branch, wish.ours.id, sealed.id)
    report = _report(
        wish,
        "merged",
        wish.ours,
        frame=merged.frame,
        conflicts=merged.conflicts,
        made=(sealed, move),
    )
    return replace(
        report,
        commit=sealed.id,
        counts=(draft.n_added, draft.n_removed, draft.n_modified),
        fingerprint=draft.fingerprint,
        parents=(wish.ours.fingerprint, wish.theirs.fingerprint),
    )


def _report(  # noqa: PLR0913 — one report of one merge
    wish: Join,
    how: How,
    commit: KeptCommit,
    *,
    frame: pl.DataFrame | None = None,
    conflicts: pl.DataFrame | None = None,
    n_open: int = 0,
    made: tuple[Change, ...] = (),
) -> MergeReport:
    return MergeReport(
        wish.dataset.name,
        wish.branch,
        wish.source,
        how,
        commit.id,
        pl.DataFrame() if conflicts is None else conflicts,
        pl.DataFrame() if frame is None else frame,
        n_open=n_open,
        fingerprint=commit.fingerprint,
        made=made,
    )
