"""Labels as they travel between the store and those who read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

LabelType = Literal[
    "answer", "cant_tell", "skip", "undo", "validation", "adjudication", "forgotten"
]
SessionKind = Literal["initial", "validation", "correction"]
#: The value of a question that somebody could not answer.
CANT_TELL = {"cant_tell": True}
#: The value of a question that was answered before and is not asked any more.
NOT_ASKED = {"not_asked": True}
#: What stands in place of a value that was forgotten.
FORGOTTEN = {"forgotten": True}


@dataclass(frozen=True)
class NewLabel:
    """One label that is to be written down.

    Parameters
    ----------
    item
        Key of the row, as `versions.label_keys` writes it.
    question
        Its name; empty where the event speaks of the whole item.
    value
        Anything JSON has a form for.
    previous
        The last answer of the same labeler to the same question.

    """

    item: str
    question: str
    label_type: LabelType
    value: Any
    previous: Any = None
    confidence: float | None = None
    note: str = ""
    latency_ms: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelEvent:
    """One label as it was given.

    Parameters
    ----------
    position
        Number of the event among all labels of the workspace, from 1.
    submission
        Id that the client made; all answers given to an item at once share it.

    """

    position: int
    session_id: str
    submission: str
    labeler: str
    at: datetime
    commit_id: str | None
    label: NewLabel


@dataclass(frozen=True)
class LabelingSession:
    """One labeler's work on one dataset, over as many sittings as it takes.

    Parameters
    ----------
    plan
        Digest of what is asked, so that the same call goes on where it stopped.

    """

    id: str
    dataset_id: str
    labeler: str
    kind: SessionKind
    started_at: datetime
    plan: str = ""
    n_labeled: int = 0
    ended_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict)
