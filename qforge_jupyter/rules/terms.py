"""Terms: the typed halves that a rule is put together from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Literal

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.errors import RuleError

Kind = Literal[
    "boolean", "integer", "float", "decimal", "text", "enum", "date", "datetime", "duration",
    "time", "null", "other",
]  # fmt: skip
Value = str | int | float | bool | date | datetime | time | None

#: Widest integer that is computed exactly, in Polars' Int128.
EXACT_BITS = 126

_BITS: dict[type[pl.DataType], int] = {
    pl.Int8: 7, pl.Int16: 15, pl.Int32: 31, pl.Int64: 63, pl.Int128: 127,
    pl.UInt8: 8, pl.UInt16: 16, pl.UInt32: 32, pl.UInt64: 64, pl.UInt128: 128,
}  # fmt: skip
_KINDS: dict[type[pl.DataType], Kind] = {
    pl.Boolean: "boolean", pl.String: "text", pl.Categorical: "text", pl.Enum: "enum",
    pl.Date: "date", pl.Datetime: "datetime", pl.Duration: "duration", pl.Time: "time",
    pl.Null: "null", pl.Decimal: "decimal",
}  # fmt: skip
_NOUNS: dict[str, str] = {
    "boolean": "true or false", "integer": "a whole number", "float": "a number",
    "decimal": "a decimal number", "text": "a text", "enum": "a text", "date": "a date",
    "datetime": "a datetime", "duration": "a duration", "time": "a time", "null": "a null",
    "other": "a nested value",
}  # fmt: skip
NUMBERS = ("integer", "float", "decimal")


@dataclass(frozen=True)
class Term:
    """An expression and what is known of it without running it.

    Parameters
    ----------
    expression
        What Polars runs.
    kind
        What its values are.
    place
        Offset in the rule, for errors.
    name
        How a sentence calls it.
    dtype
        Of a bare column; None of anything computed.
    bits
        Bound on an integer's magnitude, so that arithmetic cannot wrap.
    unit
        Of measure; empty when not known.
    value
        Of a literal.
    is_literal
        Whether `value` is what the term is.
    columns
        Those it reads.

    """

    expression: pl.Expr
    kind: Kind
    place: int = 0
    name: str = "this"
    dtype: pl.DataType | None = None
    bits: int = 0
    unit: str = ""
    value: Value = None
    is_literal: bool = False
    columns: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether it can be computed with."""
        return self.kind in NUMBERS

    @property
    def is_quantity(self) -> bool:
        """Whether it is a number written with its unit."""
        return self.is_literal and bool(self.unit)

    def described(self) -> str:
        """Say what it is, as in ``'status' (String)``."""
        if self.dtype is not None:
            return f"{self.name!r} ({self.dtype})"
        return f"{self.name} ({_NOUNS[self.kind]})"

    def as_float(self) -> Term:
        """Give the same number in double precision."""
        if self.kind == "float" and self.dtype in (None, pl.Float64):
            return self
        return replace(
            self, expression=self.expression.cast(pl.Float64), kind="float", dtype=None, bits=0
        )

    def as_wide(self) -> pl.Expr:
        """Give the same integer in 128 bits."""
        return self.expression.cast(pl.Int128)

    def as_text(self) -> pl.Expr:
        """Give a categorical or enumerated value as its text."""
        is_plain = self.is_literal or self.dtype in (None, pl.String)
        return self.expression if is_plain else self.expression.cast(pl.String)


def of_column(name: str, dtype: pl.DataType, place: int, unit: str) -> Term:
    """Make the term of a bare column."""
    kind: Kind = _KINDS.get(dtype.base_type(), "other")
    bits = _BITS.get(dtype.base_type(), 0)
    if bits:
        kind = "integer"
    elif dtype.is_float():
        kind = "float"
    return Term(column(name), kind, place, name, dtype=dtype, bits=bits, unit=unit, columns=(name,))


def of_value(value: Value, place: int, unit: str = "") -> Term:
    """Make the term of a literal."""
    expression, kind, bits = pl.lit(value), _kind_of(value), 0
    if kind == "integer" and isinstance(value, int):
        bits = max(1, value.bit_length())
        expression = pl.lit(value, dtype=pl.Int64 if bits < 64 else pl.Int128)
    shown = value.isoformat() if isinstance(value, date | time) else repr(value)
    return Term(expression, kind, place, shown, bits=bits, unit=unit, value=value, is_literal=True)


def _kind_of(value: Value) -> Kind:
    kinds: tuple[tuple[type, Kind], ...] = (
        (bool, "boolean"), (int, "integer"), (float, "float"), (str, "text"),
        (datetime, "datetime"), (date, "date"), (time, "time"),
    )  # fmt: skip
    return next((kind for known, kind in kinds if isinstance(value, known)), "null")


def computed(
    expression: pl.Expr, kind: Kind, *parts: Term, name: str = "", bits: int = 0, unit: str = ""
) -> Term:
    """Make the term of something computed from others."""
    read = tuple(dict.fromkeys(column for part in parts for column in part.columns))
    shown = name or f"the value computed from {read[0]!r}" if read else "a computed value"
    place = parts[0].place if parts else 0
    return Term(expression, kind, place, shown, bits=bits, unit=unit, columns=read)


def need(term: Term, wanted: tuple[str, ...], noun: str, doing: str) -> None:
    """Raise when a term is none of the wanted kinds; a null is any kind."""
    if term.kind in wanted or term.kind == "null":
        return
    raise RuleError(f"{doing} needs {noun}, and {term.described()} is none", column=term.place)
