"""Making the next version of a dataset, whoever else is making one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from qforge_jupyter.errors import CallError, DataError, QualityError, nearest
from qforge_jupyter.frames.table import Table
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.changes import Change, MoveRef, NewDataset
from qforge_jupyter.results.commit import CommitReport
from qforge_jupyter.store.commits import Headline, KeptCommit
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.drafting import Draft, first, following
from qforge_jupyter.versions.identities import refuse_forgotten
from qforge_jupyter.versions.laying import lay
from qforge_jupyter.versions.merging import Merged, merge_frames
from qforge_jupyter.versions.references import MAIN, check_dataset_name, check_ref_name
from qforge_jupyter.versions.sealing import seal
from qforge_jupyter.versions.working import Ground


@dataclass(frozen=True)
class Wish:
    """What somebody wants committed.

    Parameters
    ----------
    dataset
        Name of the dataset, which may not exist yet.
    ground
        What the table is a change of, where that is known.
    seen
        Versions that this process made or took out, on any branch.
    start
        Id of the version at which the branch begins, if there is none of its name yet.
    keys
        Columns that name a row; None takes what the dataset has.
    is_aligned
        The rows are those of the tip, at the same places.

    """

    dataset: str
    table: Table
    author: str
    at: datetime
    message: str = ""
    branch: str = MAIN
    keys: tuple[str, ...] | None = None
    ground: Ground | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    parent_id: str | None = None
    seen: frozenset[str] = frozenset()
    is_aligned: bool = False
    start: str = ""


def commit(store: Store, wish: Wish) -> CommitReport:
    """Draft the next version and what the store has to change for it.

    Nothing is moved yet: the report's changes are applied in the transaction of
    the call, and only if the branch still points where it did.

    Raises
    ------
    DataError
        The table cannot be a version of this dataset.
    QualityError
        Somebody committed other values for the same cells meanwhile.

    """
    wish = replace(wish, message=redact(wish.message), description=redact(wish.description))
    dataset = store.datasets.find(check_dataset_name(wish.dataset))
    if dataset is None:
        return _first(store, wish)
    keys = _keys(dataset, wish)
    is_begun = wish.branch in {each.name for each in store.refs.of(dataset.id)}
    begins = bool(wish.start) and not is_begun
    tip = _start(store, wish) if begins else _tip(store, dataset, wish.branch)
    frame = wish.table.frame
    ground = _ground(store, tip, wish)
    between = _between(store, dataset, tip, wish) if ground else ()
    if ground is not None:
        frame = _rebased(store, dataset, tip, wish, ground, between)
    draft = following(store.objects, tip, frame, keys, is_aligned=wish.is_aligned)
    if ground is None:  # else the version holds changes of others, too
        wish.table.remember_fingerprint(draft.fingerprint if draft else tip.fingerprint)
    if draft is None:
        return _apart(replace(_unchanged(wish, tip, keys), between=between), wish, ground)
    if draft.compared is not None:
        refuse_forgotten(store, dataset, frame[draft.compared.matched.added])
    sealed = seal(
        draft,
        dataset_id=dataset.id,
        keys=keys,
        parents=(tip.id,),
        author=wish.author,
        message=wish.message,
        at=wish.at,
        n_forgettings=dataset.n_forgettings,
    )
    move = MoveRef(dataset.id, "branch", wish.branch, None if begins else tip.id, sealed.id)
    report = _report(wish, draft, sealed.id, keys, (sealed, move), is_rebased=ground is not None)
    report = replace(report, between=between, replaced=_replaced(wish, tip, draft))
    return _apart(report, wish, ground)


def _between(store: Store, dataset: KeptDataset, tip: KeptCommit, wish: Wish) -> tuple[str, ...]:
    """Name the authors of the versions that this process has not seen, the latest first."""
    known = {each.id: each for each in store.commits.headlines(dataset.id)}
    end = wish.ground.seen if wish.ground else ""
    older = _line(known, end)
    return tuple(
        dict.fromkeys(known[one].author for one in _line(known, tip.id) if one not in older)
    )


def _line(known: Mapping[str, Headline], start: str) -> dict[str, None]:
    """Give a version and all that led to it."""
    found: dict[str, None] = {}
    waiting = [start]
    while waiting:
        one = waiting.pop()
        if one in known and one not in found:
            found[one] = None
            waiting += known[one].parents
    return found


def _replaced(wish: Wish, tip: KeptCommit, draft: Draft) -> str:
    """Say whose rows are replaced by those of a process that had taken no version out."""
    is_known = wish.ground is not None or wish.table.version or tip.id in wish.seen
    return "" if is_known or not (draft.n_removed or draft.n_modified) else tip.author


def _ground(store: Store, tip: KeptCommit, wish: Wish) -> KeptCommit | None:
    """Find the version that the table was taken from, where the tip is not what it changed."""
    if wish.ground is None or (wish.ground.commit == tip.id and wish.ground.frame is None):
        return None
    return store.commits.get(wish.ground.commit)


def _apart(report: CommitReport, wish: Wish, ground: KeptCommit | None) -> CommitReport:
    """Let the next change be one of these rows: they lack what others changed."""
    if ground is None:
        return report
    return replace(report, ground=ground.id, apart=wish.table.frame)


def _first(store: Store, wish: Wish) -> CommitReport:
    if wish.branch != MAIN:
        raise CallError(
            f"There is no dataset {wish.dataset!r} yet, and its first version goes to {MAIN}: "
            f"leave @{wish.branch} away"
        )
    keys = wish.keys or ()
    draft = first(store.objects, wish.table.frame, keys)
    wish.table.remember_fingerprint(draft.fingerprint)
    new = NewDataset(
        uuid.uuid4().hex,
        wish.dataset,
        wish.author,
        keys,
        wish.description,
        wish.tags,
        wish.parent_id,
    )
    sealed = seal(
        draft,
        dataset_id=new.id,
        keys=keys,
        parents=(),
        author=wish.author,
        message=wish.message,
        at=wish.at,
    )
    move = MoveRef(new.id, "branch", MAIN, None, sealed.id)
    return _report(wish, draft, sealed.id, keys, (new, sealed, move), is_rebased=False)


def _keys(dataset: KeptDataset, wish: Wish) -> tuple[str, ...]:
    if wish.keys is not None and wish.keys != dataset.keys:
        odd = [key for key in wish.keys if key not in wish.table.columns]
        if odd:
            raise DataError(
                f"There is no key column {odd[0][:60]!r}{nearest(odd[0], wish.table.columns)}"
            )
        now = ", ".join(dataset.keys) or "their whole content"
        raise CallError(
            f"The rows of {dataset.name} are known by {now}, and that cannot be changed: "
            "leave `by` away, or commit to a dataset with another name"
        )
    return dataset.keys


def _tip(store: Store, dataset: KeptDataset, branch: str) -> KeptCommit:
    from qforge_jupyter.versions.references import resolve

    if branch not in {each.name for each in store.refs.of(dataset.id) if each.kind == "branch"}:
        raise CallError(
            f"{dataset.name} has no branch {branch[:60]!r}, and only a branch can be committed to: "
            f"make it with `%qforge branch {dataset.name} as {branch[:60]}`"
        )
    return resolve(store, dataset, branch)


def _start(store: Store, wish: Wish) -> KeptCommit:
    """Find the version at which a new branch begins."""
    check_ref_name(wish.branch)
    found = store.commits.get(wish.start)
    if found is None:
        raise CallError(f"{wish.dataset} has no version at which {wish.branch[:60]} could begin")
    return found


def _rebased(  # noqa: PLR0913 — all that a rebase needs
    store: Store,
    dataset: KeptDataset,
    tip: KeptCommit,
    wish: Wish,
    ground: KeptCommit,
    between: Sequence[str],
) -> pl.DataFrame:
    """Lay the changes since the ground over what others committed since."""
    if ground.dataset_id != dataset.id:
        raise DataError("The version that the table was taken from is of another dataset")
    kept = wish.ground.frame if wish.ground else None
    merged: Merged = merge_frames(
        lay(store.objects, ground).frame() if kept is None else kept,
        lay(store.objects, tip).frame(),
        wish.table.frame,
        dataset.keys,
    )
    if merged.n_open:
        others = [name for name in between if name != wish.author]
        who = " and ".join(others[:3]) or "you (by a rollback, a merge or in another kernel)"
        raise QualityError(
            f"{dataset.name} was committed by {who} meanwhile, and {merged.n_open:,} of "
            "your cells or rows were given other values there: commit yours to a branch "
            f"(`%qforge branch {dataset.name}@{ground.short} as mine`) and merge it, which lists "
            "them"
        )
    return merged.frame


def _unchanged(wish: Wish, tip: KeptCommit, keys: Sequence[str]) -> CommitReport:
    return CommitReport(
        wish.dataset,
        wish.branch,
        tip.id,
        "",
        tip.n_rows - tip.n_forgotten,
        0,
        0,
        0,
        tip.fingerprint,
        tuple(keys),
        is_new=False,
        author=wish.author,
    )


def _report(  # noqa: PLR0913 — one report of one commit
    wish: Wish,
    draft: Draft,
    commit_id: str,
    keys: tuple[str, ...],
    made: tuple[Change, ...],
    *,
    is_rebased: bool,
) -> CommitReport:
    return CommitReport(
        wish.dataset,
        wish.branch,
        commit_id,
        wish.message,
        draft.state.n_rows,
        draft.n_added,
        draft.n_removed,
        draft.n_modified,
        draft.fingerprint,
        keys,
        cells=_cells(draft),
        columns=_columns(draft),
        author=wish.author,
        source=wish.table.origin,
        folder=wish.table.folder,
        source_fingerprint="" if is_rebased else draft.fingerprint,
        made=made,
    )


def _cells(draft: Draft) -> tuple[tuple[str, int], ...]:
    changed = draft.compared.changed if draft.compared else {}
    counts = [(name, int(cells.sum())) for name, cells in changed.items()]
    return tuple(sorted(counts, key=lambda each: -each[1]))


def _columns(draft: Draft) -> tuple[tuple[str, str], ...]:
    found = draft.compared
    if found is None:
        return ()
    kinds = dict(draft.columns)
    return (
        *((name, f"added, {kinds[name]}") for name in found.columns_added),
        *((name, "dropped") for name in found.columns_removed),
        *((name, f"now {kinds[name]}") for name in found.columns_retyped),
    )
