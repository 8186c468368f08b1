"""What became of one row: when it came, how it changed, when it went.

The row is looked up by its key in the files that its dataset's versions
brought. No version is laid out for that, so it takes the same time at a
million rows as at a thousand, but for reading the key columns once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qforge_jupyter.errors import CallError
from qforge_jupyter.store.commits import Headline, KeptCommit, KeptObject
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.lookup import cells_at, index_of

Cells = dict[str, Any]


@dataclass(frozen=True)
class Moment:
    """One thing that happened to a row in a version.

    Parameters
    ----------
    what
        ``created``, ``changed`` or ``removed``.
    cells
        Column, value before, value after, as text; of a new row none.

    """

    at: datetime
    what: str
    by: str
    message: str
    commit: str
    cells: tuple[tuple[str, str | None, str | None], ...] = ()


@dataclass(frozen=True)
class Life:
    """A row's history, and its cells as they are in each version.

    Parameters
    ----------
    moments
        Oldest first.
    holding
        Fingerprints of the versions in which the row stands, oldest first.

    """

    moments: tuple[Moment, ...]
    holding: tuple[str, ...]
    cells: Cells = field(default_factory=dict, repr=False)


def life_of(store: Store, dataset: KeptDataset, head: KeptCommit, key: Cells) -> Life:
    """Follow one row through every version that leads to this one.

    Parameters
    ----------
    store
        The open store.
    dataset
        Whose row; it needs keys.
    head
        The version to look back from.
    key
        Value of every key column.

    Raises
    ------
    CallError
        No version has such a row.

    """
    line = _ancestors(store.commits.headlines(dataset.id), head.id)
    brought = store.commits.brought(dataset.id)
    reader = _Reader(store.objects, key)
    moments: list[Moment] = []
    holding: list[str] = []
    states: dict[str, _State] = {}
    for each in line:
        before = states.get(each.parents[0], _State()) if each.parents else _State()
        after = reader.advance(before, brought.get(each.id, ()))
        others = [states[up].cells for up in each.parents[1:] if up in states]
        if (moment := _moment(each, before.cells, after.cells)) and after.cells not in others:
            moments.append(moment)
        if after.cells is not None:
            holding.append(each.fingerprint)
        states[each.id] = after
    if not moments:
        shown = " and ".join(f"{name} = …" for name in key)
        why = "check the key" + (", or it was forgotten" if dataset.tombstones else "")
        raise CallError(f"No version of {dataset.name} has a row with {shown}: {why}")
    last = states[head.id].cells or {}
    return Life(tuple(moments), tuple(dict.fromkeys(holding)), last)


def _ancestors(headlines: Iterable[Headline], head: str) -> list[Headline]:
    """Give a version and all that led to it, parents before children."""
    known = {each.id: each for each in headlines}
    seen: dict[str, None] = {}
    waiting = [head]
    while waiting:
        one = waiting[-1]
        rest = [up for up in known[one].parents if up in known and up not in seen]
        if rest:
            waiting += rest
            continue
        waiting.pop()
        seen.setdefault(one)
    return [known[one] for one in seen]


@dataclass(frozen=True)
class _State:
    """A row in one version: its number, and its cells; None where it is not there."""

    row: int = -1
    cells: Cells | None = None


@dataclass(frozen=True)
class _Reader:
    """Looks one row up in the files of versions."""

    objects: Objects
    key: Mapping[str, Any]

    def advance(self, state: _State, files: Iterable[KeptObject]) -> _State:
        """Lay the files that a version brought over what was known of the row."""
        for file in files:
            index = index_of(self.objects, file, tuple(self.key))
            if file.role == "tombstones":
                is_gone = index.line_of_row(state.row) is not None
                state = _State(state.row) if is_gone else state
                continue
            if file.role == "base":
                state = _State()
            line = index.line_of_key(self.key)
            if line is None and state.cells is not None:
                line = index.line_of_row(state.row) if file.role == "delta" else None
            if line is not None:
                cells = {**(state.cells or {}), **cells_at(self.objects, file, line)}
                state = _State(index.row_of_line(line), cells)
        return state


def _moment(version: Headline, before: Cells | None, after: Cells | None) -> Moment | None:
    if before is None and after is None:
        return None
    what = "changed"
    cells: tuple[tuple[str, str | None, str | None], ...] = ()
    if before is None:
        what = "created"
    elif after is None:
        what = "removed"
    else:
        cells = tuple(
            (name, _text(before.get(name)), _text(after.get(name)))
            for name in after
            if not _is_same(before.get(name), after.get(name))
        )
        if not cells:
            return None
    return Moment(version.committed_at, what, version.author, version.message, version.id, cells)


def _is_same(one: Any, two: Any) -> bool:
    both_nan = isinstance(one, float) and isinstance(two, float) and one != one and two != two  # noqa: PLR0124 — NaN
    return both_nan or (type(one) is type(two) and bool(one == two))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
