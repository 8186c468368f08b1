"""What was said of a dataset's rows, as frames: answers as they are now, and all that came."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from qforge_jupyter.labeling.folding import ItemState, fold
from qforge_jupyter.results.label_events import LabelEvent, LabelingSession
from qforge_jupyter.versions.label_keys import shown

Sessions = Mapping[str, LabelingSession]

_ANSWERS: dict[str, Any] = {
    "item": pl.String,
    "labeler": pl.String,
    "question": pl.String,
    "value": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "confidence": pl.Float64,
    "note": pl.String,
    "latency_ms": pl.Int64,
    "status": pl.String,
}
_HISTORY: dict[str, Any] = {
    "item": pl.String,
    "labeler": pl.String,
    "session": pl.String,
    "what": pl.String,
    "question": pl.String,
    "value": pl.String,
    "previous": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "confidence": pl.Float64,
    "note": pl.String,
    "latency_ms": pl.Int64,
    "submission": pl.String,
}


def written(value: Any) -> str | None:
    """Write an answer as one text: a text as it is, all else as JSON.

    Examples
    --------
    >>> written("A"), written(["a", "b"]), written(0.5), written(None)
    ('A', '["a", "b"]', '0.5', None)

    """
    if value is None or isinstance(value, str):
        return value
    if value == {"cant_tell": True}:
        return "(can't tell)"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def storable(text: str | None) -> str | None:
    """Mark what a table's text cannot hold: half of a surrogate pair."""
    return None if text is None else text.encode(errors="replace").decode()


def states_of(events: Sequence[LabelEvent], sessions: Sessions) -> dict[str, ItemState]:
    """Say of each item what is true of it now."""
    by_item: dict[str, list[LabelEvent]] = {}
    for one in events:
        if one.label.label_type != "forgotten":
            by_item.setdefault(one.label.item, []).append(one)
    return {item: fold(told, sessions) for item, told in by_item.items()}


def answers_of(states: Mapping[str, ItemState]) -> pl.DataFrame:
    """Give the answers that stand, one line an item, labeler and question."""
    lines = [
        {
            "item": storable(shown(item)),
            "labeler": labeler,
            "question": question,
            "value": storable(written(one.label.value)),
            "at": one.at,
            "confidence": one.label.confidence,
            "note": storable(one.label.note),
            "latency_ms": one.label.latency_ms,
            "status": state.status,
        }
        for item, state in states.items()
        for labeler, answers in state.answers.items()
        for question, one in answers.items()
    ]
    return pl.DataFrame(lines, schema=_ANSWERS)


def history_of(events: Sequence[LabelEvent]) -> pl.DataFrame:
    """Give every label that was ever given, in order, with the one that it replaced."""
    lines = [
        {
            "item": storable(shown(one.label.item)),
            "labeler": one.labeler,
            "session": one.session_id,
            "what": one.label.label_type,
            "question": one.label.question,
            "value": storable(written(one.label.value)),
            "previous": storable(written(one.label.previous)),
            "at": one.at,
            "confidence": one.label.confidence,
            "note": storable(one.label.note),
            "latency_ms": one.label.latency_ms,
            "submission": storable(one.submission),
        }
        for one in events
    ]
    return pl.DataFrame(lines, schema=_HISTORY)
