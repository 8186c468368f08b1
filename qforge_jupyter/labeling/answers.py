"""Whether an answer is one: the value as it is kept, or one sentence on what was wanted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.marks import check_brush, check_shapes, check_spans
from qforge_jupyter.labeling.questions import Question
from qforge_jupyter.results.label_events import CANT_TELL


def is_cant_tell(value: Any) -> bool:
    """Say whether somebody could not answer."""
    return isinstance(value, Mapping) and value.get("cant_tell") is True


def check_answer(  # noqa: PLR0911 — a return a kind
    question: Question, value: Any, text: str | None = None
) -> Any:
    """Give the answer as it is kept.

    Parameters
    ----------
    question
        What was asked.
    value
        What was answered.
    text
        Of the cell in which spans are marked, where it is known.

    Raises
    ------
    DataError
        It is no answer to this question.

    Examples
    --------
    >>> check_answer(Question("tags", "several", ("a", "b"), ("1", "2")), ["b", "a"])
    ['a', 'b']
    >>> check_answer(Question("tier", "choose", ("A", "B"), ("a", "b")), "C")
    Traceback (most recent call last):
        ...
    qforge_jupyter.errors.DataError: The answer to 'tier' is none of A, B

    """
    if is_cant_tell(value):
        return dict(CANT_TELL)
    match question.kind:
        case "choose":
            return _choice(question, value)
        case "several":
            return _several(question, value)
        case "rate" | "number":
            return _number(question, value)
        case "text":
            return _text(question, value)
        case "spans":
            return check_spans(question.name, value, question.answers, text)
        case "brush":
            return check_brush(question.name, value, question.answers)
        case _:
            return check_shapes(question.name, question.kind, value, question.answers)


def _choice(question: Question, value: Any) -> str:
    if not isinstance(value, str) or value not in question.answers:
        raise DataError(f"The answer to {question.name!r} is none of {_shown(question)}")
    return value


def _several(question: Question, value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or not all(
        isinstance(each, str) and each in question.answers for each in value
    ):
        raise DataError(
            f"The answer to {question.name!r} has to be a list of some of {_shown(question)}"
        )
    return [answer for answer in question.answers if answer in value]


def _shown(question: Question) -> str:
    shown = ", ".join(question.answers[:12])
    n_more = len(question.answers) - 12
    return shown + (f" and {n_more} more" if n_more > 0 else "")


def _number(question: Question, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not _fits(value):
        raise DataError(f"The answer to {question.name!r} has to be a number")
    number, span = float(value), question.range
    low, high = (math.nan if end is None else float(end) for end in (span.low, span.high))  # type: ignore[arg-type]
    is_low = number < low or (span.low_is_open and number == low)
    is_high = number > high or (span.high_is_open and number == high)
    if is_low or is_high:
        raise DataError(f"The answer to {question.name!r} lies outside of {span.text}")
    if question.is_stepped and not number.is_integer():
        raise DataError(f"The rating {question.name!r} goes in whole steps within {span.text}")
    return number


def _fits(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _text(question: Question, value: Any) -> str:
    if not isinstance(value, str):
        raise DataError(f"The answer to {question.name!r} has to be a text")
    if len(value) > question.longest:
        raise DataError(
            f"The answer to {question.name!r} has {len(value):,} characters, "
            f"{question.longest:,} are allowed"
        )
    return value
