"""Units of rows that share a value; who has none stands alone."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.splitters import Codes, Rows, Units, Words
from qforge_jupyter.engine.splitters._hashing import joined, numbered, words_of
from qforge_jupyter.errors import DataError


def units_of_rows(rows: Rows) -> Units:
    """Make a unit of each row; rows of the same content, or key, are one."""
    of_row, hashes = numbered(joined(rows.marks))
    return Units(of_row, hashes, rows.strata, rows.n_strata)


def units_of_columns(rows: Rows, columns: list[str]) -> Units:
    """Make a unit of each combined value of these columns.

    Raises
    ------
    DataError
        No row has a group.

    """
    # Their names are no part of it; and a name may look like a pattern.
    groups = pl.DataFrame({f"group{i}": rows.frame[name] for i, name in enumerate(columns)})
    words, lacks = words_of(groups)
    if len(lacks) and lacks.all():
        names = " and ".join(map(repr, columns))
        raise DataError(f"Every row lacks the group in {names}: name a column that is filled")
    return units_of_words(rows, words, lacks, noun="group")


def units_of_words(  # noqa: PLR0913 - one keyword a fact
    rows: Rows,
    words: Words,
    is_alone: NDArray[np.bool_],
    *,
    noun: str,
    left_out: tuple[tuple[Codes, str], ...] = (),
    alone: str = "have no group and stand alone",
) -> Units:
    """Make a unit of each word; a row that is alone is a unit by what names it."""
    notes: tuple[str, ...] = ()
    if n_alone := int(is_alone.sum()):
        words = np.where(is_alone, joined(rows.marks), words)
        notes = (f"{n_alone:,} rows {alone}",)
    of_row, hashes = numbered(words)
    if left_out:
        of_row, hashes = _without(of_row, hashes, np.concatenate([where for where, _ in left_out]))
    return Units(of_row, hashes, rows.strata, rows.n_strata, left_out, notes, noun=noun)


def _without(of_row: Codes, hashes: Words, rows: Codes) -> tuple[Codes, Words]:
    """Take rows out; units that lose all their rows are gone."""
    of_row = of_row.copy()
    of_row[rows] = -1
    used = np.unique(of_row[of_row >= 0])
    position = np.full(len(hashes) + 1, -1, dtype=np.int64)
    position[used] = np.arange(len(used))
    return position[of_row], hashes[used]


def text_of(series: pl.Series, purpose: str) -> pl.Series:
    """Take a column as text.

    Raises
    ------
    DataError
        It holds something else.

    """
    if isinstance(series.dtype, pl.Categorical | pl.Enum):
        return series.cast(pl.String)
    if series.dtype not in (pl.String, pl.Null):
        raise DataError(f"{series.name!r} is {series.dtype} and {purpose} is read from text")
    return series.cast(pl.String)
