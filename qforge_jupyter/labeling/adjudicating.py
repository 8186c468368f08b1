"""Settling disagreements: by an answer, by the majority, or by a table of answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from qforge_jupyter.columns import free_name
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.labeling.answers import check_answer
from qforge_jupyter.labeling.deciding import Decision, decide, majority
from qforge_jupyter.labeling.kept import KeptLabels
from qforge_jupyter.labeling.questions import Question
from qforge_jupyter.labeling.told import storable, written
from qforge_jupyter.results.changes import Change, NewLabels, NewSession
from qforge_jupyter.results.label_events import LabelingSession, NewLabel
from qforge_jupyter.versions.label_keys import item_keys
from qforge_jupyter.versions.laying import pick

#: What the plan of a session is called in which disagreements are settled.
ADJUDICATION = "adjudication"
TAKE = "take"


@dataclass(frozen=True)
class Settlement:
    """The accepted answer to a question of an item."""

    item: str
    question: str
    value: Any


def open_cases(kept: KeptLabels) -> list[Decision]:
    """Give the questions on which labelers disagree and that nobody settled."""
    return [one for one in decide(kept.states, kept.sessions) if one.how == "open"]


def side_by_side(kept: KeptLabels, cases: Sequence[Decision]) -> pl.DataFrame:
    """Lay the answers beside each other: a line a case, a column a labeler."""
    places = kept.items.places([one.item for one in cases])
    keys = list(kept.dataset.keys)
    if keys:
        named = pick(kept.items.frame, keys)[places]
    else:
        named = pl.DataFrame({"item": [one.item for one in cases]}, schema={"item": pl.String})
    taken = [*named.columns, "question", "majority", TAKE]
    labelers = sorted({who for one in cases for who in one.given})
    columns = [pl.Series("question", [one.question for one in cases], dtype=pl.String)]
    for who in labelers:
        said = [storable(written(one.given.get(who))) for one in cases]
        columns.append(pl.Series(free_name(who, taken), said, dtype=pl.String))
    most = [storable(written(majority(one.given))) for one in cases]
    columns.append(pl.Series("majority", most, dtype=pl.String))
    return named.hstack(columns)


def by_majority(cases: Iterable[Decision]) -> list[Settlement]:
    """Settle the cases in which one answer is given more often than any other."""
    found = [(one, majority(one.given)) for one in cases]
    return [Settlement(one.item, one.question, most) for one, most in found if most is not None]


def by_answer(kept: KeptLabels, key: str, question: str, answer: str) -> list[Settlement]:
    """Settle one case.

    Raises
    ------
    DataError
        There is no such row, question or answer.

    """
    asked = kept.question(question)
    n_keys = len(kept.dataset.keys)
    parts = tuple(part.strip() for part in key.split(",")) if n_keys > 1 else key
    item = kept.items.key_of(parts)
    if kept.items.place(item) is None:
        raise DataError(f"{kept.dataset.name} has no row of that key: look it up with `adjudicate`")
    return [Settlement(item, asked.name, check_answer(asked, read_answer(asked, answer)))]


def by_table(kept: KeptLabels, settled: pl.DataFrame) -> list[Settlement]:
    """Settle the cases of a table that has the keys, ``question`` and ``take``.

    Raises
    ------
    DataError
        A column is missing, or a line names no row or is no answer.

    """
    named = list(kept.dataset.keys) or ["item"]
    for name in (*named, TAKE):
        if name not in settled.columns:
            raise DataError(
                f"The table that settles has no column {name!r}: it wants "
                f"{', '.join((*named, 'question', TAKE))}"
            )
    lines = settled.filter(pl.col(TAKE).is_not_null())
    keys = item_keys(lines, kept.dataset.keys) if kept.dataset.keys else lines["item"].to_list()
    if n_unknown := int((kept.items.places(keys) < 0).sum()):
        raise DataError(f"{n_unknown:,} lines of the table that settles name no row: correct them")
    names = lines["question"].to_list() if "question" in lines.columns else [""] * lines.height
    found = []
    for item, name, take in zip(keys, names, lines[TAKE].to_list(), strict=True):
        asked = kept.question(name or "")
        value = read_answer(asked, take) if isinstance(take, str) else take
        found.append(Settlement(item, asked.name, check_answer(asked, value)))
    return found


def read_answer(question: Question, text: str) -> Any:
    """Read an answer as `written` writes it, or as people type it.

    Examples
    --------
    >>> read_answer(Question("tags", "several", ("a", "b"), ("1", "2")), "a, b")
    ['a', 'b']

    """
    import json

    if question.kind in ("choose", "text"):
        return text
    if question.kind == "several" and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return json.loads(text)
    except ValueError:
        raise DataError(
            f"The answer to {question.name!r} cannot be read: write it as JSON"
        ) from None


def changes_for(
    kept: KeptLabels, settled: Sequence[Settlement], by: str, at: datetime, commit_id: str
) -> tuple[Change, ...]:
    """Give what the store has to keep so that the cases are settled."""
    if not settled:
        return ()
    twice = {(one.item, one.question) for one in settled}
    if len(twice) < len(settled):
        raise CallError("A case is settled twice: keep one line for each row and question")
    session = next(
        (one for one in kept.sessions.values() if (one.labeler, one.plan) == (by, ADJUDICATION)),
        None,
    )
    made: tuple[Change, ...] = ()
    if session is None:
        session = LabelingSession(
            uuid.uuid4().hex, kept.dataset.id, by, "validation", at, ADJUDICATION
        )
        made = (NewSession(session),)
    labels = tuple(_label(kept, one) for one in settled)
    submission = uuid.uuid4().hex
    given = NewLabels(session.id, submission, labels, kept.last_position, at, commit_id)
    return (*made, given)


def _label(kept: KeptLabels, one: Settlement) -> NewLabel:
    before = kept.states[one.item].settled.get(one.question) if one.item in kept.states else None
    previous = before.label.value if before else None
    return NewLabel(one.item, one.question, "adjudication", one.value, previous)
