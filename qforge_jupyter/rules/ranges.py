"""Ranges: how far a value may go, written as people write it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.units import check_unit, convert

Bound = int | float | date | datetime

_HINT = "write it as '0 .. 50 eV', '.. 0', '0 <..< 50' or '>= 0.7'"
_LONGEST_RANGE = 200
_SPAN = re.compile(r"(?P<low>.*?)(?P<open_low><?)\.\.(?P<open_high><?)(?P<high>.*)", re.DOTALL)
_SIDE = re.compile(r"(?P<operator>>=|<=|>|<|≥|≤)(?P<bound>.*)", re.DOTALL)
_NUMBER = re.compile(
    r"(?P<number>[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>\D.*)?", re.DOTALL
)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?\S*")


@dataclass(frozen=True)
class Range:
    """From where to where a value is allowed.

    Parameters
    ----------
    low, high
        Number, date or datetime; None where there is no end.
    low_is_open, high_is_open
        The end itself is not allowed.
    unit
        Of the numbers; empty when they are in the column's own.

    """

    low: Bound | None = None
    high: Bound | None = None
    low_is_open: bool = False
    high_is_open: bool = False
    unit: str = ""

    @property
    def is_temporal(self) -> bool:
        """Whether the ends are dates or datetimes."""
        return isinstance(self.low if self.low is not None else self.high, date)

    @property
    def text(self) -> str:
        """The canonical spelling; `read_range` reads it back to an equal range.

        Examples
        --------
        >>> read_range(">0 eV").text
        '0 eV <..'
        >>> read_range("0..5%").text
        '0 .. 0.05'

        """
        dots = ("<" if self.low_is_open else "") + ".." + ("<" if self.high_is_open else "")
        low, high = _spell(self.low), _spell(self.high)
        if self.unit and high:
            high = f"{high} {self.unit}"
        elif self.unit:
            low = f"{low} {self.unit}"
        return " ".join(part for part in (low, dots, high) if part)

    def expression(self, column_name: str) -> pl.Expr:
        """Say of each cell whether it lies inside.

        A null cell gives null (there is nothing to judge); NaN and the
        infinities are outside of every range. Dates are compared with the
        day of a datetime cell; a cell with a time zone is taken in UTC.

        Examples
        --------
        >>> frame = pl.DataFrame({"gap": [3.0, 60.0, None, float("nan")]})
        >>> frame.select(read_range("0 .. 50 eV").expression("gap"))["gap"].to_list()
        [True, False, None, False]

        """
        cell = column(column_name)
        low, high = self.low, self.high
        if self.is_temporal:
            cell, low, high = _in_time(cell, self.is_by_day, low, high)
        above = below = None
        if low is not None:
            above = cell > low if self.low_is_open else cell >= low
        elif not self.is_temporal:
            above = cell > -math.inf
        if high is not None:
            below = cell < high if self.high_is_open else cell <= high
        elif not self.is_temporal:
            below = cell < math.inf
        if above is None or below is None:
            return (above if below is None else below).alias(column_name)  # type: ignore[union-attr]
        return (above & below).alias(column_name)

    @property
    def is_by_day(self) -> bool:
        """Whether the ends are days, without a time."""
        bound = self.low if self.low is not None else self.high
        return isinstance(bound, date) and not isinstance(bound, datetime)

    def converted(self, to_unit: str) -> Range:
        """Give the same range in another unit; one without a unit just takes it.

        Examples
        --------
        >>> read_range("0 .. 1 nm").converted("angstrom").text
        '0 .. 10 angstrom'

        """
        if not to_unit or to_unit == self.unit:
            return self
        if self.is_temporal:
            raise RuleError(f"The range {self.text!r} holds dates: it has no unit to convert")
        low, high = (
            _whole(convert(bound, self.unit, to_unit)) if self.unit and bound is not None else bound
            for bound in (_number(self.low), _number(self.high))
        )
        return Range(low, high, self.low_is_open, self.high_is_open, to_unit)

    @property
    def rounded(self) -> Range:
        """The same with ends of six digits, to be read and not to be compared with.

        Examples
        --------
        >>> read_range("280 .. 310 kelvin").converted("degC").rounded.text
        '6.85 .. 36.85 degC'

        """
        low, high = (
            _whole(float(f"{bound:.6g}")) if isinstance(bound, float) else bound
            for bound in (self.low, self.high)
        )
        return replace(self, low=low, high=high)

    def check_type(self, dtype: pl.DataType, column_name: str) -> None:
        """Raise a `RuleError` when cells of that type cannot lie in a range.

        Examples
        --------
        >>> read_range("0 ..").check_type(pl.String(), "s")
        Traceback (most recent call last):
        ...
        qforge_jupyter.errors.RuleError: The column 's' holds String; the range '0 ..' needs numbers

        """
        if dtype == pl.Null:
            return
        wanted = "dates or datetimes" if self.is_temporal else "numbers"
        fits = dtype in (pl.Date, pl.Datetime) if self.is_temporal else dtype.is_numeric()
        if not fits:
            raise RuleError(
                f"The column {column_name!r} holds {dtype}; the range {self.text!r} needs {wanted}"
            )


def read_range(text: str) -> Range:
    """Read a range as people write it.

    ``0 .. 50 eV`` holds both ends, ``0 <..< 50`` neither; ``.. 0 eV`` and
    ``0 ..`` have one end, as have ``> 0``, ``>= 0.7``, ``< 0 eV``, ``<= 3``.
    ``5%`` is 0.05. Dates and datetimes are ISO 8601.

    Raises
    ------
    RuleError
        It is no range, is empty (low above high), or its unit is unknown.

    Examples
    --------
    >>> read_range("0 <.. 50 eV")
    Range(low=0, high=50, low_is_open=True, high_is_open=False, unit='eV')
    >>> read_range("2020-01-01 .. 2024-12-31").text
    '2020-01-01 .. 2024-12-31'

    """
    if not isinstance(text, str) or len(text) > _LONGEST_RANGE:
        raise RuleError(f"That is no range: {_HINT}")
    plain = text.replace("\u2212", "-").strip()
    side, span = _SIDE.fullmatch(plain), _SPAN.fullmatch(plain)
    if side:
        found = _read_side(side, text)
    elif span:
        found = _read_span(span, text)
    else:
        raise RuleError(f"{text!r} is no range: {_HINT}")
    _check_order(found, text)
    return found


def _read_side(side: re.Match[str], text: str) -> Range:
    bound, unit = _read_bound(side["bound"], text)
    if bound is None:
        raise RuleError(f"The range {text!r} has no number after {side['operator']!r}: {_HINT}")
    is_open = side["operator"] in "<>"
    if side["operator"] in (">", ">=", "≥"):
        return Range(low=bound, low_is_open=is_open, unit=unit)
    return Range(high=bound, high_is_open=is_open, unit=unit)


def _read_span(span: re.Match[str], text: str) -> Range:
    low, low_unit = _read_bound(span["low"], text)
    high, high_unit = _read_bound(span["high"], text)
    if low is None and high is None:
        raise RuleError(f"The range {text!r} has no end: {_HINT}")
    if (low is None and span["open_low"]) or (high is None and span["open_high"]):
        raise RuleError(f"The range {text!r} excludes an end it does not have: {_HINT}")
    if low_unit and high_unit and low_unit != high_unit and low is not None:
        low = _whole(convert(_number(low) or 0, low_unit, high_unit))
    unit = high_unit or low_unit
    return Range(low, high, bool(span["open_low"]), bool(span["open_high"]), unit)


def _read_bound(text: str, whole: str) -> tuple[Bound | None, str]:
    text = text.strip()
    if not text:
        return None, ""
    if _MOMENT.fullmatch(text):
        return _read_moment(text, whole), ""
    found = _NUMBER.fullmatch(text)
    if not found:
        raise RuleError(f"{text!r} in the range {whole!r} is neither a number nor a date: {_HINT}")
    digits, unit = found["number"].replace("_", ""), (found["unit"] or "").strip()
    value: int | float = int(digits) if re.fullmatch(r"[+-]?\d+", digits) else float(digits)
    if unit == "%":
        value, unit = float(f"{digits}e-2") if "e" not in digits.lower() else value / 100, ""
    if not math.isfinite(value) or abs(value) >= 2**127:
        raise RuleError(f"A number in the range {whole!r} is too large: leave that end out")
    return _whole(value), check_unit(unit) if unit else ""


def _read_moment(text: str, whole: str) -> date | datetime:
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        return datetime.fromisoformat(text)
    except ValueError:
        raise RuleError(
            f"{text!r} in the range {whole!r} is no date: write one as 2024-12-31 "
            "or 2024-12-31T12:00"
        ) from None


def _check_order(found: Range, text: str) -> None:
    low, high = found.low, found.high
    if low is None or high is None:
        return
    if type(low) is not type(high) and (isinstance(low, date) or isinstance(high, date)):
        raise RuleError(f"The range {text!r} mixes numbers, dates and datetimes: use one kind")
    try:
        is_wrong = low > high  # type: ignore[operator]
    except TypeError:
        raise RuleError(f"Only one end of the range {text!r} has a time zone: give both") from None
    if is_wrong:
        raise RuleError(f"The range {text!r} is empty: its low end lies above its high end")
    if low == high and (found.low_is_open or found.high_is_open):
        raise RuleError(f"The range {text!r} is empty: both ends are equal and one is excluded")


def _in_time(
    cell: pl.Expr, is_by_day: bool, *bounds: Bound | None
) -> tuple[pl.Expr, Bound | None, Bound | None]:
    # Casting to Datetime without a zone gives UTC and works for dates as well.
    moment = cell.cast(pl.Datetime("us"))
    low, high = (
        bound.astimezone(UTC).replace(tzinfo=None)
        if isinstance(bound, datetime) and bound.tzinfo
        else bound
        for bound in bounds
    )
    return (moment.cast(pl.Date) if is_by_day else moment), low, high


def _number(bound: Bound | None) -> float | None:
    return None if bound is None or isinstance(bound, date) else bound


def _whole(value: float) -> int | float:
    """Give a whole number as an int, which compares exactly with any integer."""
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _spell(bound: Bound | None) -> str:
    if bound is None:
        return ""
    return bound.isoformat() if isinstance(bound, date) else repr(bound)
