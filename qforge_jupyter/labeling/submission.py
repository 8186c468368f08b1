"""One submission: what somebody answered to an item at once, checked and made into labels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qforge_jupyter.errors import DataError, nearest
from qforge_jupyter.labeling.answers import check_answer, is_cant_tell
from qforge_jupyter.labeling.plan import VERDICT, LabelPlan
from qforge_jupyter.results.label_events import NOT_ASKED, LabelType, NewLabel

LONGEST_ID = 200
LONGEST_NOTE = 100_000


class LeftOut(Exception):
    """An item is not given the answers of its batch, because others have it."""


@dataclass(frozen=True)
class Submission:
    """What came from a view or a call.

    Parameters
    ----------
    id
        Of the client's making.
    shown_at, answered_at
        Moments by the client's clock, as it wrote them.
    batch
        Shared by answers that were given to many items at once; they are taken back as one.

    """

    id: str
    key: str
    answers: Mapping[str, Any]
    confidence: float | None = None
    note: str = ""
    latency_ms: int | None = None
    shown_at: str = ""
    answered_at: str = ""
    batch: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def about(self) -> dict[str, Any]:
        """What is kept beside each of its labels."""
        said = {"shown_at": self.shown_at, "answered_at": self.answered_at, "batch": self.batch}
        return {name: str(value)[:64] for name, value in said.items() if value}


def check_id(submission: Any) -> str:
    """Refuse an id by which a submission could not be known again.

    Raises
    ------
    DataError
        It is no text, empty or too long.

    """
    if not isinstance(submission, str) or not 0 < len(submission) <= LONGEST_ID:
        raise DataError(
            f"A submission wants an id of 1 to {LONGEST_ID} characters, and none such came"
        )
    return submission


def checked(plan: LabelPlan, given: Submission, cells: Mapping[str, Any]) -> dict[str, Any]:
    """Give the answers as they are kept.

    Parameters
    ----------
    plan
        What is asked.
    given
        What was answered.
    cells
        Of the item, those in which something is marked.

    Raises
    ------
    DataError
        An answer is none, is missing, or answers what is not asked.

    """
    _check_about(given)
    known = {one.name: one for one in plan.questions}
    for name in given.answers:
        if name not in known:
            raise DataError(f"No question {str(name)[:60]!r} is asked{nearest(str(name), known)}")
    found: dict[str, Any] = {}
    for name, value in given.answers.items():
        question = known[name]
        if value is None:
            continue
        cell = cells.get(question.column)
        found[name] = check_answer(question, value, cell if isinstance(cell, str) else None)
    asked = {one.name for one in plan.asked(found)}
    for name in found:
        if name not in asked:
            raise DataError(f"The question {name!r} is not asked after these answers: leave it out")
    for name in asked:
        if known[name].is_needed and name not in found:
            raise DataError(f"The question {name!r} is not answered: answer it, or say can't tell")
    if not found:
        raise DataError("No question is answered: answer one, or skip the item")
    return {name: found[name] for name in known if name in found}


def labels_of(
    plan: LabelPlan, given: Submission, answers: Mapping[str, Any], before: Mapping[str, Any]
) -> tuple[NewLabel, ...]:
    """Make labels of checked answers.

    Parameters
    ----------
    plan
        What is asked.
    given
        What came.
    answers
        As `checked` gave them.
    before
        What the same labeler answered to the item last, by question.

    """
    labels = [
        NewLabel(
            given.key,
            name,
            _type(plan, name, value),
            value,
            before.get(name),
            given.confidence,
            given.note,
            given.latency_ms,
            given.about,
        )
        for name, value in answers.items()
    ]
    gone = [one.name for one in plan.questions if one.name in before and one.name not in answers]
    labels += [
        NewLabel(given.key, name, "answer", dict(NOT_ASKED), before[name], detail=given.about)
        for name in gone
    ]
    return tuple(labels)


def _type(plan: LabelPlan, name: str, value: Any) -> LabelType:
    if is_cant_tell(value):
        return "cant_tell"
    return "validation" if plan.type == "validation" and name == VERDICT else "answer"


def _check_about(given: Submission) -> None:
    check_id(given.id)
    sure = given.confidence
    is_number = isinstance(sure, int | float) and not isinstance(sure, bool)
    if sure is not None and not (is_number and math.isfinite(sure) and 0 <= sure <= 1):
        raise DataError("The confidence of a label has to lie between 0 and 1")
    if not isinstance(given.note, str) or len(given.note) > LONGEST_NOTE:
        raise DataError(f"A note has to be a text of at most {LONGEST_NOTE:,} characters")
    took = given.latency_ms
    if took is not None and not (isinstance(took, int) and 0 <= took < 2**53):
        raise DataError("The time that an answer took has to be whole milliseconds")
