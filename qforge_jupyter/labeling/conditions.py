"""Questions that are asked only if others were answered so.

A condition is a rule over the answers. A word that is one of a question's own
answers needs no quotes: ``tier = A`` means ``tier = 'A'``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qforge_jupyter.errors import CallError, RuleError, nearest
from qforge_jupyter.labeling.answers import is_cant_tell
from qforge_jupyter.labeling.questions import Question
from qforge_jupyter.rules.expressions import Rule, read_rule

_KEY = re.compile(r"if[ _](?P<rule>.+)[ _]ask", re.DOTALL)
_TYPES: dict[str, pl.DataType] = {"rate": pl.Float64(), "number": pl.Float64()}


@dataclass(frozen=True)
class Condition:
    """When some questions are asked."""

    rule: Rule = field(repr=False)
    text: str
    asks: tuple[str, ...]

    def holds(self, answers: Mapping[str, Any], schema: pl.Schema) -> bool:
        """Say whether the answers given so far lead to the questions."""
        row = {name: [_plain(answers.get(name))] for name in self.rule.columns}
        wanted = pl.Schema({name: schema[name] for name in self.rule.columns})
        held = pl.DataFrame(row, schema=wanted).select(held=self.rule.expression)["held"]
        return bool(held.fill_null(value=False)[0])

    def payload(self) -> dict[str, Any]:
        """Give the condition as a view needs it."""
        return {"if": self.text, "ask": list(self.asks)}


def is_condition(key: str) -> bool:
    """Say whether a key of the body is a condition: ``if tier = A ask``."""
    return _KEY.fullmatch(key.strip()) is not None


def schema_of(questions: Sequence[Question]) -> pl.Schema:
    """Give the answers as columns of which a rule may speak."""
    kinds = {"several": pl.List(pl.String)}
    return pl.Schema(
        {one.name: kinds.get(one.kind) or _TYPES.get(one.kind, pl.String()) for one in questions}
    )


def read_condition(key: str, value: Any, questions: Sequence[Question]) -> Condition:
    """Read a condition and the questions it leads to.

    Raises
    ------
    CallError
        The rule cannot be read, or there is no such question.

    Examples
    --------
    >>> tier = Question("tier", "choose", ("A", "B"), ("a", "b"))
    >>> read_condition("if tier = A ask", ["why"], [tier, Question("why", "text")]).asks
    ('why',)

    """
    found = _KEY.fullmatch(key.strip())
    if found is None:
        raise CallError(f"A condition is written as  if RULE ask, and {key[:60]!r} is not")
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    names = [one.name for one in questions]
    asks = tuple(str(each) for each in value or ())
    for name in asks:
        if name not in names:
            raise CallError(f"No question {name[:60]!r} to ask{nearest(name, names)}")
    if not asks:
        raise CallError("A condition leads to no question: write  if RULE ask: [NAME]")
    try:
        rule = read_rule(quoted(found["rule"], questions), schema_of(questions))
    except RuleError as problem:
        raise CallError(f"The condition cannot be read: {problem.message}") from None
    if own := set(asks) & set(rule.columns):
        raise CallError(f"The question {min(own)!r} would hang on its own answer: leave it out")
    return Condition(rule, found["rule"].strip(), asks)


def check_order(conditions: Sequence[Condition]) -> None:
    """Refuse questions that wait for each other, so that none of them would ever be asked.

    Raises
    ------
    CallError
        There are such.

    """
    waits_for: dict[str, set[str]] = {}
    for one in conditions:
        for name in one.asks:
            waits_for.setdefault(name, set()).update(one.rule.columns)
    for name, waited in waits_for.items():
        seen: set[str] = set()
        new = waited
        while new:
            seen |= new
            new = {each for one in new for each in waits_for.get(one, ())} - seen
        if name in seen:
            raise CallError(
                f"The question {name!r} would hang on its own answer in a circle of conditions: "
                "leave one of them out"
            )


def quoted(text: str, questions: Sequence[Question]) -> str:
    """Put quotes around words that are answers of the question they are compared with.

    Examples
    --------
    >>> quoted("tier = A and n > 2", [Question("tier", "choose", ("A", "B"), ("a", "b"))])
    "tier = 'A' and n > 2"

    """
    for one in questions:
        if one.kind != "choose":
            continue
        words = sorted((re.escape(each) for each in one.answers), key=len, reverse=True)
        pattern = rf"(?<!\w)({re.escape(one.name)}\s*(?:==|!=|=)\s*)({'|'.join(words)})(?!\w)"
        text = re.sub(pattern, lambda match: f"{match[1]}{_literal(match[2])}", text)
    return text


def _literal(answer: str) -> str:
    return "'" + answer.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _plain(value: Any) -> Any:
    return None if isinstance(value, Mapping) or is_cant_tell(value) else value
