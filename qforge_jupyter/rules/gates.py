"""Gates: what has to hold before something passes, as one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from qforge_jupyter.errors import RuleError, nearest

ConditionKind = Literal[
    "score", "no_failed_rule", "no_failed_validation", "no_failed_check", "no_outlier",
    "lineage_approved",
]  # fmt: skip

#: Names that every scorecard has; a caller adds those of other dimensions.
DIMENSIONS = ("completeness", "validity", "consistency", "uniqueness", "accuracy")

_SCORE = re.compile(
    r"(?P<name>[^\W\d][\w ]*?)\s*(?P<operator>>=|<=|==|=|>|<|≥|≤)\s*"
    r"(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<percent>%?)"
)
_SAYINGS: dict[str, tuple[ConditionKind, str]] = {
    "no failed rule": ("no_failed_rule", "a rule failed"),
    "no failed validation": ("no_failed_validation", "a validation failed"),
    "no failed check": ("no_failed_check", "a check failed"),
    "not an outlier": ("no_outlier", "an undocumented outlier"),
    "no outlier": ("no_outlier", "an undocumented outlier"),
    "no undocumented outlier": ("no_outlier", "an undocumented outlier"),
    "lineage approved": ("lineage_approved", "lineage not approved"),
}
_SPELLED = {"=": "==", "≥": ">=", "≤": "<="}
_MISSED = {
    ">=": "below",
    ">": "not above",
    "<=": "above",
    "<": "not below",
    "==": "not equal to",
}
_LONGEST_GATE = 1_000


@dataclass(frozen=True)
class Condition:
    """One condition of a gate.

    Parameters
    ----------
    kind
        ``score`` compares `name` with `threshold`; the others ask whether
        something happened.
    name, operator, threshold
        Of a ``score``; empty and None otherwise.
    reason
        What to say when it is not met.
    place
        Offset in the gate's text.

    """

    kind: ConditionKind
    reason: str
    name: str = ""
    operator: str = ""
    threshold: float | None = None
    place: int = field(default=0, compare=False, repr=False)

    def holds_for(self, value: float | None) -> bool:
        """Say whether a score meets it; a missing or NaN score never does.

        Examples
        --------
        >>> read_gate("overall >= 80%").conditions[0].holds_for(0.79)
        False

        """
        if value is None or self.threshold is None:
            return False
        return {
            ">=": value >= self.threshold,
            ">": value > self.threshold,
            "<=": value <= self.threshold,
            "<": value < self.threshold,
            "==": value == self.threshold,
        }[self.operator]


@dataclass(frozen=True)
class Gate:
    """Conditions that must all be met."""

    conditions: tuple[Condition, ...]
    text: str


def read_gate(text: str, dimensions: Sequence[str] = DIMENSIONS) -> Gate:
    """Read a gate.

    - ``no failed rule``: every rule of ``rules`` holds.
    - ``no failed validation``: and every range, set of values and pattern too.
    - ``no failed check``: and no earlier row has the same key, either; of a key's
      rows only the first is no duplicate.

    A missing value fails none of them: what cannot be asked is not failed, and
    ``completeness >= 0.70`` counts it. ``not an outlier`` lets pass what
    somebody documented.

    Parameters
    ----------
    text
        Conditions joined by ``and``.
    dimensions
        Names that a score may have, besides ``overall``.

    Raises
    ------
    RuleError
        A condition cannot be understood; ``column`` says where it stands.

    Examples
    --------
    >>> gate = read_gate("overall >= 0.80 and no failed rule and lineage approved")
    >>> [condition.reason for condition in gate.conditions]
    ['overall below 0.80', 'a rule failed', 'lineage not approved']

    """
    if not isinstance(text, str) or len(text) > _LONGEST_GATE or not text.strip():
        raise RuleError("That is no gate: write it as 'overall >= 0.80 and no failed rule'")
    names = ("overall", *dimensions)
    conditions, place = [], 0
    for piece in re.split(r"(\band\b)", text, flags=re.IGNORECASE):
        if piece.lower() != "and":
            start = place + len(piece) - len(piece.lstrip())
            conditions.append(_read_condition(piece.strip(), names, start))
        place += len(piece)
    return Gate(tuple(conditions), " ".join(text.split()))


def _read_condition(text: str, names: tuple[str, ...], place: int) -> Condition:
    if not text:
        raise RuleError("A condition is missing beside an 'and'", column=place)
    saying = " ".join(text.lower().split())
    if saying in _SAYINGS:
        kind, reason = _SAYINGS[saying]
        return Condition(kind, reason, place=place)
    found = _SCORE.fullmatch(text)
    if not found:
        known = (*_SAYINGS, *(f"{name} >= 0.80" for name in names))
        raise RuleError(f"No condition {text!r}{nearest(saying, known)}", column=place)
    spelled = {name.replace("_", " "): name for name in names}
    wanted = " ".join(found["name"].lower().replace("_", " ").split())
    if wanted not in spelled:
        raise RuleError(
            f"No dimension named {found['name']!r}{nearest(found['name'], names)}", column=place
        )
    operator = _SPELLED.get(found["operator"], found["operator"])
    threshold = float(found["number"]) / 100 if found["percent"] else float(found["number"])
    shown = found["number"] + found["percent"]
    if not 0 <= threshold <= 1:
        raise RuleError(f"Scores go from 0 to 1 and {shown} came: write 0.80 or 80 %", column=place)
    return Condition(
        "score",
        f"{spelled[wanted]} {_MISSED[operator]} {shown}",
        spelled[wanted],
        operator,
        threshold,
        place,
    )
