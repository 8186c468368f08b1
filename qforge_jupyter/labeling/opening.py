"""Sitting down to label: which session goes on, which rows it is about, in which order."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.errors import CallError, DataError, blaming, nearest
from qforge_jupyter.labeling.following import Following
from qforge_jupyter.labeling.items import Items
from qforge_jupyter.labeling.mapping import restore
from qforge_jupyter.labeling.ordering import is_by_disagreement, levels_wanted, ordered, queued
from qforge_jupyter.labeling.plan import LabelPlan
from qforge_jupyter.labeling.queue import Flags, Queue
from qforge_jupyter.labeling.showing import read_showing
from qforge_jupyter.labeling.sitting import Sitting
from qforge_jupyter.labeling.statuses import status_columns
from qforge_jupyter.labeling.suggested import read_suggested
from qforge_jupyter.results.label_events import LabelEvent, LabelingSession
from qforge_jupyter.results.suggestions import Suggestions
from qforge_jupyter.rules.expressions import read_filter
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.identities import content_columns


@dataclass(frozen=True)
class Wanted:
    """Who wants to label what.

    Parameters
    ----------
    head
        Tip of the branch, where the version that is labeled is that; else empty.
    scores
        What tells which item comes first, where the order needs it.
    suggestions
        Which rows are meant, where they were suggested.

    """

    dataset: str
    dataset_id: str
    commit_id: str
    branch: str
    head: str
    n_forgettings: int
    frame: pl.DataFrame = field(repr=False)
    keys: tuple[str, ...]
    plan: LabelPlan
    labeler: str
    where: str = ""
    top: int | None = None
    scores: pl.DataFrame | None = field(default=None, repr=False)
    suggestions: Suggestions | None = field(default=None, repr=False)
    seed: int = 42


def open_sitting(
    store: Store, wanted: Wanted, clock: Callable[[], datetime]
) -> tuple[Sitting, bool]:
    """Sit down; the second value says whether the session is new and has to be kept.

    Raises
    ------
    QForgeError
        A column, a filter or the scores do not fit the rows.

    """
    plan = wanted.plan
    showing = read_showing(plan, wanted.frame.schema)
    items = _items(store, wanted)
    sessions = {one.id: one for one in store.labels.sessions(wanted.dataset_id)}
    events = store.labels.since(wanted.dataset_id)
    session, is_new = _session(wanted, sessions, clock)
    sessions[session.id] = session
    n = items.frame.height
    suggested = None
    if wanted.suggestions is not None:
        with blaming("from"):
            suggested = read_suggested(items, plan, wanted.suggestions)
    levels = levels_wanted(wanted)
    queue = Queue(
        items,
        plan,
        session,
        sessions,
        queued(wanted, levels, ordered(wanted, items, suggested)),
        np.zeros(n, dtype=bool),
        np.zeros(n, dtype=bool),
        is_by_disagreement=is_by_disagreement(wanted),
        levels=levels,
        suggested=suggested,
    )
    queue.take(events)
    own = [one for one in events if one.session_id == session.id]
    given = _given(items, own)
    _fill(queue, wanted, given)
    following = Following(
        store,
        wanted.dataset,
        wanted.dataset_id,
        wanted.branch,
        wanted.head,
        wanted.n_forgettings,
    )
    sitting = Sitting(
        store,
        queue,
        plan,
        showing,
        following,
        wanted.commit_id,
        clock,
        events[-1].position if events else 0,
        given=given,
        own=own,
    )
    restore(sitting)
    return sitting, is_new


def _items(store: Store, wanted: Wanted) -> Items:
    """Name the rows; those without keys by all that nobody is asked of them.

    Raises
    ------
    CallError
        A question is called like a key, or labels were given to rows that are known by a
        column that is asked now.

    """
    if wanted.keys:
        for one in wanted.plan.questions:
            if one.name in wanted.keys:
                raise CallError(
                    f"The question {one.name!r} is called like a key of {wanted.dataset}: "
                    "ask it under another name"
                )
        return Items(wanted.frame, wanted.keys)
    asked = store.labels.asked(wanted.dataset_id)
    columns = wanted.frame.columns
    content = content_columns(columns, asked | {one.name for one in wanted.plan.questions})
    before = content_columns(columns, asked)
    if content != before and store.labels.since(wanted.dataset_id):
        odd = next(name for name in before if name not in content)
        raise CallError(
            f"The rows of {wanted.dataset} have no keys and were labeled as known by their "
            f"content, {odd[:60]!r} among it: ask that under another name"
        )
    return Items(wanted.frame, (), tuple(content))


def _session(
    wanted: Wanted, sessions: dict[str, LabelingSession], clock: Callable[[], datetime]
) -> tuple[LabelingSession, bool]:
    """Go on with the session that asked the same of the same labeler, or begin one."""
    plan = wanted.plan
    found = wanted.suggestions
    more = () if found is None else ("from", found.find, found.target)
    digest = plan.digest(wanted.where, wanted.top, *more)
    same = [
        one
        for one in sessions.values()
        if (one.labeler, one.kind, one.plan) == (wanted.labeler, plan.type, digest)
    ]
    if same:
        return same[-1], False
    detail: dict[str, Any] = {
        "questions": [one.payload() for one in plan.questions],
        "overlap": plan.n_labelers,
        "blind": plan.is_blind,
    }
    if plan.known is not None:
        detail["gold"] = {"column": plan.known.column, "question": plan.known.question}
    made = LabelingSession(
        uuid.uuid4().hex,
        wanted.dataset_id,
        wanted.labeler,
        plan.type,
        clock(),
        digest,
        detail=detail,
    )
    return made, True


def _given(items: Items, own: list[LabelEvent]) -> list[int]:
    """Give the rows that the session had before it, in the order in which it had them."""
    keys = list(dict.fromkeys(one.label.item for one in own))
    return [int(place) for place in items.places(keys) if place >= 0]


def _fill(queue: Queue, wanted: Wanted, given: list[int]) -> None:
    """Choose the rows of the queue; those that the session had stay in it."""
    had = np.zeros(queue.items.frame.height, dtype=bool)
    had[given] = True
    with blaming("where"):
        is_meant = _meant(queue, wanted) & queue.items.is_first
    is_known = _known(wanted) & queue.items.is_first
    member = (is_meant & ~is_known) | (had & ~is_known)
    if wanted.top is not None:
        member = _first(queue, member, had, wanted.top)
    hidden = _hidden(queue, wanted, is_known, had, int(np.count_nonzero(member)))
    queue.gold[:] = hidden
    queue.is_member[:] = member | hidden


def _meant(queue: Queue, wanted: Wanted) -> Flags:
    suggested = queue.suggested
    if suggested is None:
        return _asked_for(queue, wanted)
    found = np.zeros(wanted.frame.height, dtype=bool)
    found[list(suggested.said)] = True
    return found & _asked_for(queue, wanted) if wanted.where else found


def _asked_for(queue: Queue, wanted: Wanted) -> Flags:
    if wanted.where:
        schema, added = status_columns(queue)
        rule = read_filter(wanted.where, schema)
        frame = wanted.frame.with_columns(added) if added else wanted.frame
        return frame.select(meant=rule)["meant"].to_numpy()
    kind = wanted.plan.type
    if kind == "initial":
        return np.ones(wanted.frame.height, dtype=bool)
    wished = "labeled" if kind == "validation" else "rejected"
    found = np.zeros(wanted.frame.height, dtype=bool)
    found[[place for place, state in queue.states.items() if state.status == wished]] = True
    return found


def _first(queue: Queue, member: Flags, had: Flags, top: int) -> Flags:
    """Keep so many of the queue: those that the session had, then the first in order."""
    places = np.flatnonzero(member)
    keys = np.nan_to_num(queue.priority[places], nan=-np.inf)
    order = np.lexsort((places, -keys, ~had[places]))
    found = np.zeros_like(member)
    found[places[order[:top]]] = True
    return found


def _known(wanted: Wanted) -> Flags:
    """Say which rows have a known answer."""
    gold = wanted.plan.known
    if gold is None:
        return np.zeros(wanted.frame.height, dtype=bool)
    with blaming("gold"):
        if gold.column not in wanted.frame.columns:
            raise DataError(
                f"There is no column {gold.column[:60]!r} of known answers"
                f"{nearest(gold.column, wanted.frame.columns)}"
            )
        known = wanted.frame.select(known=column(gold.column).is_not_null())["known"].to_numpy()
        if not known.any():
            raise DataError(f"The column {gold.column!r} holds no known answer")
    return known.copy()


def _hidden(queue: Queue, wanted: Wanted, known: Flags, had: Flags, n_others: int) -> Flags:
    """Choose which known answers are asked: the share of all, the same whenever it goes on."""
    found = known & had
    gold = wanted.plan.known
    if gold is None:
        return found
    n = max(1, round(n_others * gold.share / (1 - gold.share))) - int(np.count_nonzero(found))
    free = np.flatnonzero(known & ~had)
    generator = np.random.default_rng([wanted.seed, int(queue.session.id[:12], 16)])
    found[generator.permutation(free)[: max(0, n)]] = True
    return found
