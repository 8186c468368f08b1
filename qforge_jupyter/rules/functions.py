"""The functions of the rule language, one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.arithmetic import absolute, alike, calculate, chosen, extreme
from qforge_jupyter.rules.comparisons import as_duration, compare, utc
from qforge_jupyter.rules.patterns import check_pattern
from qforge_jupyter.rules.terms import NUMBERS, Term, computed, need, of_value
from qforge_jupyter.rules.units import convert_difference

_MOST_DIGITS = 15
_TEXTS = ("text", "enum")


@dataclass(frozen=True)
class Function:
    """A function, how many arguments it takes, and how it is called."""

    build: Callable[[list[Term]], Term]
    fewest: int
    most: int
    usage: str


def is_close(left: Term, right: Term, tolerance: Term, *, is_relative: bool = False) -> Term:
    """Say whether two terms differ by at most a tolerance.

    A relative tolerance is a share of the right term's magnitude.
    """
    difference = absolute(calculate(left, "-", right))
    if tolerance.is_literal and isinstance(tolerance.value, int | float) and tolerance.value < 0:
        raise RuleError("A tolerance is not negative", column=tolerance.place)
    if is_relative:
        tolerance = replace(tolerance, unit="")
        return compare(difference, "<=", calculate(absolute(right), "*", tolerance))
    if tolerance.is_quantity and difference.kind == "duration":
        tolerance = as_duration(tolerance)
    elif tolerance.is_quantity and difference.unit and isinstance(tolerance.value, int | float):
        try:
            value = convert_difference(tolerance.value, tolerance.unit, difference.unit)
        except RuleError as error:
            raise RuleError(error.message, column=tolerance.place) from None
        tolerance = of_value(value, tolerance.place, difference.unit)
    return compare(difference, "<=", tolerance)


def _is_finite(parts: list[Term]) -> Term:
    need(parts[0], NUMBERS, "a number", "is_finite()")
    return computed(parts[0].as_float().expression.is_finite(), "boolean", parts[0])


def _matches(parts: list[Term]) -> Term:
    text, pattern = parts
    need(text, _TEXTS, "a text", "matches()")
    if not pattern.is_literal or not isinstance(pattern.value, str):
        raise RuleError("matches() needs its pattern in quotes", column=pattern.place)
    found = text.as_text().str.contains(check_pattern(pattern.value, place=pattern.place))
    return computed(found, "boolean", text)


def _length(parts: list[Term]) -> Term:
    term = parts[0]
    if isinstance(term.dtype, pl.List):
        return computed(term.expression.list.len(), "integer", term, bits=32)
    if isinstance(term.dtype, pl.Array):
        return computed(term.expression.arr.len(), "integer", term, bits=32)
    need(term, _TEXTS, "a text or a list", "len()")
    return computed(term.as_text().str.len_chars(), "integer", term, bits=32)


def _part_of_time(name: str, *kinds: str) -> Callable[[list[Term]], Term]:
    def build(parts: list[Term]) -> Term:
        need(parts[0], kinds, "a date or a datetime", f"{name}()")
        expression = getattr(utc(parts[0]).dt, name)().cast(pl.Int64)
        return computed(expression, "integer", parts[0], bits=63)

    return build


def _rounded(name: str) -> Callable[[list[Term]], Term]:
    def build(parts: list[Term]) -> Term:
        term = parts[0]
        need(term, NUMBERS, "a number", f"{name}()")
        digits = parts[1].value if len(parts) > 1 else 0
        if not isinstance(digits, int) or not 0 <= digits <= _MOST_DIGITS:
            raise RuleError(f"{name}() rounds to 0 to {_MOST_DIGITS} digits", column=parts[1].place)
        if term.kind == "integer":
            return term
        number = term.as_float().expression
        result = number.round(digits) if name == "round" else getattr(number, name)()
        return computed(result, "float", term, unit=term.unit)

    return build


def _of_float(name: str) -> Callable[[list[Term]], Term]:
    def build(parts: list[Term]) -> Term:
        need(parts[0], NUMBERS, "a number", f"{name}()")
        return computed(getattr(parts[0].as_float().expression, name)(), "float", parts[0])

    return build


def _of_text(name: str, method: str) -> Callable[[list[Term]], Term]:
    def build(parts: list[Term]) -> Term:
        need(parts[0], _TEXTS, "a text", f"{name}()")
        return computed(getattr(parts[0].as_text().str, method)(), "text", parts[0])

    return build


def _of_two_texts(name: str, method: str) -> Callable[[list[Term]], Term]:
    def build(parts: list[Term]) -> Term:
        for part in parts:
            need(part, _TEXTS, "texts", f"{name}()")
        options = {"literal": True} if method == "contains" else {}
        found = getattr(parts[0].as_text().str, method)(parts[1].as_text(), **options)
        return computed(found, "boolean", *parts)

    return build


def _coalesce(parts: list[Term]) -> Term:
    for part in parts[:-1]:
        if not part.columns:
            raise RuleError("coalesce() never comes to what follows a value", column=part.place)
    same = alike(parts, "coalesce()")
    return chosen(same, pl.coalesce(*(part.expression for part in same)))


_MANY = 50

FUNCTIONS: dict[str, Function] = {
    "abs": Function(lambda parts: absolute(parts[0]), 1, 1, "abs(x)"),
    "close": Function(lambda parts: is_close(*parts), 3, 3, "close(a, b, tolerance)"),
    "is_null": Function(
        lambda parts: computed(parts[0].expression.is_null(), "boolean", parts[0]),
        1, 1, "is_null(x)",
    ),
    "not_null": Function(
        lambda parts: computed(parts[0].expression.is_not_null(), "boolean", parts[0]),
        1, 1, "not_null(x)",
    ),
    "is_finite": Function(_is_finite, 1, 1, "is_finite(x)"),
    "matches": Function(_matches, 2, 2, "matches(text, 'pattern')"),
    "len": Function(_length, 1, 1, "len(text)"),
    "year": Function(_part_of_time("year", "date", "datetime"), 1, 1, "year(date)"),
    "month": Function(_part_of_time("month", "date", "datetime"), 1, 1, "month(date)"),
    "day": Function(_part_of_time("day", "date", "datetime"), 1, 1, "day(date)"),
    "hour": Function(_part_of_time("hour", "datetime", "time"), 1, 1, "hour(datetime)"),
    "min": Function(lambda parts: extreme(parts, is_maximum=False), 2, _MANY, "min(a, b, ...)"),
    "max": Function(lambda parts: extreme(parts, is_maximum=True), 2, _MANY, "max(a, b, ...)"),
    "round": Function(_rounded("round"), 1, 2, "round(x, digits)"),
    "floor": Function(_rounded("floor"), 1, 1, "floor(x)"),
    "ceil": Function(_rounded("ceil"), 1, 1, "ceil(x)"),
    "sqrt": Function(_of_float("sqrt"), 1, 1, "sqrt(x)"),
    "log": Function(_of_float("log"), 1, 1, "log(x)"),
    "log10": Function(_of_float("log10"), 1, 1, "log10(x)"),
    "exp": Function(_of_float("exp"), 1, 1, "exp(x)"),
    "lower": Function(_of_text("lower", "to_lowercase"), 1, 1, "lower(text)"),
    "upper": Function(_of_text("upper", "to_uppercase"), 1, 1, "upper(text)"),
    "strip": Function(_of_text("strip", "strip_chars"), 1, 1, "strip(text)"),
    "starts_with": Function(
        _of_two_texts("starts_with", "starts_with"), 2, 2, "starts_with(text, start)"
    ),
    "ends_with": Function(_of_two_texts("ends_with", "ends_with"), 2, 2, "ends_with(text, end)"),
    "contains": Function(_of_two_texts("contains", "contains"), 2, 2, "contains(text, part)"),
    "coalesce": Function(_coalesce, 2, _MANY, "coalesce(a, b, ...)"),
}  # fmt: skip
