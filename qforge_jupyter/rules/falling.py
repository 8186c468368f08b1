"""Conditions on a change: ``no dimension drops by 0.5``, ``overall >= 0.80``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from qforge_jupyter.errors import RuleError, nearest
from qforge_jupyter.rules.gates import DIMENSIONS, read_gate

#: Scores lie between 0 and 1; a drop is written in points of 100.
POINTS = 100.0
_DROP = re.compile(
    r"(?P<negated>no\s+)?(?P<name>[a-z][\w ]*?)\s+(?:(?P<not>does\s+not\s+drop)|drops)"
    r"(?:\s+by)?(?:\s+(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?:%|points?)?)?",
    re.IGNORECASE,
)

Scores = Mapping[str, float | None]


def judge_change(text: str, before: Scores, after: Scores) -> str:
    """Say why a change must not happen; empty when it may.

    ``no dimension drops by 0.5`` means: none loses half a point of 100 or more.
    Without a number no loss at all is let through. What is no drop is a gate
    on the scores after the change.

    Parameters
    ----------
    text
        Conditions joined by ``and``.
    before, after
        Scores by dimension, between 0 and 1.

    Raises
    ------
    RuleError
        A condition cannot be understood.

    Examples
    --------
    >>> judge_change("no dimension drops by 0.5", {"validity": 0.99}, {"validity": 0.98})
    'validity drops by 1.00 points of 100'
    >>> judge_change("validity does not drop", {"validity": 0.98}, {"validity": 0.99})
    ''

    """
    for clause in _clauses(text):
        found = _DROP.fullmatch(clause)
        reason = _dropped(found, before, after) if found else _gate(clause, after)
        if reason:
            return reason
    return ""


def check_condition(text: str, dimensions: Sequence[str] = DIMENSIONS) -> None:
    """Refuse a condition that cannot be understood, before there are scores.

    Parameters
    ----------
    text
        Conditions joined by ``and``.
    dimensions
        Names that a score may have, besides ``overall``.

    Raises
    ------
    RuleError
        What `judge_change` would raise, whatever the scores are.

    Examples
    --------
    >>> check_condition("no dimension drops by 0.5 and overall >= 0.80")
    >>> check_condition("no validty drops")
    Traceback (most recent call last):
        ...
    qforge_jupyter.errors.RuleError: No dimension named 'validty': did you mean 'validity'?

    """
    for clause in _clauses(text):
        names = dict.fromkeys(("overall", *dimensions))
        found = _DROP.fullmatch(clause)
        if found:
            _dropped(found, names, names)
        else:
            _gate(clause, names)


def _clauses(text: str) -> list[str]:
    pieces = re.split(r"\band\b", text, flags=re.IGNORECASE)
    return [" ".join(piece.split()) for piece in pieces]


def _dropped(found: re.Match[str], before: Scores, after: Scores) -> str:
    name = found["name"].lower().strip()
    known = [*before]
    is_every = name in {"dimension", "score"}
    if not is_every and name not in known:
        raise RuleError(f"No dimension named {name!r}{nearest(name, known)}")
    if not found["negated"] and not found["not"]:
        raise RuleError(
            f"A condition says what may not happen, and {found[0]!r} came: "
            f"write 'no {name} drops by 0.5' or '{name} does not drop'"
        )
    most = float(found["number"] or 0.0)
    for each in known if is_every else [name]:
        old, new = before.get(each), after.get(each)
        if old is None:
            continue
        if new is None:
            return f"{each} can no longer be measured"
        fall = (old - new) * POINTS
        if fall > 1e-9 and fall >= most - 1e-9:
            return f"{each} drops by {fall:.2f} points of 100"
    return ""


def _gate(clause: str, after: Scores) -> str:
    names: Sequence[str] = [*DIMENSIONS, *(name for name in after if name != "overall")]
    for condition in read_gate(clause, names).conditions:
        if condition.kind != "score":
            raise RuleError(
                f"A merge is judged by scores, and {clause!r} came: write "
                "'no dimension drops by 0.5' or 'overall >= 0.80'"
            )
        if not condition.holds_for(after.get(condition.name)):
            return condition.reason
    return ""
