"""Branches and tags as a cell writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.results.changes import MoveRef
from qforge_jupyter.results.reference import RefReport
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.opening import Store
from qforge_jupyter.store.refs import KeptRef
from qforge_jupyter.versions.references import (
    MAIN,
    check_dataset_name,
    check_ref_name,
    read_reference,
    require_dataset,
    resolve,
)


def branch_of(text: str) -> tuple[str, str]:
    """Read ``name`` or ``name@branch``.

    Raises
    ------
    CallError
        It is no name of a dataset, or means a version that is no branch's tip.

    Examples
    --------
    >>> branch_of("golden/tiers")
    ('golden/tiers', 'main')

    """
    reference = read_reference(text)
    if reference is None:
        check_dataset_name(text)
        raise CallError(f"{text[:60]!r} is not the name of a dataset: write name or name@branch")
    if reference.back:
        raise CallError(
            f"{text[:60]!r} is a version further back, and a branch is wanted: leave ~ away"
        )
    return reference.dataset, reference.ref or MAIN


def point(
    store: Store,
    kind: Literal["branch", "tag"],
    subject: str,
    name: str,
    *,
    may_move: bool,
    is_deleted: bool,
) -> RefReport:
    """Point a branch or a tag to a version, or take it away.

    Raises
    ------
    CallError
        The name is taken, or there is nothing to take away.

    """
    reference = read_reference(subject)
    if reference is None:
        raise CallError(f"{subject[:60]!r} is no version: write name, name@tag or name@branch~1")
    dataset = require_dataset(store, reference.dataset)
    kept = {each.name: each for each in store.refs.of(dataset.id)}
    if is_deleted:
        return _without(dataset, kept, kind, name)
    commit = resolve(store, dataset, reference.ref, reference.back)
    old = kept.get(check_ref_name(name))
    made: tuple[MoveRef, ...] = (MoveRef(dataset.id, kind, name, None, commit.id),)
    outcome = "made"
    if old is not None:
        if old.kind == kind and old.head == commit.id:
            made, outcome = (), "stands there already"
        elif old.kind != kind or not may_move:
            advice = "add --move" if kind == "tag" == old.kind else "choose another name"
            raise CallError(
                f"{dataset.name} has a {old.kind} {name!r} that points to another version: {advice}"
            )
        else:
            made, outcome = (MoveRef(dataset.id, kind, name, old.head, commit.id),), "moved"
    return RefReport(
        dataset.name, kind, name, commit.id, outcome, commit.message, commit.n_rows, made
    )


def _without(
    dataset: KeptDataset, kept: Mapping[str, KeptRef], kind: Literal["branch", "tag"], name: str
) -> RefReport:
    known = [each.name for each in kept.values() if each.kind == kind]
    if name not in known:
        raise CallError(f"{dataset.name} has no {kind} {name[:60]!r}{nearest(name, known)}")
    if (kind, name) == ("branch", MAIN):
        raise CallError(f"The branch {MAIN} of {dataset.name} cannot be taken away")
    head = kept[name].head
    made = (MoveRef(dataset.id, kind, name, head, None),)
    return RefReport(dataset.name, kind, name, head, "taken away", made=made)
