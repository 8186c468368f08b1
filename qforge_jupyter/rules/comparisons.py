"""Comparisons: exact for integers, by day for dates, false for NaN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.errors import RuleError, nearest
from qforge_jupyter.rules.terms import EXACT_BITS, Term, computed, of_value
from qforge_jupyter.rules.tokens import read_moment
from qforge_jupyter.rules.units import affine, convert

Operation = Callable[[pl.Expr, pl.Expr], pl.Expr]

OPERATIONS: dict[str, Operation] = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
_EQUALITIES = ("==", "!=")
_EXACT_FLOAT_BITS = 53
_NARROW: dict[type[pl.DataType], type[np.floating[Any]]] = {
    pl.Float32: np.float32,
    pl.Float16: np.float16,
}


def compare(left: Term, operator: str, right: Term) -> Term:
    """Compare two terms; null where one is null, false where one is NaN.

    Raises
    ------
    RuleError
        The two cannot be compared, by type or by unit.

    """
    left, right = _literal_like(left, right), _literal_like(right, left)
    left, right = same_unit(left, right)
    both = {left.kind, right.kind}
    if "null" in both:
        expression = _never(left, right)
    elif left.is_number and right.is_number:
        expression = _compare_numbers(left, operator, right)
    elif both <= {"text", "enum"}:
        expression = _compare_texts(left, operator, right)
    elif both <= {"date", "datetime"}:
        expression = _compare_times(left, operator, right)
    elif left.kind == right.kind and left.kind != "other":
        if left.kind == "boolean" and operator not in _EQUALITIES:
            raise _clash(left, right, "put in order")
        expression = OPERATIONS[operator](left.expression, right.expression)
    else:
        raise _clash(left, right, "compared")
    return computed(expression, "boolean", left, right)


def is_among(term: Term, values: list[Term]) -> Term:
    """Say whether a term equals one of the literal values."""
    texts = [value.value for value in values if isinstance(value.value, str)]
    if term.kind in ("text", "enum") and len(texts) == len(values):
        inside = term.as_text().is_in(pl.Series(texts, dtype=pl.String).implode())
        return computed(inside, "boolean", term)
    matches = [compare(term, "==", value).expression for value in values]
    if not matches:
        # Nothing is among no values, and a null still cannot be judged.
        return computed(term.expression != term.expression, "boolean", term)
    return computed(reduce(or_, matches), "boolean", term)


def is_outside(term: Term, values: list[Term]) -> Term:
    """Say whether a term differs from every literal value; false for NaN."""
    matches = [compare(term, "!=", value).expression for value in values]
    if not matches:
        inside = is_among(term, values)
        return replace(inside, expression=~inside.expression)
    return computed(reduce(and_, matches), "boolean", term)


def same_unit(left: Term, right: Term, *, is_difference: bool = False) -> tuple[Term, Term]:
    """Bring the right term to the left one's unit where both are known."""
    if left.is_quantity and not right.is_quantity:
        right, left = same_unit(right, left, is_difference=is_difference)
        return left, right
    if left.kind == "duration" and right.is_quantity:
        return left, as_duration(right)
    if not left.unit or not right.unit or left.unit == right.unit:
        return left, right
    try:
        if right.is_literal and isinstance(right.value, int | float):
            value = convert(float(right.value), right.unit, left.unit)
            return left, of_value(value, right.place, left.unit)
        scale, shift = affine(right.unit, left.unit)
    except RuleError as error:
        raise RuleError(error.message, column=right.place) from None
    if shift and is_difference:
        raise RuleError(
            f"{left.unit!r} and {right.unit!r} have different zeros: "
            "convert one column before computing with both",
            column=right.place,
        )
    scaled = right.as_float().expression * scale + shift
    return left, replace(right.as_float(), expression=scaled, unit=left.unit)


def as_duration(quantity: Term) -> Term:
    """Read a quantity such as ``3 days`` as a length of time."""
    try:
        seconds = convert(float(quantity.value), quantity.unit, "second")  # type: ignore[arg-type]
        length = timedelta(seconds=seconds)
    except RuleError as error:
        raise RuleError(error.message, column=quantity.place) from None
    except OverflowError:
        raise RuleError("That duration is too long", column=quantity.place) from None
    return replace(quantity, expression=pl.lit(length), kind="duration", unit="")


def _compare_numbers(left: Term, operator: str, right: Term) -> pl.Expr:
    operation = OPERATIONS[operator]
    if left.kind == right.kind == "integer":
        if left.dtype is not None and left.dtype == right.dtype:
            return operation(left.expression, right.expression)
        if max(left.bits, right.bits) <= EXACT_BITS + 1:
            return operation(left.as_wide(), right.as_wide())
    decimals = _as_decimals(left, right)
    if decimals:
        return operation(*decimals)
    left, right = _single_like(left, right), _single_like(right, left)
    if left.kind == "integer" and right.kind == "float" and left.bits > _EXACT_FLOAT_BITS:
        compared = _compare_wide(left, operator, right)
    elif right.kind == "integer" and left.kind == "float" and right.bits > _EXACT_FLOAT_BITS:
        flipped = operator.translate(str.maketrans("<>", "><"))
        compared = _compare_wide(right, flipped, left)
    else:
        compared = operation(left.as_float().expression, right.as_float().expression)
    nans = [
        term.expression.is_nan()
        for term in (left, right)
        if term.kind == "float" and not term.is_literal
    ]
    return _and_not(compared, reduce(or_, nans)) if nans else compared


def _compare_wide(whole: Term, operator: str, number: Term) -> pl.Expr:
    """Compare integers beyond 2^53 with floats exactly, in whole numbers."""
    if whole.bits > EXACT_BITS:
        return OPERATIONS[operator](whole.as_float().expression, number.as_float().expression)
    value = number.as_float().expression.fill_nan(0.0)
    rounded = value.ceil() if operator in ("<", ">=") else value.floor()
    # The square of the least 64-bit integer is 2**126 itself: what is clipped stays beyond it.
    limit = 1.5 * 2.0**EXACT_BITS
    wide, rounded_wide = whole.as_wide(), rounded.clip(-limit, limit).cast(pl.Int128)
    if operator not in _EQUALITIES:
        return OPERATIONS[operator](wide, rounded_wide)
    equal = _and_not(wide == rounded_wide, value != rounded)
    return equal if operator == "==" else ~equal


def _and_not(claim: pl.Expr, hindrance: pl.Expr) -> pl.Expr:
    """Join two Booleans; unlike ``&``, null wherever the claim is null."""
    return claim > hindrance


def _as_decimals(left: Term, right: Term) -> tuple[pl.Expr, pl.Expr] | None:
    """Give both as decimals where that is exact, else None."""
    sides = []
    for term in (left, right):
        if term.kind == "decimal":
            sides.append(term.expression)
        elif term.is_literal and term.kind in ("integer", "float"):
            value = Decimal(repr(term.value))
            exponent = value.as_tuple().exponent
            if not isinstance(exponent, int) or exponent < -18 or abs(value) >= 10**18:
                return None
            sides.append(pl.lit(Decimal(f"{value:f}")))
        else:
            return None
    return (sides[0], sides[1]) if "decimal" in (left.kind, right.kind) else None


def _single_like(term: Term, other: Term) -> Term:
    """Round a literal as the other side's narrow floats are: 0.1 is their 0.1."""
    if not term.is_literal or not isinstance(term.value, float) or other.dtype is None:
        return term
    narrow = _NARROW.get(other.dtype.base_type())
    if narrow is None:
        return term
    with np.errstate(over="ignore"):
        return of_value(float(narrow(term.value)), term.place, term.unit)


def _compare_texts(left: Term, operator: str, right: Term) -> pl.Expr:
    operation = OPERATIONS[operator]
    known = next((term for term in (left, right) if term.kind == "enum"), None)
    if known is None or operator in _EQUALITIES:
        return operation(left.as_text(), right.as_text())
    other = right if known is left else left
    if isinstance(known.dtype, pl.Enum) and isinstance(other.value, str):
        categories = known.dtype.categories.to_list()
        if other.value not in categories:
            raise RuleError(
                f"{known.described()[:80]} has no category {other.value!r}"
                f"{nearest(other.value, categories)}",
                column=other.place,
            )
        place = categories.index(other.value)
        here, there = known.expression.to_physical().cast(pl.Int64), pl.lit(place)
        return operation(here, there) if known is left else operation(there, here)
    if left.dtype == right.dtype:
        return operation(left.expression.to_physical(), right.expression.to_physical())
    raise _clash(left, right, "put in order")


def _compare_times(left: Term, operator: str, right: Term) -> pl.Expr:
    """Compare moments in UTC, and by day where one side is a day."""
    operation = OPERATIONS[operator]
    if "date" in (left.kind, right.kind):
        return operation(utc(left).cast(pl.Date), utc(right).cast(pl.Date))
    units = {term.dtype.time_unit for term in (left, right) if isinstance(term.dtype, pl.Datetime)}
    if len(units) > 1:  # Polars would round to the coarser of the two.
        return operation(_nanoseconds(left), _nanoseconds(right))
    return operation(utc(left), utc(right))


def utc(term: Term) -> pl.Expr:
    """Take a time zone off, in UTC; literals are in UTC already."""
    if isinstance(term.dtype, pl.Datetime) and term.dtype.time_zone:
        return term.expression.cast(pl.Datetime(term.dtype.time_unit))
    return term.expression


def _nanoseconds(term: Term) -> pl.Expr:
    unit = term.dtype.time_unit if isinstance(term.dtype, pl.Datetime) else "us"
    factor = {"ns": 1, "us": 1_000, "ms": 1_000_000}[unit]
    return term.expression.to_physical().cast(pl.Int128) * factor


def _literal_like(term: Term, other: Term) -> Term:
    """Read a text beside a date as a date; put a literal moment in UTC."""
    if not term.is_literal:
        return term
    value = term.value
    if isinstance(value, str) and other.kind in ("date", "datetime"):
        value = read_moment(value.replace(" ", "T", 1), term.place)
    elif isinstance(value, str) and other.kind == "time":
        try:
            value = time.fromisoformat(value)
        except ValueError:
            raise RuleError(f"{value!r} is no time of day", column=term.place) from None
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC).replace(tzinfo=None)
    is_changed = isinstance(value, date | time)
    return of_value(value, term.place, term.unit) if is_changed else term


def _never(left: Term, right: Term) -> pl.Expr:
    if (left.kind == "null" and left.is_literal) or (right.kind == "null" and right.is_literal):
        raise RuleError(
            "Nothing equals null: write 'is null' or 'is not null'",
            column=left.place if left.is_literal else right.place,
        )
    empty = left if left.kind == "null" else right
    return empty.expression.cast(pl.Boolean)


def _clash(left: Term, right: Term, verb: str) -> RuleError:
    return RuleError(
        f"{left.described()} and {right.described()} cannot be {verb}", column=right.place
    )
