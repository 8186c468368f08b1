"""Which columns of two tables can be compared, and as what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl

from qforge_jupyter.engine.identifiers import is_called_an_identifier

#: What a column is compared as.
Kind = Literal["number", "category"]
#: A text of which fewer than this share of values repeat is prose and compared by its length.
LEAST_REPEATED = 0.5
#: So many different texts are categories however seldom they repeat.
FEW_LEVELS = 40
#: From so many rows on, integers that never repeat and follow each other closely are ids.
LEAST_ROWS = 20


@dataclass(frozen=True)
class Chosen:
    """One column that is compared.

    Parameters
    ----------
    name
        As in the tables.
    kind
        ``number`` or ``category``.
    by
        What is taken of it: ``value``, or ``length`` of a text that seldom repeats.

    """

    name: str
    kind: Kind
    by: Literal["value", "length"] = "value"

    @property
    def title(self) -> str:
        """What it is called on pages."""
        return f"length of {self.name}" if self.by == "length" else self.name

    def values(self, frame: pl.DataFrame) -> pl.Series:
        """Give the column as float64 without NaN, or as text; null where nothing is."""
        held = frame.get_column(self.name).alias("value")
        if self.by == "length":
            return held.cast(pl.String).str.len_chars().cast(pl.Float64)
        if self.kind == "category":
            return held.cast(pl.String)
        numbers = in_microseconds(held).cast(pl.Float64)
        # Filling goes through a query, which thousands of columns of a few rows wait for.
        if not numbers.null_count() and not np.isnan(numbers.to_numpy()).any():
            return numbers
        return numbers.fill_nan(None)


def in_microseconds(values: pl.Series) -> pl.Series:
    """Give moments and spans of time as microseconds, whatever their unit; others as they are."""
    dtype = values.dtype
    if dtype in (pl.Date, pl.Datetime):
        zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
        return values.cast(pl.Datetime("us", zone)).to_physical()
    if dtype == pl.Duration:
        return values.cast(pl.Duration("us")).to_physical()
    return values.to_physical() // 1_000 if dtype == pl.Time else values


@dataclass(frozen=True)
class Choice:
    """The columns that two tables are compared by, and why the others are not.

    ``lacking`` are columns of the reference that the candidate has not, or in another type:
    left out in silence they would make it look better than it is.
    """

    chosen: tuple[Chosen, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()


def choose(
    candidate: pl.DataFrame,
    reference: pl.DataFrame,
    *,
    ignore: Iterable[str] = (),
    keep: Iterable[str] = (),
) -> Choice:
    """Choose the columns to compare.

    Parameters
    ----------
    candidate, reference
        Rows of the two tables; a sample will do.
    ignore
        Columns that the user leaves out.
    keep
        Columns that are compared though they look like ids, as the target.

    Examples
    --------
    >>> rows = pl.DataFrame({"id": range(30), "x": [1.5, 2.5, 0.5] * 10, "v": [[1]] * 30})
    >>> choice = choose(rows, rows)
    >>> [each.name for each in choice.chosen], choice.left_out
    (['x'], {'id': 'names rows', 'v': 'nested values'})

    """
    ignored, kept = set(ignore), set(keep)
    chosen, left_out, lacking = [], {}, []
    # A frame's schema is built anew each time it is asked for.
    schemas = candidate.schema, reference.schema
    for name in dict.fromkeys((*schemas[1], *schemas[0])):
        if name in ignored:
            left_out[name] = "left out as asked"
            continue
        why = _unlike(name, *schemas)
        answer = why or _as(name, (candidate, reference), schemas, is_kept=name in kept)
        if isinstance(answer, Chosen):
            chosen.append(answer)
            continue
        left_out[name] = answer
        if why and name in schemas[1] and not _names_rows(reference.get_column(name)):
            lacking.append(name)
    return Choice(tuple(chosen), left_out, tuple(lacking))


def _unlike(name: str, candidate: pl.Schema, reference: pl.Schema) -> str:
    """Say why a column of one side has no like on the other; nothing where it has."""
    for side, called in ((reference, "reference"), (candidate, "candidate")):
        if name not in side:
            return f"not in the {called}"
    own, other = (kind_of(side[name]) for side in (candidate, reference))
    if own == other or "null" in (own, other):
        return ""
    return f"{other} in the reference, {own} in the candidate"


_NAMED: dict[Any, str] = {
    pl.Null: "null",
    pl.Boolean: "truth",
    pl.Date: "moment",
    pl.Datetime: "moment",
    pl.Duration: "span of time",
    pl.Time: "time of day",
    pl.String: "text",
    pl.Categorical: "text",
    pl.Enum: "text",
}


def kind_of(dtype: pl.DataType) -> str:
    """Name what a type holds: number, truth, text, a kind of time, or what is not compared."""
    named = _NAMED.get(dtype.base_type())
    if named is not None:
        return named
    if dtype.is_numeric() or dtype.is_decimal():
        return "number"
    return "nested values" if dtype.is_nested() else "bytes or objects"


def _as(
    name: str,
    sides: tuple[pl.DataFrame, pl.DataFrame],
    schemas: tuple[pl.Schema, pl.Schema],
    *,
    is_kept: bool,
) -> Chosen | str:
    kinds = {kind_of(schema[name]) for schema in schemas} - {"null"}
    if not kinds:
        return "holds nothing"
    kind = kinds.pop()
    if kind in ("nested values", "bytes or objects"):
        return kind
    if kind == "truth":
        return Chosen(name, "category")
    if not is_kept and _names_rows(sides[1].get_column(name)):
        return "names rows"
    if kind != "text":
        return Chosen(name, "number")
    both = pl.concat([side.get_column(name).cast(pl.String).alias("x") for side in sides])
    n_levels, n = both.n_unique(), len(both) - both.null_count()
    is_prose = n_levels > FEW_LEVELS and n_levels > (1 - LEAST_REPEATED) * n
    return Chosen(name, "number", "length") if is_prose else Chosen(name, "category")


def _names_rows(column: pl.Series) -> bool:
    """Whether integers count rows: never repeated, and dense or called like an id."""
    if not column.dtype.is_integer():
        return False
    values = column.alias("value").drop_nulls()
    if len(values) < LEAST_ROWS or not values.is_unique().all():
        return False
    low, high = int(values.min()), int(values.max())  # type: ignore[arg-type]
    return high - low < 3 * len(values) or is_called_an_identifier(column.name)
