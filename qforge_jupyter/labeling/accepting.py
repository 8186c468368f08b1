"""Accepted answers as columns of the dataset, ready to be committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.deciding import By, Decision, decide
from qforge_jupyter.labeling.kept import KeptLabels
from qforge_jupyter.labeling.questions import Question
from qforge_jupyter.labeling.told import storable, written
from qforge_jupyter.labeling.verdicts import with_verdicts
from qforge_jupyter.results.acceptance import ACCEPTED

_TYPES: dict[str, pl.DataType] = {
    "choose": pl.String(),
    "text": pl.String(),
    "rate": pl.Float64(),
    "number": pl.Float64(),
    "several": pl.List(pl.String()),
}


@dataclass(frozen=True)
class Accepted:
    """The rows with the accepted answers.

    Parameters
    ----------
    counts
        By question, how many items are accepted, open and so on.
    sessions
        Ids of those whose answers are among them.
    n_repeating
        Rows without keys that repeat the content of another and got its answers.
    n_judged
        Items whose verdict is written down.

    """

    frame: pl.DataFrame = field(repr=False)
    counts: dict[str, Counter[str]]
    labelers: tuple[str, ...]
    sessions: tuple[str, ...]
    n_repeating: int = 0
    n_judged: int = 0

    @property
    def n_open(self) -> int:
        """How many disagreements nobody settled."""
        return sum(each["open"] for each in self.counts.values())

    @property
    def n_accepted(self) -> int:
        """How many answers there are to write down."""
        return sum(each[how] for each in self.counts.values() for how in ACCEPTED)


def accept(kept: KeptLabels, by: By) -> Accepted:
    """Lay accepted answers and verdicts over the rows; where there is none, a cell stays.

    Raises
    ------
    DataError
        A column of a question's name holds something else.

    """
    decisions = list(decide(kept.states, kept.sessions, by))
    counts = {name: Counter[str]() for name in kept.questions}
    for one in decisions:
        counts.setdefault(one.question, Counter())[one.how] += 1
    frame = kept.items.frame
    for name, question in kept.questions.items():
        mine = [one for one in decisions if one.question == name and one.is_accepted]
        if mine:
            frame = _with(kept, frame, question, mine)
    given = {who for one in decisions if one.is_accepted for who in one.given}
    used = {
        event.session_id
        for state in kept.states.values()
        for answers in (*state.answers.values(), state.settled)
        for event in answers.values()
    }
    verdicts = with_verdicts(kept, frame)
    ordered = tuple(one for one in kept.sessions if one in used | verdicts.sessions)
    n_repeating = _n_repeating(kept, [one.item for one in decisions if one.is_accepted])
    labelers = tuple(sorted(given))
    return Accepted(verdicts.frame, counts, labelers, ordered, n_repeating, verdicts.n)


def _n_repeating(kept: KeptLabels, items: list[str]) -> int:
    if kept.dataset.keys:
        return 0
    is_labeled = np.isin(kept.items.first_of, kept.items.places(list(dict.fromkeys(items))))
    return int((is_labeled & ~kept.items.is_first).sum())


def _with(
    kept: KeptLabels, frame: pl.DataFrame, question: Question, decisions: Sequence[Decision]
) -> pl.DataFrame:
    kind = _TYPES.get(question.kind, pl.String())
    values = [
        one.value
        if question.kind in ("rate", "number", "several")
        else storable(written(one.value))
        for one in decisions
    ]
    if question.name in kept.dataset.keys:
        raise DataError(
            f"The question {question.name!r} is called like a key of {kept.dataset.name}: "
            "ask it under another name"
        )
    places = kept.items.places([one.item for one in decisions])
    said = pl.Series(question.name, values, dtype=kind)
    if question.name in frame.columns:
        before = frame.get_column(question.name)
        said = _cast(said, before.dtype)
    else:
        before = pl.Series(question.name, [None], dtype=kind).new_from_index(0, frame.height)
    at = pl.DataFrame({"at": places.astype("int64")}).with_columns(place=pl.int_range(pl.len()))
    nth = (
        pl.DataFrame({"at": kept.items.first_of})
        .join(at, on="at", how="left", maintain_order="left")
        .get_column("place")
    )
    new = pl.select(
        pl.when(nth.is_not_null()).then(said.gather(nth)).otherwise(before).alias(question.name)
    ).to_series()
    if question.name in frame.columns:
        return frame.with_columns(new)
    return frame.select(column(each) for each in frame.columns).hstack([new])


def _cast(said: pl.Series, kind: pl.DataType) -> pl.Series:
    if kind == pl.Boolean and said.drop_nulls().is_in(["true", "false"]).all():
        return said == "true"
    try:
        return said.cast(kind)
    except pl.exceptions.PolarsError:
        raise DataError(
            f"The column {said.name!r} holds {kind} and the answers are {said.dtype}: "
            "ask the question under another name"
        ) from None
