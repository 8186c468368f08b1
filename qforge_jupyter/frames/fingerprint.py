"""The fingerprint of a table: equal content, equal text, anywhere.

It sums a 128-bit hash of every row, so neither the order of rows and columns
nor the partitioning matters, while a repeated row counts each time. Beside the
sum stand the count of rows and the columns' names and logical types.

What is equal: an integer in every width (5 as Int8 or Int64), a float in every
width (0.5 as Float32 or Float64), 0.0 and -0.0, every NaN, a category and the
same text, an instant in every unit and time zone. What differs: ``1``, ``1.0``,
``"1"`` and true; NaN, null, ``""`` and ``[]``; 2**53 and 2**53 + 1; a naive and
a zoned time; decimals of another scale; a list and an array of fixed width.

How far it can be trusted: two different tables meet by accident with a chance
of about 2**-128, so accidents do not happen. It is no seal: the hash has no
secret and sums can be solved for, so a person who tries can build two tables
with one fingerprint. What must resist that is kept under SHA-256 by the store.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np
import polars as pl

from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.cell_hash import MASK, Cells, logical_type, mix, struct_cells
from qforge_jupyter.frames.table import BATCH_ROWS, Table


@dataclass(frozen=True)
class FingerprintState:
    """What is known of a table so far; two of them merge into one.

    Parameters
    ----------
    n_rows
        Rows folded.
    sums
        The rows' hashes under two seeds, summed modulo 2**64.
    columns
        Names and logical types, sorted by name.

    """

    n_rows: int
    sums: tuple[int, int]
    columns: tuple[tuple[str, str], ...]


def fold(batch: pl.DataFrame) -> FingerprintState:
    """Hash the rows of one batch.

    Raises
    ------
    DataError
        A column's type has no fingerprint.

    """
    columns = tuple(sorted((name, _type_of(name, kind)) for name, kind in batch.schema.items()))
    return _folded(batch, struct_cells(batch), columns)


def _folded(
    batch: pl.DataFrame, lanes: Cells, columns: tuple[tuple[str, str], ...]
) -> FingerprintState:
    first, second = (int(np.add.reduce(lane, dtype=np.uint64)) for lane in lanes)
    return FingerprintState(batch.height, (first, second), columns)


def _type_of(name: str, kind: pl.DataType) -> str:
    try:
        return logical_type(kind)
    except DataError as error:
        rest = error.message.removeprefix("A column")
        raise DataError(f"Column {name!r}{rest}") from None


def row_marks(table: Table) -> pl.Series:
    """Give each row a text that its content decides: 32 hexadecimal digits.

    Examples
    --------
    >>> marks = row_marks(Table.of_frame("t", pl.DataFrame({"a": [1, 2, 1]})))
    >>> marks[0] == marks[2] != marks[1]
    True

    """
    marks: list[str] = []
    for batch in table.batches(size=BATCH_ROWS):
        first, second = (lane.tolist() for lane in struct_cells(batch))
        marks += [f"{one:016x}{two:016x}" for one, two in zip(first, second, strict=True)]
    return pl.Series("mark", marks, dtype=pl.String)


def merge(first: FingerprintState, second: FingerprintState) -> FingerprintState:
    """Put two parts together, in either order.

    Raises
    ------
    DataError
        They are not parts of one table: their columns differ.

    """
    if first.columns != second.columns:
        names = sorted({name for name, _ in set(first.columns) ^ set(second.columns)})
        raise DataError(
            "Parts of one table need the same columns of the same types: "
            f"these differ in {', '.join(map(repr, names[:5]))}"
        )
    one, two = ((a + b) & MASK for a, b in zip(first.sums, second.sums, strict=True))
    return FingerprintState(first.n_rows + second.n_rows, (one, two), first.columns)


def finish(state: FingerprintState) -> str:
    """Write the state as 32 hexadecimal digits (MLflow's digest allows 36)."""
    content = ["qforge fingerprint 1", state.n_rows, list(state.sums), state.columns]
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


def fingerprint(table: Table | pl.DataFrame | pl.LazyFrame) -> str:
    """Identify a table by its content; rows are read batch by batch.

    Raises
    ------
    DataError
        A column's type has no fingerprint.

    Examples
    --------
    >>> frame = pl.DataFrame({"id": [1, 2], "gap": [0.5, None]})
    >>> fingerprint(frame) == fingerprint(frame.reverse().select("gap", "id"))
    True
    >>> fingerprint(frame) == fingerprint(pl.concat([frame, frame]))
    False

    """
    if not isinstance(table, Table):
        from qforge_jupyter.frames.convert import to_table

        table = to_table(table, "table")
    state, order = fold(pl.DataFrame(schema=table.schema)), 0
    for batch in table.batches(size=BATCH_ROWS):
        lanes = struct_cells(batch)
        places = np.arange(state.n_rows, state.n_rows + batch.height, dtype=np.uint64)
        order += int(np.add.reduce(mix(lanes[0] + mix(places)), dtype=np.uint64))
        state = merge(state, _folded(batch, lanes, state.columns))
    table.__dict__["order"] = f"{order & MASK:016x}"
    return finish(state)
