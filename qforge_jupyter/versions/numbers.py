"""Numbers, moments and bytes of rows, in every way in which they may be written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

#: A number of fewer digits speaks of no row by itself: a count or a year has as many.
TELLING = 5
#: A number of so many digits is the same number wherever it stands.
SURE = 9
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Numbers:
    """Numbers and moments that no other row has.

    Parameters
    ----------
    values
        The numbers.
    written
        How they may be written: whole, rounded, with commas; of moments the count since 1970.
    moments
        Texts of moments.

    """

    values: frozenset[float] = frozenset()
    written: frozenset[str] = frozenset()
    moments: frozenset[str] = frozenset()

    def in_text(self, text: str) -> bool:
        """Say whether a text shows one of them.

        Examples
        --------
        >>> numbers = numbers_of([8123.456789012345], SURE)
        >>> [numbers.in_text(text) for text in ("x = 8123.4568", "8123.45678901", "28123.456")]
        [False, True, False]

        """
        if any(each in text for each in self.moments):
            return True
        found = _NUMBER.findall(text) if self.written else ()
        return any(each.rstrip(",.").replace(",", "") in self.written for each in found)

    def shows(self, value: Any) -> bool:
        """Say whether a number of JSON is one of them."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return value in self.values or repr(value).lstrip("-") in self.written

    def in_column(self, column: pl.Series, *, is_rounded: bool = True) -> Mask:
        """Say which rows of a column hold one of them, however deep.

        Parameters
        ----------
        column
            Where they are looked for.
        is_rounded
            Whether a column of 32 bits holds them rounded; else it holds those only
            that have no more digits.

        """
        if not self.values:
            return np.zeros(len(column), np.bool_)
        return hits(column, partial(self._hits, is_rounded=is_rounded))

    def _hits(self, column: pl.Series, *, is_rounded: bool) -> pl.Series | None:
        if column.dtype.is_temporal():
            column = column.to_physical()
        if not column.dtype.is_numeric():
            return None
        if column.dtype == pl.Float32:
            exact = np.asarray(sorted(self.values), dtype=np.float64)
            wanted = exact.astype(np.float32)
            wanted = wanted if is_rounded else wanted[wanted == exact]
            return column.is_in(pl.Series(wanted).implode())
        floats = column.cast(pl.Float64, strict=False)
        return floats.is_in(pl.Series(sorted(self.values), dtype=pl.Float64).implode())

    @property
    def sure(self) -> Numbers:
        """Those with so many digits that they can be nothing else."""
        kept = frozenset(each for each in self.values if _n_digits(repr(each)) >= SURE)
        written = frozenset(each for each in self.written if _n_digits(each) >= SURE)
        return Numbers(kept, written, frozenset(one for one in self.moments if len(one) > 10))


def numbers_of(values: Iterable[Any], n_digits: int = TELLING) -> Numbers:
    """Collect how values may be written; what has too few digits is left out.

    Examples
    --------
    >>> numbers = numbers_of([8123.456789012345, 42, 7_316_553])
    >>> [numbers.in_text(text) for text in ("8,123.46", "42", "7,316,553 rows")]
    [True, False, True]

    """
    kept: set[float] = set()
    written: set[str] = set()
    moments: set[str] = set()
    for value in values:
        if isinstance(value, date):
            moments |= {value.isoformat(), str(value)}
            if isinstance(value, datetime):
                moments |= {value.strftime(f"%Y-%m-%d{between}%H:%M") for between in " T"}
            written |= _since_1970(value)
            kept |= {float(each) for each in _since_1970(value) if _n_digits(each) >= SURE}
        elif _n_digits(repr(value)) >= n_digits:
            kept.add(value)
            written |= {text for text in _writings(value) if _n_digits(text) >= n_digits}
    return Numbers(frozenset(kept), frozenset(written), frozenset(moments))


def own_numbers(frames: Iterable[pl.DataFrame], others: pl.DataFrame, skip: set[str]) -> Numbers:
    """Collect the numbers and moments of rows that no other row has in the same column."""
    found: list[Any] = []
    for column in chain.from_iterable(frame.get_columns() for frame in frames):
        if column.name in skip:
            continue
        known = others.get_column(column.name) if column.name in others.columns else None
        theirs = list(leaves_of(known)) if known is not None else []
        for place, leaf in enumerate(leaves_of(column)):
            other = theirs[place] if place < len(theirs) else None
            found += _only_in(leaf, other)
    return numbers_of(found)


def _only_in(leaf: pl.Series, others: pl.Series | None) -> list[Any]:
    """Give the values of a column of numbers or moments that others have not."""
    leaf = leaf.drop_nulls().unique()
    if leaf.dtype.is_decimal():
        leaf = leaf.cast(pl.Float64)
    if not (leaf.dtype.is_numeric() or leaf.dtype in (pl.Date, pl.Datetime)):
        return []
    if others is not None and others.dtype == leaf.dtype:
        leaf = leaf.filter(~leaf.is_in(others.drop_nulls().implode()))
    values = leaf.to_list()
    return [one for one in values if not isinstance(one, float) or np.isfinite(one)]


def leaves_of(column: pl.Series) -> Iterator[pl.Series]:
    """Give the flat columns that lie in lists and structs, in order."""
    if isinstance(column.dtype, pl.List | pl.Array):
        yield from leaves_of(column.explode())
    elif isinstance(column.dtype, pl.Struct):
        for one in column.struct.unnest().get_columns():
            yield from leaves_of(one)
    else:
        yield column


def hits(column: pl.Series, test: Callable[[pl.Series], pl.Series | None]) -> Mask:
    """Say in which rows a test of flat values holds, however deep these lie.

    Examples
    --------
    >>> hits(pl.Series([["a", "b"], ["c"], None]), lambda leaf: leaf == "b").tolist()
    [True, False, False]

    """
    found = np.zeros(len(column), np.bool_)
    if isinstance(column.dtype, pl.List | pl.Array):
        rows = pl.DataFrame({"row": np.arange(len(column)), "value": column}).explode("value")
        found[rows["row"].to_numpy()[hits(rows["value"], test)]] = True
    elif isinstance(column.dtype, pl.Struct):
        for one in column.struct.unnest().get_columns():
            found |= hits(one, test)
    elif (answer := test(column)) is not None:
        found |= answer.fill_null(value=False).to_numpy()
    return found


def _writings(value: float) -> set[str]:
    """Write a number whole, rounded to any count of digits, and as a float."""
    texts = {repr(value), repr(float(value))}
    if isinstance(value, float):
        texts |= {f"{value:.{n}g}" for n in range(TELLING, 17)}
        texts |= {f"{value:.{n}f}" for n in range(9)}
        texts |= {f"{value:.{n}e}" for n in range(TELLING - 1, 17)}
    return {text.lstrip("-") for text in texts}


def _since_1970(value: date) -> set[str]:
    """Count from 1970 to a moment, in days or in seconds and finer."""
    if not isinstance(value, datetime):
        return {str((value - date(1970, 1, 1)).days)}
    past = value.replace(tzinfo=None) - datetime(1970, 1, 1)  # noqa: DTZ001 — as Polars counts
    n_us = (past.days * 86_400 + past.seconds) * 10**6 + past.microseconds
    return {str(abs(n)) for n in (n_us * 1000, n_us, n_us // 1000, n_us // 10**6)}


def _n_digits(text: str) -> int:
    """Count the digits of a number that say something."""
    mantissa = re.split("[eE]", text)[0]
    return len(re.sub(r"\D", "", mantissa).strip("0"))
