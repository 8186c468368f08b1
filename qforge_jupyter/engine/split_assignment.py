"""What names each row of a split, and the table of what came of every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column, is_present
from qforge_jupyter.engine.splitters import Codes, Words
from qforge_jupyter.errors import DataError, blaming
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.cell_hash import struct_cells

#: Stands for no fold among the numbers of folds.
NOTHING = -(2**62)
#: Rows, by their place among those to be split, with why they are left out.
LeftOut = list[tuple[NDArray[Any], str]]


def marks_of(table: Table, keys: list[str]) -> tuple[Words, Words]:
    """Hash what names each row: its key, or all of it where there is none.

    Raises
    ------
    DataError
        A row lacks its key.

    """
    lanes = []
    if keys:
        table = Table(table.name, table.lazy.select(column(name) for name in keys))
    for batch in table.batches():
        _need_keys(batch, keys)
        lanes.append(struct_cells(batch))
    none = np.empty(0, dtype=np.uint64)
    first, second = (np.concatenate([none, *(each[i] for each in lanes)]) for i in (0, 1))
    return first, second


def _need_keys(batch: pl.DataFrame, keys: list[str]) -> None:
    for name in keys:
        n_missing = int(
            (~batch.select(is_present(column(name), batch.schema[name])).to_series()).sum()
        )
        if n_missing:
            with blaming("key"):
                raise DataError(
                    f"The key {name!r} is missing in {n_missing:,} rows: "
                    "name a column that every row fills, or none"
                )


@dataclass(frozen=True)
class Named:
    """What names every row of the table, which of them were to be split, and the parts."""

    marks: tuple[Words, Words]
    taken: Codes
    parts: tuple[str, ...]


def write_assignment(
    named: Named,
    reasons: pl.Series | None,
    part: Codes,
    folds: dict[str, Codes],
    left_out: LeftOut,
) -> pl.DataFrame:
    """Write down what came of every row of the table, in its order.

    Parameters
    ----------
    named
        The rows.
    reasons
        Why a row was not to be split, null where it was.
    part, folds
        Number of each split row's part, -1 for none, and of its folds.
    left_out
        Rows that could not be placed.

    """
    names = pl.Series([*named.parts, None], dtype=pl.String)
    n_rows, n_parts = len(named.marks[0]), len(named.parts)
    codes = np.full(n_rows, n_parts, dtype=np.int64)
    codes[named.taken] = np.where(part >= 0, part, n_parts)
    found = {
        "mark_a": pl.Series(named.marks[0]),
        "mark_b": pl.Series(named.marks[1]),
        "part": names[codes],
        "reason": _reasons(named, reasons, left_out),
    }
    return pl.DataFrame(found | {name: _fold(named, held) for name, held in folds.items()})


def _reasons(named: Named, reasons: pl.Series | None, left_out: LeftOut) -> pl.Series:
    n_rows = len(named.marks[0])
    if reasons is None:
        reasons = pl.Series([None], dtype=pl.String).new_from_index(0, n_rows)
    if not left_out:
        return reasons
    code = np.zeros(n_rows, dtype=np.int64)
    for number, (rows, _) in enumerate(left_out, 1):
        code[named.taken[rows]] = number
    texts = pl.Series([None, *(text for _, text in left_out)], dtype=pl.String)
    both = pl.DataFrame({"later": texts[code], "first": reasons})
    return both.select(pl.coalesce("later", "first")).to_series()


def _fold(named: Named, codes: Codes) -> pl.Series:
    """Give the fold of every row of the table, null where it has none."""
    known = codes > NOTHING
    held = np.zeros(len(named.marks[0]), dtype=np.int16)
    held[named.taken[known]] = codes[known]
    is_known = np.zeros(len(held), dtype=np.bool_)
    is_known[named.taken[known]] = True
    both = pl.DataFrame({"fold": held, "known": is_known})
    return both.select(pl.when("known").then("fold")).to_series()
