"""Gathers what a reader finds, and says it in our language."""

from __future__ import annotations

import json
import keyword
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from qforge_jupyter.errors import FormatError, RuleError
from qforge_jupyter.results.imported_rules import ImportedRules
from qforge_jupyter.rules.patterns import check_pattern
from qforge_jupyter.rules.ranges import Range, read_range

LONGEST_SOURCE = 1_000_000
TYPE_IS_SETTLED = "a column's type is settled when it is read"

_WORDS = {"and", "or", "not", "in", "is", "if", "else", "within", "implies", "null", "none",
          "true", "false"}  # fmt: skip
#: Polars' engine reads these otherwise than Python: sets inside [...], and
#: possessive repetition.
_FOREIGN = re.compile(r"\[[^\]\\]*(?:\\.[^\]\\]*)*(?:\[|&&|--|~~)|(?<!\\)[*+?}]\+")


@dataclass
class Collector:
    """Everything found so far; `finish` freezes it."""

    required: dict[str, None] = field(default_factory=dict)
    optional: dict[str, None] = field(default_factory=dict)
    ranges: dict[str, Range] = field(default_factory=dict)
    values: dict[str, tuple[object, ...]] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    unique_by: tuple[str, ...] = ()
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def require(self, name: str) -> None:
        """Note a column that must hold no null."""
        self.required[name] = None

    def allow(self, name: str) -> None:
        """Note a column that is known and may hold nulls."""
        self.optional[name] = None

    def skip(self, what: str, why: str) -> None:
        """Note what has no equivalent."""
        self.skipped.append((what, why))

    def bound(  # noqa: PLR0913 — a range has two ends of two kinds
        self,
        name: str,
        what: str,
        low: Any = None,
        high: Any = None,
        *,
        low_is_open: bool = False,
        high_is_open: bool = False,
    ) -> None:
        """Narrow the range of a column."""
        low, high = _plain(low), _plain(high)
        low = None if low == -math.inf else low
        high = None if high == math.inf else high
        if low is None and high is None:
            return self.skip(what, "it has no end")
        if not all(_is_bound(end) for end in (low, high)):
            return self.skip(what, "its ends are neither numbers nor dates")
        wanted = Range(
            low, high, low is not None and low_is_open, high is not None and high_is_open
        )
        try:
            known = self.ranges.get(name)
            wanted = wanted if known is None else _intersect(known, wanted)
            self.ranges[name] = read_range(wanted.text)
        except (RuleError, TypeError):
            self.skip(what, "together with the other ends nothing would be allowed")

    def allow_values(self, name: str, what: str, values: Iterable[Any]) -> None:
        """Note the only values of a column."""
        listed = tuple(values)
        if any(literal(value) is None for value in listed):
            self.skip(what, "a value is no text, number, date or truth value")
        elif name not in self.values:
            self.values[name] = listed
        else:
            self.rule(what, f"{quoted(name)} in {_listed(listed)}")

    def match(self, name: str, what: str, pattern: Any) -> None:
        """Note a pattern that each text of a column has to hold."""
        usable = self.usable_pattern(what, pattern)
        if usable is None:
            return
        if name not in self.patterns:
            self.patterns[name] = usable
        else:
            self.rule(what, f"matches({quoted(name)}, {literal(usable)})")

    def usable_pattern(self, what: str, pattern: Any) -> str | None:
        """Give the pattern if our engine reads it as Python does, else skip."""
        if not isinstance(pattern, str) or _FOREIGN.search(pattern):
            self.skip(what, "our engine reads the pattern otherwise than Python")
            return None
        try:
            return check_pattern(pattern)
        except RuleError as error:
            self.skip(what, error.message)
            return None

    def lengths(self, name: str, what: str, low: int | None, high: int | None) -> None:
        """Note how long a text may be."""
        ends = ("" if low is None else f"{low} <= ", "" if high is None else f" <= {high}")
        if not any(ends):
            return self.skip(what, "it has no end")
        return self.rule(what, f"{ends[0]}len({quoted(name)}){ends[1]}")

    def rule(self, name: str, text: str | None) -> None:
        """Note a rule; a name that is taken gets a number."""
        if text is None:
            return self.skip(name, "a value is no text, number, date or truth value")
        if len(text) > 2_000:
            return self.skip(name, "it is longer than a rule may be")
        free, count = name, 2
        while free in self.rules:
            free, count = f"{name} ({count})", count + 1
        self.rules[free] = text
        return None

    def compare(self, name: str, what: str, operator: str, value: Any) -> None:
        """Note a comparison of a column with a value."""
        spelled = literal(value)
        self.rule(what, None if spelled is None else f"{quoted(name)} {operator} {spelled}")

    def among(self, name: str, what: str, values: Iterable[Any], *, is_inside: bool) -> None:
        """Note a rule about a list of values."""
        listed = tuple(values)
        if any(literal(value) is None for value in listed):
            self.skip(what, "a value is no text, number, date or truth value")
        else:
            self.rule(what, f"{quoted(name)} {'in' if is_inside else 'not in'} {_listed(listed)}")

    def unique(self, names: Iterable[str], what: str) -> None:
        """Note what names a row; there is one such key."""
        key = tuple(names)
        if self.unique_by and set(self.unique_by) != set(key):
            self.skip(what, f"rows are unique by {', '.join(self.unique_by)} already")
        else:
            self.unique_by = key

    def finish(self) -> ImportedRules:
        """Freeze it."""
        return ImportedRules(
            tuple(self.required),
            tuple(name for name in self.optional if name not in self.required),
            {name: found.text for name, found in self.ranges.items()},
            self.values,
            self.patterns,
            self.rules,
            self.unique_by,
            tuple(self.skipped),
        )


def quoted(name: str) -> str:
    """Spell a column in a rule, in backticks where it needs them."""
    is_plain = name.isidentifier() and name.isascii() and not keyword.iskeyword(name)
    if is_plain and name.lower() not in _WORDS:
        return name
    if "`" in name:
        raise RuleError(f"The column {name!r} has a backtick in its name: rename it")
    return f"`{name}`"


def literal(value: Any) -> str | None:
    """Spell a value in a rule; None when a rule cannot hold it."""
    value = _plain(value)
    if isinstance(value, datetime):
        return None if value.microsecond and value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else None
    return repr(value) if isinstance(value, bool | int | str) else None


def parsed_json(source: Any, noun: str) -> dict[str, Any]:
    """Give a dict from a dict or from JSON text."""
    if isinstance(source, str | bytes):
        if len(source) > LONGEST_SOURCE:
            raise FormatError(f"The {noun} is longer than 1 MB")
        try:
            source = json.loads(source)
        except (ValueError, RecursionError):
            raise FormatError(f"The {noun} is no JSON: give its text or the parsed dict") from None
    if not isinstance(source, dict):
        raise FormatError(f"The {noun} came as {type(source).__name__}: a dict or JSON is wanted")
    return source


def _listed(values: tuple[object, ...]) -> str:
    return "[" + ", ".join(str(literal(value)) for value in values) + "]"


def _plain(value: Any) -> Any:
    """Take a NumPy scalar for the Python value it holds."""
    return value.item() if hasattr(value, "item") and not isinstance(value, date) else value


def _is_bound(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (is_number and math.isfinite(value)) or isinstance(value, date)


def _intersect(one: Range, other: Range) -> Range:
    low, low_is_open = one.low, one.low_is_open
    if low is None or (other.low is not None and other.low >= low):  # type: ignore[operator]
        is_same = low == other.low
        low, low_is_open = other.low, other.low_is_open or (is_same and low_is_open)
    high, high_is_open = one.high, one.high_is_open
    if high is None or (other.high is not None and other.high <= high):  # type: ignore[operator]
        is_same = high == other.high
        high, high_is_open = other.high, other.high_is_open or (is_same and high_is_open)
    return Range(low, high, low_is_open, high_is_open)
