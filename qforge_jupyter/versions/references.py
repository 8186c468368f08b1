"""Names of versions: ``name``, ``name@tag``, ``name@branch~2``, ``name@3fa9c1``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.store.commits import SHORTEST, KeptCommit
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.opening import Store

#: The branch that a dataset starts with, and that a bare name means.
MAIN = "main"
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*"
_REFERENCE = re.compile(rf"({_NAME})(?:@({_NAME}))?((?:~\d*)*)\Z")
_DATASET = re.compile(rf"{_NAME}\Z")
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.-]+)*\Z")
LONGEST = 200


@dataclass(frozen=True)
class Reference:
    """What a text says: which dataset, from where, and how many steps back."""

    dataset: str
    ref: str = ""
    back: int = 0

    def __str__(self) -> str:
        return f"{self.dataset}@{self.ref or 'HEAD'}" + (f"~{self.back}" if self.back else "")


def read_reference(text: str) -> Reference | None:
    """Read the name of a version; None for a text that is no such name.

    Examples
    --------
    >>> read_reference("golden/tiers@v2~1")
    Reference(dataset='golden/tiers', ref='v2', back=1)
    >>> read_reference("data/*.csv") is None
    True

    """
    found = _REFERENCE.match(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    name, ref, steps = found.groups()
    back = sum(int(step or 1) for step in (steps or "").split("~")[1:])
    return Reference(name, "" if ref in (None, "HEAD") else ref, back)


def check_dataset_name(name: str) -> str:
    """Refuse a name that could not be written in a cell.

    Raises
    ------
    CallError
        It is too long, or has signs that mean something else.

    """
    is_word = name.rsplit("/", 1)[-1] == "working" or ".." in name
    if len(name) > LONGEST or not _DATASET.match(name) or is_word:
        raise CallError(
            "A dataset is named with letters, digits, dots, dashes and underscores, parted by "
            f"slashes, as in golden/tiers, and {name[:60]!r} is not"
        )
    return name


def check_ref_name(name: str) -> str:
    """Refuse the name of a branch or a tag that could be taken for something else.

    Raises
    ------
    CallError
        It has other signs, is a word of the language, or looks like the start of an id.

    """
    looks_like_id = len(name) >= SHORTEST and re.fullmatch(r"[0-9a-f]+", name)
    is_word = name in {"HEAD", "working"} or ".." in name
    if len(name) > LONGEST or not _REF.match(name) or is_word or looks_like_id:
        raise CallError(
            f"A branch or a tag cannot be called {name[:60]!r}: take letters, digits, dots, dashes "
            "and slashes, but not HEAD, working, or what could be the start of a commit's id"
        )
    return name


def require_dataset(store: Store, name: str) -> KeptDataset:
    """Find a dataset that has to exist.

    Raises
    ------
    CallError
        There is none; the sentence names the nearest.

    """
    found = store.datasets.find(name)
    if found is None:
        known = [each.name for each in store.datasets.list()]
        raise CallError(f"There is no dataset {name[:60]!r}{nearest(name, known)}")
    return found


def resolve(store: Store, dataset: KeptDataset, ref: str = "", back: int = 0) -> KeptCommit:
    """Find the version that a reference means.

    Parameters
    ----------
    store
        The open store.
    dataset
        Whose version.
    ref
        A branch, a tag, or the first digits of a commit's id; empty for the branch ``main``.
    back
        How many steps to go back, along first parents.

    Raises
    ------
    CallError
        There is no such version, or several ids start with these digits.

    """
    commit = _named(store, dataset, ref)
    if not back:
        return commit
    before, parents = commit.id, store.commits.parents(dataset.id)
    for step in range(back):
        # What came from another dataset's history is not among them.
        above = parents[before] if before in parents else _existing(store, before).parents
        if not above:
            raise CallError(
                f"{dataset.name}@{ref or 'HEAD'} has {step} versions before it, "
                f"and ~{back} goes further back: `%qforge log {dataset.name}` lists them"
            )
        before = above[0]
    return _existing(store, before)


def _named(store: Store, dataset: KeptDataset, ref: str) -> KeptCommit:
    refs = {each.name: each for each in store.refs.of(dataset.id)}
    wanted = MAIN if ref in ("", "HEAD") else ref
    if wanted in refs:
        return _existing(store, refs[wanted].head)
    if re.fullmatch(r"[0-9a-f]{4,64}", wanted):
        found = store.commits.starting_with(dataset.id, wanted)
        if len(found) == 1:
            return found[0]
        if found:
            shown = ", ".join(each.short for each in found[:4])
            raise CallError(
                f"{len(found)} versions of {dataset.name} have ids that start with {wanted!r} "
                f"({shown}): write more digits"
            )
    what = f"{dataset.name} has no version {wanted[:60]!r}"
    if re.fullmatch(r"[0-9a-f]{1,3}", wanted) and store.commits.starting_with(dataset.id, wanted):
        raise CallError(
            f"{what}, and the start of a commit's id needs at least {SHORTEST} digits: "
            f"`%qforge log {dataset.name}` lists them"
        )
    raise CallError(what + nearest(wanted, refs))


def _existing(store: Store, commit_id: str) -> KeptCommit:
    found = store.commits.get(commit_id)
    if found is None:
        raise CallError(
            f"The version {commit_id[:12]} is not in the store any more: "
            "`%qforge verify` says what else is missing"
        )
    return found
