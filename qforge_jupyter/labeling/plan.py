"""What labeling is asked to be: the keys of `label`'s body."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.errors import CallError, blaming
from qforge_jupyter.labeling.conditions import (
    Condition,
    check_order,
    is_condition,
    read_condition,
    schema_of,
)
from qforge_jupyter.labeling.keyboard import check_apart, read_actions
from qforge_jupyter.labeling.priority import Priority, read_priority
from qforge_jupyter.labeling.questions import Question, read_question

Order = Literal[
    "as they come",
    "random",
    "lowest score first",
    "disagreement first",
    "most informative first",
]
#: What a validation asks where nothing else is asked, and its answers with their keys.
VERDICT = "verdict"
VERDICTS = {"v": "validated", "r": "rejected"}
_OVERLAP = re.compile(r"(\d{1,3})(?:\s+labelers?)?")
_PERCENT = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)")


@dataclass(frozen=True)
class Gold:
    """Known answers that are asked without telling.

    Parameters
    ----------
    column
        Where the known answers stand.
    question
        To which question.
    share
        How many of the items that a labeler gets are such.

    """

    column: str
    question: str
    share: float


class LabelPlan(BaseModel):
    """The keys of `label`'s body; a question has its name in its key.

    Examples
    --------
    >>> plan = LabelPlan.model_validate({"choose tier": {"a": "A"}, "overlap": "2 labelers"})
    >>> plan.n_labelers, plan.questions[0].name
    (2, 'tier')

    """

    model_config = ConfigDict(extra="allow", frozen=True)

    show: str | dict[str, str | list[str]] = Field(
        "", description="What is shown of a row: a text with {columns}, or {record: [columns]}."
    )
    order: Order = Field("as they come", description="Which items come first.")
    priority: str | dict[str, list[str]] = Field(
        "",
        description="Column by which items are queued, highest first, before `order`: COLUMN, "
        "COLUMN lowest first, or {COLUMN: [high, low]} of texts.",
    )
    overlap: str | int = Field(1, description="How many label each item, as `2 labelers`.")
    blind: bool | None = Field(
        None, description="Whether nobody sees others' answers; yes in initial labeling."
    )
    gold: dict[str, str] = Field(
        {}, description="Known answers to hide among the items: {column: NAME, share: 10%}."
    )
    type: Literal["initial", "validation", "correction"] = Field(
        "initial", description="Labeling for the first time, judging labels, or correcting them."
    )
    keys: dict[str, str] = Field(
        {}, description="Keys of the keyboard: {undo: z, redo: r, skip: s, back: b, note: n}."
    )

    @property
    def written(self) -> dict[str, Any]:
        """The keys that are questions and conditions."""
        return {str(key): value for key, value in (self.model_extra or {}).items()}

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What is asked, in the order of the cell."""
        found: dict[str, Question] = {}
        for key, value in self.written.items():
            if is_condition(key):
                continue
            with blaming(key):
                question = read_question(key, value)
                if question.name in found:
                    raise CallError(f"The question {question.name!r} stands twice: keep one")
                found[question.name] = question
        if self.type == "validation":
            return (*self._verdict(found), *found.values())
        if not found:
            raise CallError(
                "Nothing is asked: write a question into the body, as in  choose tier: [A, B]"
            )
        return tuple(found.values())

    def _verdict(self, found: dict[str, Question]) -> tuple[Question, ...]:
        if VERDICT in found:
            raise CallError(f"A validation asks for its {VERDICT} itself: rename that question")
        return (Question(VERDICT, "choose", tuple(VERDICTS.values()), tuple(VERDICTS)),)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Which questions are asked only if others were answered so."""
        found = []
        for key, value in self.written.items():
            if is_condition(key):
                with blaming(key):
                    found.append(read_condition(key, value, self.questions))
                    check_order(found)
        return tuple(found)

    @cached_property
    def actions(self) -> dict[str, str]:
        """Which key does what."""
        with blaming("keys"):
            pressed = [key for one in self.questions for key in one.pressed]
            actions = read_actions(self.keys, pressed)
            for one in self.questions:
                check_apart(one.name, one.pressed, actions)
            return actions

    @cached_property
    def ranked(self) -> Priority | None:
        """The column by which items are queued."""
        with blaming("priority"):
            return read_priority(self.priority)

    @property
    def queued(self) -> str:
        """In which order items come, in words."""
        return self.order if self.ranked is None else f"{self.ranked.text}, then {self.order}"

    @property
    def n_labelers(self) -> int:
        """How many label each item."""
        found = _OVERLAP.fullmatch(str(self.overlap).strip())
        if found is None or not int(found[1]):
            with blaming("overlap"):
                raise CallError("'overlap' wants a number of labelers, as in 2 labelers")
        return int(found[1])

    @property
    def is_blind(self) -> bool:
        """Whether others' answers are hidden."""
        return self.type == "initial" if self.blind is None else self.blind

    @property
    def known(self) -> Gold | None:
        """The known answers that are hidden among the items."""
        if not self.gold:
            return None
        with blaming("gold"):
            return self._gold()

    def _gold(self) -> Gold:
        unknown = set(self.gold) - {"column", "share", "question"}
        if unknown or "column" not in self.gold:
            raise CallError("'gold' wants  {column: NAME, share: 10%}, and `question` among many")
        names = [one.name for one in self.questions if one.name != VERDICT]
        name = self.gold.get("question") or (names[0] if names else "")
        if name not in names:
            raise CallError(f"'gold' speaks of a question {name[:60]!r} that is not asked")
        written = _PERCENT.fullmatch(self.gold.get("share", "10%").strip())
        share = float(written[1]) / (100 if written[2] else 1) if written else 0.0
        if not 0 < share < 1:
            raise CallError("The share of 'gold' has to lie between 0 % and 100 %, as in 10%")
        return Gold(self.gold["column"], name, share)

    def asked(self, answers: dict[str, Any]) -> tuple[Question, ...]:
        """Give the questions that are asked where these answers were given."""
        schema = schema_of(self.questions)
        waiting = {name for one in self.conditions for name in one.asks}
        open_ = {name for one in self.conditions if one.holds(answers, schema) for name in one.asks}
        return tuple(one for one in self.questions if one.name not in waiting - open_)

    def check(self) -> None:
        """Read all of it, so that what is wrong is told before anything is done.

        Raises
        ------
        CallError
            A key is no question, or asks what cannot be asked.

        """
        _ = self.questions, self.actions, self.conditions, self.n_labelers, self.known, self.ranked

    def digest(self, *more: Any) -> str:
        """Name what is asked, so that the same call is known again."""
        written = self.model_dump(mode="json")
        if not self.priority:  # sessions from before there was such a key go on
            del written["priority"]
        said = [written, *map(str, more)]
        text = json.dumps(said, sort_keys=True, default=str)
        return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
