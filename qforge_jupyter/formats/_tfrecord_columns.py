"""Which features of TensorFlow hold a column, and how they give it back.

A feature holds 64-bit integers, 32-bit floats or bytes. The mapping, which an
export's manifest repeats for every column::

    integer, boolean    int64; UInt64 beyond 63 bits as its two's complement
    date, time, …       int64: the count of the type's own unit
    float               float; a Float64 that 32 bits would round has beside it
                        ``name#f64``: the exact values as 8 bytes each
    text, bytes         bytes (UTF-8); so are decimals and 128-bit integers, as digits
    list, array         several values; ``name#nulls`` holds the positions of nulls
    struct, lists of    bytes: JSON text as in JSONL
    lists or structs
    null                the feature is missing; an empty list is an empty feature
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.formats._cell_text import from_text, to_text
from qforge_jupyter.formats._types import inner
from qforge_jupyter.frames.columns import unique_names

Kind = Literal["int64", "float", "bytes"]
_COUNTED = (pl.Boolean, pl.Date, pl.Time, pl.Datetime, pl.Duration)
_SHORT = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)


@dataclass(frozen=True)
class Held:
    """The features of one column: its own, and what it needs to be exact."""

    column: str
    dtype: pl.DataType
    kind: Kind
    is_list: bool
    name: str
    exact: str = ""
    nulls: str = ""

    @property
    def item(self) -> pl.DataType:
        """Type of one value."""
        if self.is_list and isinstance(self.dtype, pl.List | pl.Array):
            return inner(self.dtype)
        return self.dtype

    def mapping(self) -> dict[str, str]:
        """Say in words how the column is held."""
        said = {"feature": self.name, "kind": self.kind}
        if self.exact:
            said["exact values"] = self.exact
        if self.nulls:
            said["positions of nulls"] = self.nulls
        return said


def features_of(schema: pl.Schema) -> list[Held]:
    """Choose the features of every column.

    Examples
    --------
    >>> [(h.name, h.kind, h.exact) for h in features_of(pl.Schema({"x": pl.Float64}))]
    [('x', 'float', 'x#f64')]

    """
    wanted: list[str] = list(schema.names())
    rough: list[tuple[str, pl.DataType, Kind, bool, int, int]] = []
    for name, dtype in schema.items():
        is_list = isinstance(dtype, pl.List | pl.Array) and not inner(dtype).is_nested()
        item = inner(dtype) if is_list and isinstance(dtype, pl.List | pl.Array) else dtype
        kind = _kind(item)
        exact = nulls = -1
        if isinstance(item, pl.Float64):
            exact = len(wanted)
            wanted.append(f"{name}#f64")
        if is_list:
            nulls = len(wanted)
            wanted.append(f"{name}#nulls")
        rough.append((name, dtype, kind, is_list, exact, nulls))
    names, _ = unique_names(wanted)
    return [
        Held(
            name, dtype, kind, is_list, names[i],
            names[exact] if exact >= 0 else "", names[nulls] if nulls >= 0 else "",
        )
        for i, (name, dtype, kind, is_list, exact, nulls) in enumerate(rough)
    ]  # fmt: skip


def _kind(item: pl.DataType) -> Kind:
    if isinstance(item, (*_COUNTED, *_SHORT)):
        return "int64"
    return "float" if item.is_float() else "bytes"


def plain_values(batch: pl.DataFrame, held: Held) -> pl.Series:
    """Give a column's cells, or its lists, as Int64, Float64 or Binary."""
    cell = column(held.column)
    if not held.is_list:
        return batch.select(_plain(cell, held.dtype).alias("v")).to_series()
    lists = cell.arr.to_list() if isinstance(held.dtype, pl.Array) else cell
    items = lists.list.eval(_plain(pl.element(), held.item))
    return batch.select(items.alias("v")).to_series()


def _plain(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, _COUNTED):
        return cell.to_physical().cast(pl.Int64)
    if isinstance(dtype, pl.UInt64):
        return cell.reinterpret(signed=True)
    if isinstance(dtype, _SHORT):
        return cell.cast(pl.Int64)
    if dtype.is_float():
        return cell.cast(pl.Float32 if isinstance(dtype, pl.Float16) else dtype).cast(pl.Float64)
    return cell if isinstance(dtype, pl.Binary) else to_text(cell, dtype).cast(pl.Binary)


def typed_values(cell: pl.Expr, held: Held) -> pl.Expr:
    """Give plain values, or lists of them, the type that they had."""
    if not held.is_list:
        return _typed(cell, held.dtype)
    lists = cell.list.eval(_typed(pl.element(), held.item))
    return lists.list.to_array(held.dtype.size) if isinstance(held.dtype, pl.Array) else lists


def _typed(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Boolean):
        return cell != 0
    if isinstance(dtype, pl.UInt64):
        return cell.reinterpret(signed=False)
    if isinstance(dtype, pl.Date):
        return cell.cast(pl.Int32).cast(dtype)
    if isinstance(dtype, pl.Binary):
        return cell
    return from_text(cell.cast(pl.String), dtype) if _kind(dtype) == "bytes" else cell.cast(dtype)
