"""Arithmetic that cannot wrap, and terms made alike.

Integers are computed in 128 bits as long as the largest result that their
types allow fits, so that no sum or product ever wraps; beyond that, and
wherever a float or a decimal takes part, in double precision. What is
divided by zero is null: there is nothing to judge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from operator import add, floordiv, mod, mul, or_, sub, truediv

import polars as pl

from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.comparisons import as_duration, same_unit
from qforge_jupyter.rules.terms import EXACT_BITS, NUMBERS, Kind, Term, computed, need, of_value

LARGEST_EXPONENT = 64

_OPERATIONS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "//": floordiv, "%": mod,
}  # fmt: skip


def calculate(left: Term, operator: str, right: Term) -> Term:
    """Apply ``+ - * / // %`` or ``**`` to two terms.

    Raises
    ------
    RuleError
        They cannot be computed with, by type or by unit.

    """
    if operator == "**":
        return _power(left, right)
    if {left.kind, right.kind} & {"date", "datetime", "duration"}:
        return _calculate_times(left, operator, right)
    for term in (left, right):
        need(term, NUMBERS, "numbers", f"{operator!r}")
    if operator in ("+", "-"):
        left, right = same_unit(left, right, is_difference=True)
    _refuse_zero(operator, right)
    unit = _unit_of(left, operator, right)
    bits = _bits_of(left, operator, right)
    if left.kind == right.kind == "integer" and operator != "/" and bits <= EXACT_BITS:
        exact = _OPERATIONS[operator](left.as_wide(), right.as_wide())
        return computed(exact, "integer", left, right, bits=bits, unit=unit)
    divisor = right.as_float().expression
    result = _OPERATIONS[operator](left.as_float().expression, divisor)
    if operator in ("/", "//", "%") and not right.is_literal:
        result = pl.when(divisor != 0).then(result)
    return computed(result, "float", left, right, unit=unit)


def negative(term: Term) -> Term:
    """Change the sign."""
    if term.is_literal and isinstance(term.value, int | float) and term.kind != "boolean":
        return of_value(-term.value, term.place, term.unit)
    if term.kind == "duration":
        return replace(term, expression=-term.expression, dtype=None)
    need(term, NUMBERS, "a number", "'-'")
    if term.kind == "integer" and term.bits <= EXACT_BITS:
        return computed(0 - term.as_wide(), "integer", term, bits=term.bits, unit=term.unit)
    return computed(-term.as_float().expression, "float", term, unit=term.unit)


def absolute(term: Term) -> Term:
    """Take the sign away."""
    if term.kind == "duration":
        return computed(term.expression.abs(), "duration", term)
    need(term, NUMBERS, "a number", "abs()")
    if term.kind == "integer" and term.bits <= EXACT_BITS:
        return computed(term.as_wide().abs(), "integer", term, bits=term.bits, unit=term.unit)
    return computed(term.as_float().expression.abs(), "float", term, unit=term.unit)


def alike(terms: list[Term], doing: str) -> list[Term]:
    """Bring terms to one kind and unit, so that they can stand for each other.

    Raises
    ------
    RuleError
        They have nothing in common.

    """
    known = [term for term in terms if term.kind != "null"]
    kinds = {term.kind for term in known}
    if not known:
        return terms
    first = known[0]
    terms = [same_unit(first, term)[1] for term in terms]
    if kinds == {"integer"} and max(term.bits for term in known) <= EXACT_BITS + 1:
        return [replace(term, expression=term.as_wide(), dtype=None) for term in terms]
    if kinds <= set(NUMBERS):
        return [term.as_float() for term in terms]
    if kinds <= {"text", "enum"}:
        return [replace(term, expression=term.as_text(), kind="text", dtype=None) for term in terms]
    if kinds <= {"date", "datetime"}:
        moment: pl.DataType = pl.Date() if kinds == {"date"} else pl.Datetime("us")
        kind: Kind = "date" if kinds == {"date"} else "datetime"
        return [
            replace(term, expression=term.expression.cast(moment), kind=kind, dtype=moment)
            for term in terms
        ]
    if len(kinds) == 1 and kinds != {"other"}:
        return terms
    odd = next((term for term in known if term.kind != first.kind), first)
    raise RuleError(
        f"{doing} needs values of one kind, and {first.described()} and {odd.described()} are not",
        column=odd.place,
    )


def chosen(terms: list[Term], expression: pl.Expr) -> Term:
    """Make the term of one of several that are alike."""
    known = next((term for term in terms if term.kind != "null"), terms[0])
    bits = max(term.bits for term in terms)
    result = computed(expression, known.kind, *terms, bits=bits, unit=known.unit)
    return replace(result, dtype=known.dtype if known.kind == "datetime" else None)


def extreme(terms: list[Term], *, is_maximum: bool) -> Term:
    """Give the smallest or largest of a row; null or NaN where one is that."""
    name = "max()" if is_maximum else "min()"
    for term in terms:
        need(term, (*NUMBERS, "date", "datetime", "duration"), "numbers or dates", name)
    terms = alike(terms, name)
    parts = [term.expression for term in terms]
    found = pl.max_horizontal(*parts) if is_maximum else pl.min_horizontal(*parts)
    if terms[0].kind == "float":
        has_nan = reduce(or_, (part.is_nan() for part in parts))
        found = pl.when(has_nan).then(float("nan")).otherwise(found)
    has_null = reduce(or_, (part.is_null() for part in parts))
    return chosen(terms, pl.when(~has_null).then(found))


def _calculate_times(left: Term, operator: str, right: Term) -> Term:
    left = as_duration(left) if left.is_quantity else left
    right = as_duration(right) if right.is_quantity else right
    pair = (left.kind, right.kind)
    moments = ("date", "datetime")
    if operator == "-" and pair[0] in moments and pair[1] in moments:
        sides = [term.expression.cast(pl.Datetime("us")) for term in (left, right)]
        return computed(sides[0] - sides[1], "duration", left, right)
    if operator in ("+", "-") and pair[0] in moments and pair[1] == "duration":
        moved = left.expression.cast(pl.Datetime("us"))
        moved = moved + right.expression if operator == "+" else moved - right.expression
        return computed(moved, "datetime", left, right)
    if operator in ("+", "-") and pair == ("duration", "duration"):
        return computed(
            _OPERATIONS[operator](left.expression, right.expression), "duration", left, right
        )
    raise RuleError(
        f"{left.described()} {operator} {right.described()} has no meaning", column=right.place
    )


def _power(base: Term, exponent: Term) -> Term:
    for term in (base, exponent):
        need(term, NUMBERS, "numbers", "'**'")
    power = exponent.value if exponent.is_literal else None
    if not exponent.columns and (
        not isinstance(power, int | float) or abs(power) > LARGEST_EXPONENT
    ):
        raise RuleError(
            f"An exponent is a number between -{LARGEST_EXPONENT} and {LARGEST_EXPONENT}, "
            "or a column",
            column=exponent.place,
        )
    if base.kind == "integer" and isinstance(power, int) and power >= 0:
        bits = max(1, base.bits * power)
        if bits <= EXACT_BITS:
            exact = base.as_wide() ** pl.lit(power, dtype=pl.UInt32)
            return computed(exact, "integer", base, exponent, bits=bits)
    below = base.as_float().expression
    result = below ** exponent.as_float().expression
    if exponent.columns or (isinstance(power, int | float) and power < 0):
        result = pl.when((below != 0) | (exponent.as_float().expression >= 0)).then(result)
    return computed(result, "float", base, exponent)


def _refuse_zero(operator: str, divisor: Term) -> None:
    if operator in ("/", "//", "%") and divisor.is_literal and divisor.value == 0:
        raise RuleError("The rule divides by zero", column=divisor.place)


def _bits_of(left: Term, operator: str, right: Term) -> int:
    if operator in ("+", "-"):
        return max(left.bits, right.bits) + 1
    if operator == "*":
        return left.bits + right.bits
    return max(left.bits, right.bits) + 1


def _unit_of(left: Term, operator: str, right: Term) -> str:
    if operator in ("+", "-", "%"):
        return left.unit or right.unit
    if right.is_literal and not right.unit:
        return left.unit
    if operator == "*" and left.is_literal and not left.unit:
        return right.unit
    return ""
