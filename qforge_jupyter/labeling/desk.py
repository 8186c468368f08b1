"""Labeling in plain Python: the next item, an answer, a step back."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from qforge_jupyter.errors import DataError, QForgeError
from qforge_jupyter.labeling.protocol import Handler
from qforge_jupyter.labeling.sitting import Sitting
from qforge_jupyter.labeling.submission import Submission
from qforge_jupyter.labeling.told import answers_of, history_of, states_of, storable, written
from qforge_jupyter.results.labeling import LabeledItem
from qforge_jupyter.versions.label_keys import shown


@dataclass(frozen=True)
class Desk:
    """One sitting as a person at a prompt uses it."""

    sitting: Sitting = field(repr=False)

    @property
    def handle(self) -> Handler:
        """What a view asks."""
        return Handler(self.sitting)

    def next(self) -> LabeledItem | None:
        """Give the item to label now; None where all is done."""
        found = self.sitting.current()
        return None if found is None else _item(found)

    def answer(self, key: Any, given: dict[str, Any]) -> dict[str, Any]:
        """Keep the answers to an item."""
        names = {one.name for one in self.sitting.plan.questions}
        about = {name: given.pop(name) for name in _ABOUT if name in given and name not in names}
        submission = about.pop("submission", None) or uuid.uuid4().hex
        return self.sitting.submit(Submission(submission, self._key(key), given, **about))

    def skip(self, key: Any = None, reason: str = "") -> dict[str, Any]:
        """Pass over an item: that of a key, or the one to label now."""
        return self.sitting.skip(uuid.uuid4().hex, self._key(key), reason)

    def undo(self) -> LabeledItem:
        """Take back the last step, and give its item."""
        return _turned(self.sitting.undo(uuid.uuid4().hex))

    def redo(self) -> LabeledItem:
        """Bring back what was taken back last, and give its item."""
        return _turned(self.sitting.redo(uuid.uuid4().hex))

    def back(self, position: int) -> LabeledItem:
        """Give an item that was given before."""
        return _item(self.sitting.item(position))

    def progress(self) -> dict[str, Any]:
        """Count what is done, as it is in the store now."""
        self.sitting.refresh()
        return self.sitting.progress()

    def counts(self) -> dict[str, Any]:
        """Count what is done as far as it is known, so also when the workspace is closed."""
        with suppress(QForgeError):
            self.sitting.refresh()
        return self.sitting.progress()

    def answers(self) -> pl.DataFrame:
        """Give the answers of all labelers that stand."""
        events, sessions = self._told()
        return answers_of(states_of(events, sessions))

    def history(self) -> pl.DataFrame:
        """Give every label that was ever given."""
        return history_of(self._told()[0])

    def last(self, n: int) -> tuple[tuple[str, str, str], ...]:
        """Give the last answers of this session that stand: item, question, value."""
        mine = self.sitting.own
        found: dict[tuple[str, str], tuple[str, str, str]] = {}
        for one in reversed(mine):
            place = self.sitting.queue.items.place(one.label.item)
            if place is None:
                continue
            said = self.sitting.queue.state(place).answers.get(self.sitting.labeler, {})
            for question, event in said.items():
                item = shown(one.label.item)
                found.setdefault(
                    (item, question), (item, question, storable(written(event.label.value)) or "")
                )
            if len(found) >= n:
                break
        return tuple(found.values())[:n]

    def close(self) -> None:
        """Let go of what lies before this labeler."""
        self.sitting.close()

    def _told(self) -> Any:
        labels = self.sitting.store.labels
        sessions = {one.id: one for one in labels.sessions(self.sitting.dataset_id)}
        return labels.since(self.sitting.dataset_id), sessions

    def _key(self, key: Any) -> str:
        if key is None:
            found = self.sitting.current()
            if found is None:
                raise DataError("There is no item left to label: all is done")
            return str(found["key"])
        if isinstance(key, LabeledItem):
            return key.key
        return self.sitting.queue.items.key_of(key)


#: What an answer may bring beside its questions.
_ABOUT = ("confidence", "note", "latency_ms", "submission", "shown_at", "answered_at")


def _turned(reply: dict[str, Any]) -> LabeledItem:
    return replace(_item(reply["item"]), said=reply.get("said", ""))


def _item(found: dict[str, Any]) -> LabeledItem:
    others = tuple(
        (one["labeler"], one["question"], one["value"]) for one in found.get("others", ())
    )
    return LabeledItem(
        found["key"],
        found["position"],
        found["fields"],
        found["mine"],
        found["status"],
        others,
        found.get("suggested", {}),
    )
