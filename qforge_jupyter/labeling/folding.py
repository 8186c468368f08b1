"""What is true of an item now: a fold over all that was said of it, in order.

An undo speaks of a submission; an undo of an undo brings the submission back.
Nothing is deleted, so every state can be told from the events alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from qforge_jupyter.results.label_events import NOT_ASKED, LabelEvent, LabelingSession

Status = Literal["pending", "labeled", "validated", "rejected"]


@dataclass
class ItemState:
    """What people say of one item.

    Attributes
    ----------
    answers
        By labeler and question, the last answer that was not taken back.
    skipped
        In which sessions it was skipped last.
    settled
        By question, what disagreement was settled with.
    status
        ``pending``, ``labeled``, ``validated`` or ``rejected``.
    last
        The event that gave it this status.
    done
        By round of judging or correcting, who has nothing more to say of it there. Sessions
        that ask the same are one round; a rejection opens corrections again, an answer
        opens judgements.
    handled
        Sessions in which somebody answered or skipped it.
    rejected_at
        Position of the last rejection: answers before it are set aside.
    corrected
        By question, the round of corrections that took the place of earlier answers, and
        where it began.

    """

    answers: dict[str, dict[str, LabelEvent]] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    settled: dict[str, LabelEvent] = field(default_factory=dict)
    status: Status = "pending"
    last: LabelEvent | None = None
    done: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    handled: set[str] = field(default_factory=set)
    rejected_at: int = 0
    corrected: dict[str, tuple[tuple[str, str], int]] = field(default_factory=dict)

    def said(self, labeler: str) -> dict[str, Any]:
        """Give the current answers of one labeler by question."""
        return {name: one.label.value for name, one in self.answers.get(labeler, {}).items()}

    def by_question(self) -> dict[str, dict[str, LabelEvent]]:
        """Give the answers that count: none that was rejected or corrected by somebody."""
        found: dict[str, dict[str, LabelEvent]] = {}
        for labeler, answers in self.answers.items():
            for question, event in answers.items():
                _, begun = self.corrected.get(question, (None, 0))
                if event.position >= max(begun, self.rejected_at):
                    found.setdefault(question, {})[labeler] = event
        return found


def fold(events: Sequence[LabelEvent], sessions: Mapping[str, LabelingSession]) -> ItemState:
    """Say what is true after all events of one item.

    Parameters
    ----------
    events
        In the order of their positions.
    sessions
        By id, those of the dataset.

    """
    state = ItemState()
    for event in living(events):
        session = sessions.get(event.session_id)
        _take(state, event, round_of(session) if session else ("initial", ""))
    return state


def living(events: Iterable[LabelEvent]) -> list[LabelEvent]:
    """Give the events that were not taken back, without the undoing itself."""
    ordered = list(events)
    undone = undone_of(ordered)
    return [
        one
        for one in ordered
        if one.label.label_type not in ("undo", "forgotten")
        and (one.session_id, one.submission) not in undone
    ]


def undone_of(events: Sequence[LabelEvent]) -> set[tuple[str, str]]:
    """Name the submissions that are taken back: the last word counts, so it is read backwards."""
    undone: set[tuple[str, str]] = set()
    for one in reversed(events):
        if one.label.label_type == "undo" and (one.session_id, one.submission) not in undone:
            undone.add((one.session_id, str(one.label.value["submission"])))
    return undone


def round_of(session: LabelingSession) -> tuple[str, str]:
    """Name what the sessions that ask the same have in common."""
    return session.kind, session.plan


def _take(state: ItemState, event: LabelEvent, round_: tuple[str, str]) -> None:
    label = event.label
    state.handled.add(event.session_id)
    if label.label_type == "skip":
        state.skipped.add(event.session_id)
        return
    state.skipped.discard(event.session_id)
    if label.label_type == "adjudication":
        state.settled[label.question] = event
        return
    state.done.setdefault(round_, set()).add(event.labeler)
    if label.label_type == "validation":
        _judge(state, event)
    else:
        _answer(state, event, round_)


def _judge(state: ItemState, event: LabelEvent) -> None:
    state.status = "validated" if event.label.value == "validated" else "rejected"
    state.last = event
    if state.status == "rejected":
        state.rejected_at = event.position
        _open_again(state, "correction")


def _answer(state: ItemState, event: LabelEvent, round_: tuple[str, str]) -> None:
    mine = state.answers.setdefault(event.labeler, {})
    if event.label.value == NOT_ASKED:
        mine.pop(event.label.question, None)
        return
    mine[event.label.question] = event
    if (
        round_[0] == "correction"
        and state.corrected.get(event.label.question, ((), 0))[0] != round_
    ):
        state.corrected[event.label.question] = round_, event.position
    if round_[0] != "validation":  # what a judge adds does not take the judgement back
        state.status, state.last = "labeled", event
        _open_again(state, "validation")


def _open_again(state: ItemState, kind: str) -> None:
    state.done = {one: who for one, who in state.done.items() if one[0] != kind}
