"""What is accepted of the answers to a question: agreed, settled, voted for, or likeliest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from qforge_jupyter.labeling.answers import is_cant_tell
from qforge_jupyter.labeling.disagreement import votes
from qforge_jupyter.labeling.folding import ItemState
from qforge_jupyter.labeling.likeliest import likeliest
from qforge_jupyter.results.acceptance import ACCEPTED
from qforge_jupyter.results.label_events import LabelEvent, LabelingSession

By = Literal["unanimous", "majority", "dawid-skene"]
#: How it came that a question of an item has, or has not, an accepted answer.
How = Literal[
    "agreed",
    "settled",
    "majority",
    "dawid-skene",
    "open",
    "incomplete",
    "rejected",
    "nobody can tell",
]


@dataclass(frozen=True)
class Decision:
    """What is accepted as the answer to one question of one item.

    Parameters
    ----------
    given
        The answers that count, by labeler.

    """

    item: str
    question: str
    how: How
    value: Any = None
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_accepted(self) -> bool:
        """Whether there is an answer to write down."""
        return self.how in ACCEPTED


def decide(
    states: Mapping[str, ItemState], sessions: Mapping[str, LabelingSession], by: By = "unanimous"
) -> Iterator[Decision]:
    """Decide every question of every item that somebody answered.

    Parameters
    ----------
    states, sessions
        What was said of a dataset.
    by
        What is enough where not all say the same: a majority, or the likeliest answer by
        how reliable the labelers are.

    """
    liked = likeliest(states) if by == "dawid-skene" else {}
    for item, state in states.items():
        counting = state.by_question()
        for question in dict.fromkeys((*state.settled, *counting)):
            given = counting.get(question, {})
            best = liked.get((question, item))
            yield _decide(item, question, state, given, sessions, by, best)


def _decide(  # noqa: PLR0911, PLR0913 — a return for each way that it came
    item: str,
    question: str,
    state: ItemState,
    given: Mapping[str, LabelEvent],
    sessions: Mapping[str, LabelingSession],
    by: By,
    best: str | None,
) -> Decision:
    said = {who: one.label.value for who, one in given.items()}
    if question in state.settled:
        settled = state.settled[question].label.value
        return Decision(item, question, "settled", settled, said)
    if state.status == "rejected":
        return Decision(item, question, "rejected", None, said)
    counts = votes(said)
    if not counts:
        return Decision(item, question, "nobody can tell", None, said)
    needed = max(_overlap(sessions.get(one.session_id)) for one in given.values())
    if len(said) < needed:
        return Decision(item, question, "incomplete", None, said)
    (first, n), *others = counts.most_common()
    if not others:
        return Decision(item, question, "agreed", json.loads(first), said)
    if by == "majority" and n > others[0][1]:
        return Decision(item, question, "majority", json.loads(first), said)
    if best is not None:
        return Decision(item, question, "dawid-skene", json.loads(best), said)
    return Decision(item, question, "open", None, said)


def majority(given: Mapping[str, Any]) -> Any:
    """Give the answer of most; None where there is a tie.

    Examples
    --------
    >>> majority({"ann": "A", "bob": "A", "eve": "B"}), majority({"ann": "A", "bob": "B"})
    ('A', None)

    """
    counts = votes({who: one for who, one in given.items() if not is_cant_tell(one)})
    if not counts:
        return None
    (first, n), *others = counts.most_common()
    return None if others and others[0][1] == n else json.loads(first)


def _overlap(session: LabelingSession | None) -> int:
    return int(session.detail.get("overlap", 1)) if session else 1
