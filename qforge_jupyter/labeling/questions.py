"""Questions: what a labeler is asked of an item, as the body of `label` writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from qforge_jupyter.errors import CallError, RuleError, nearest
from qforge_jupyter.labeling.keyboard import DRAWING, keys_of, rating_keys
from qforge_jupyter.rules.ranges import Range, read_range

Kind = Literal[
    "choose", "several", "rate", "number", "text", "spans", "boxes", "circles", "polygons", "brush"
]
KINDS: tuple[str, ...] = get_args(Kind)
#: Kinds whose answer marks places in a cell; they need to know in which column.
MARKING = ("spans", "boxes", "circles", "polygons", "brush")
#: Kinds that offer answers to choose from.
OFFERING = ("choose", "several", *MARKING)
#: A text may have so many characters where nothing is said.
LONGEST_TEXT = 1_000_000
MOST_ANSWERS = 1_000
_KEY = re.compile(
    r"(?P<kind>[a-z]+)[ _](?P<name>.+?)(?:[ _](?:in|on)[ _](?P<column>.+))?", re.DOTALL
)
_NAME = re.compile(r"[^\W\d]\w{0,63}")
#: Columns that a filter of `label` asks, and words of its headless calls.
RESERVED = ("label_status", "key", "question")


#: No bound at all.
ANY = Range()


@dataclass(frozen=True)
class Question:
    """One question.

    Parameters
    ----------
    name
        What the column is called that its accepted answers go to.
    answers
        What can be chosen, in the order of the cell.
    keys
        Key of the keyboard for each answer; empty where it has none.
    range
        In which a number has to lie.
    is_stepped
        Whether a rating goes in whole steps.
    longest
        Most characters of a text.
    column
        The column in which spans or shapes are marked.

    """

    name: str
    kind: Kind
    answers: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    range: Range = ANY
    is_stepped: bool = False
    longest: int = LONGEST_TEXT
    column: str = ""

    @property
    def is_needed(self) -> bool:
        """Whether a submission without an answer to it is not whole."""
        return self.kind in ("choose", "rate", "number")

    @property
    def pressed(self) -> tuple[str, ...]:
        """Keys that a view needs to have it answered."""
        if self.kind == "rate":
            return rating_keys(self.range, is_stepped=self.is_stepped)
        return (*self.keys, *DRAWING.get(self.kind, ()))

    @property
    def said(self) -> str:
        """What can be answered, in a few words."""
        if self.answers:
            return ", ".join(self.answers)
        return self.range.text if self.kind in ("rate", "number") else self.kind

    def payload(self) -> dict[str, Any]:
        """Give the question as a view needs it."""
        low, high = self.range.low, self.range.high
        return {
            "name": self.name,
            "kind": self.kind,
            "answers": [
                {"answer": answer, "key": key}
                for answer, key in zip(self.answers, self.keys, strict=True)
            ],
            "low": low,
            "high": high,
            "low_is_open": self.range.low_is_open,
            "high_is_open": self.range.high_is_open,
            "unit": self.range.unit,
            "is_stepped": self.is_stepped,
            "longest": self.longest,
            "column": self.column,
            "is_needed": self.is_needed,
        }


def read_question(key: str, value: Any) -> Question:
    """Read one key of the body with its value.

    Raises
    ------
    CallError
        The key is no question, or the question has no answers.

    Examples
    --------
    >>> read_question("choose tier", {"a": "A", "b": "B"}).keys
    ('a', 'b')
    >>> read_question("rate quality", "1 .. 5").is_stepped
    True
    >>> read_question("spans entities in body", ["person"]).column
    'body'

    """
    found = _KEY.fullmatch(key.strip())
    if found is None or found["kind"] not in KINDS:
        kind = re.split(r"[ _]", key.strip(), maxsplit=1)[0]
        raise CallError(
            f"No key {key[:60]!r} in label, where a question is written as  choose NAME"
            f"{nearest(kind, (*KINDS, *PLAN_KEYS))}"
        )
    kind, name, column = found["kind"], found["name"].strip(), (found["column"] or "").strip()
    rest = key.strip()[len(kind) + 1 :]
    if column and kind not in MARKING and _NAME.fullmatch(rest):  # one word that has "in" in it
        name, column = rest, ""
    _check_name(name)
    if (kind in MARKING) != bool(column):
        raise CallError(
            f"{kind!r} marks places in a column: write  {kind} {name} in COLUMN"
            if kind in MARKING
            else f"{kind!r} asks of the whole row: write  {kind} {name}"
        )
    if kind in OFFERING:
        answers, keys = _offered(name, value)
        return Question(name, kind, answers, keys, column=column)  # type: ignore[arg-type]
    if kind == "text":
        return Question(name, "text", longest=_length(name, value))
    span = _range(name, kind, value)
    return Question(name, kind, range=span, is_stepped=_is_stepped(kind, value, span))  # type: ignore[arg-type]


def question_of(payload: Mapping[str, Any]) -> Question:
    """Make a question again of what `Question.payload` gave, as sessions keep it.

    Examples
    --------
    >>> question = read_question("choose tier", ["A", "B"])
    >>> question_of(question.payload()) == question
    True

    """
    return Question(
        payload["name"],
        payload["kind"],
        tuple(each["answer"] for each in payload["answers"]),
        tuple(each["key"] for each in payload["answers"]),
        Range(
            payload["low"],
            payload["high"],
            payload["low_is_open"],
            payload["high_is_open"],
            payload["unit"],
        ),
        payload["is_stepped"],
        payload["longest"],
        payload["column"],
    )


#: Keys of the body that are no questions.
PLAN_KEYS = ("show", "order", "priority", "overlap", "blind", "gold", "type", "keys")


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise CallError(
            f"A question is named with letters, digits and underscores, and {name[:60]!r} is not: "
            "its answers become a column of that name"
        )
    if name in RESERVED:
        raise CallError(
            f"A question cannot be called {name!r}, a word that labeling needs: rename it"
        )


def _offered(name: str, value: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    given = list(value.values() if isinstance(value, Mapping) else value or ())
    answers = tuple(str(each).strip() for each in given)
    if not answers or not all(answers):
        raise CallError(
            f"The question {name!r} has no answers: write them as {{a: A, b: B}}, where a is the "
            "key to press, or as [A, B]"
        )
    if len(answers) > MOST_ANSWERS:
        raise CallError(
            f"The question {name!r} has {len(answers):,} answers, {MOST_ANSWERS:,} are allowed: "
            "ask for a text"
        )
    if len(set(answers)) < len(answers):
        raise CallError(f"The question {name!r} offers an answer twice: keep one")
    pressed = [str(key) for key in value] if isinstance(value, Mapping) else None
    return answers, keys_of(name, pressed, len(answers))


def _length(name: str, value: Any) -> int:
    text = str(value if value is not None else "").strip().lower()
    if text in ("", "yes", "true"):
        return LONGEST_TEXT
    if not text.isdecimal() or not 0 < int(text) <= LONGEST_TEXT:
        raise CallError(
            f"The text {name!r} wants its most characters, 1 to {LONGEST_TEXT:,}, or yes"
        )
    return int(text)


def _range(name: str, kind: str, value: Any) -> Range:
    text = str(value if value is not None else "").strip()
    if kind == "number" and text.lower() in ("", "yes", "true"):
        return ANY
    try:
        span = read_range(text)
    except RuleError as problem:
        raise CallError(f"The range of {name!r} cannot be read: {problem.message}") from None
    if span.is_temporal:
        raise CallError(f"The range of {name!r} is of dates, and a number is asked for")
    if kind == "rate" and (span.low is None or span.high is None):
        raise CallError(f"The rating {name!r} wants both ends, as in 0 .. 1 or 1 .. 5")
    return span


def _is_stepped(kind: str, value: Any, span: Range) -> bool:
    """Take ends that are whole and further than one apart for steps, unless a point says no."""
    if kind != "rate" or "." in re.sub(r"<?\.\.<?", " ", str(value)):
        return False
    low, high = span.low, span.high
    are_whole = all(isinstance(end, int | float) and float(end).is_integer() for end in (low, high))
    return are_whole and float(high) - float(low) > 1  # type: ignore[arg-type]
