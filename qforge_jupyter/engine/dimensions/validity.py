"""Validity: fields within what is allowed / fields checked."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.engine.case import Case, Check, Measure
from qforge_jupyter.errors import CallError, RuleError, blaming, nearest
from qforge_jupyter.results.uncertainty import NotApplicable
from qforge_jupyter.rules.patterns import check_pattern
from qforge_jupyter.rules.ranges import Range, read_range

#: Types besides numbers whose values can be told by how they are written.
WRITTEN = (pl.String, pl.Categorical, pl.Enum, pl.Date, pl.Datetime, pl.Time, pl.Null)


def measure(case: Case) -> Measure | NotApplicable:
    """Ask of each field with a range, a set of values or a pattern if it fits.

    A missing value is not checked (completeness counts it); an infinite one
    is never in a range.
    """
    card = case.card
    if not (card.ranges or card.values or card.patterns):
        return NotApplicable("no range, set of values or pattern is given")
    return Measure(
        (
            *(_range(case, field, text) for field, text in card.ranges.items()),
            *(_values(case, field, allowed) for field, allowed in card.values.items()),
            *(_pattern(case, field, pattern) for field, pattern in card.patterns.items()),
        )
    )


def _known(case: Case, field: str, key: str) -> pl.DataType:
    if field not in case.schema:
        raise CallError(
            f"`{key}` names {field!r}, which is no column of {case.table.name}"
            f"{nearest(field, case.schema.names())}"
        )
    return case.schema[field]


def _range(case: Case, field: str, text: str) -> Check:
    with blaming("ranges", field):
        dtype = _known(case, field, "ranges")
        written = read_range(text)
        unit = case.card.units.get(field)
        wanted = written.converted(unit) if unit and written.unit else written
        wanted.check_type(dtype, field)
    expression = wanted.expression(field)
    if dtype.is_float():
        expression = pl.when(column(field).is_not_nan()).then(expression)
    return Check(
        f"{field} in range", "validity", (field,), _said(text, written, wanted), expression
    )


def _said(text: str, written: Range, wanted: Range) -> str:
    """Show a range as it was written, beside it in the column's unit where that differs."""
    if wanted == written:
        return written.text
    return f"{' '.join(text.split())} ({wanted.rounded.text})"


def _values(case: Case, field: str, allowed: tuple[str, ...]) -> Check:
    with blaming("values", field):
        expression = _allowed(field, _known(case, field, "values"), allowed)
    shown = ", ".join(allowed[:8]) + (f" and {len(allowed) - 8} more" if allowed[8:] else "")
    return Check(f"{field} is known", "validity", (field,), f"one of {shown}", expression)


def _allowed(field: str, dtype: pl.DataType, allowed: tuple[str, ...]) -> pl.Expr:
    """Compare numbers as numbers and everything else as it is written."""
    if dtype.is_float() or dtype.is_decimal():
        kind = dtype if dtype.is_float() else pl.Float64()
        try:
            numbers = pl.Series([float(text) for text in allowed], dtype=kind)
        except ValueError:
            raise RuleError(f"The values of {field!r} are numbers and a text came") from None
        cell = column(field).cast(kind)
        return pl.when(cell.is_not_nan()).then(cell.is_in(numbers.implode()))
    if dtype == pl.Boolean:
        allowed = tuple(text.lower() for text in allowed)
    elif not (dtype.is_integer() or dtype in WRITTEN):
        raise RuleError(f"{field!r} is {dtype}, of which no set of values can be given")
    return column(field).cast(pl.String).is_in(list(allowed))


def _pattern(case: Case, field: str, pattern: str) -> Check:
    with blaming("patterns", field):
        dtype = _known(case, field, "patterns")
        if dtype not in (pl.String, pl.Categorical, pl.Enum):
            raise RuleError(
                f"The pattern of {field!r} needs text and the column is {dtype}: "
                "give it a range or a rule"
            )
        check_pattern(pattern)
    expression = column(field).cast(pl.String).str.contains(pattern)
    return Check(f"{field} has form", "validity", (field,), f"like {pattern}", expression)
