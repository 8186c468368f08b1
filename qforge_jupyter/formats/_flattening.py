"""Nested columns as flat ones of safe text, and back without a loss.

A struct ``a`` with a field ``b`` becomes a column ``a.b``; a list is JSON
text. A text that a spreadsheet would run gets an apostrophe before it, and so
does one that begins with an apostrophe. An apostrophe and a digit stand in the
first field of a struct that is null: the digit counts the structs around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.formats._cell_text import from_text, parts_of, to_text
from qforge_jupyter.frames.columns import unique_names

#: What makes a spreadsheet run a cell, in both widths, and our own mark.
_RISKY = "^['=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_HEADERS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")


@dataclass(frozen=True)
class Leaf:
    """One flat column: its name, its type, how to make it, how many structs begin with it."""

    name: str
    dtype: pl.DataType
    cell: pl.Expr
    begins: tuple[pl.Expr, ...] = ()


def leaves(schema: pl.Schema) -> list[Leaf]:
    """Name the flat columns of a table.

    Examples
    --------
    >>> schema = pl.Schema({"a": pl.Struct({"b": pl.Int8, "c": pl.String}), "=x": pl.Int8})
    >>> [leaf.name for leaf in leaves(schema)]
    ['a.b', 'a.c', "'=x"]

    """
    found = [
        leaf for name, dtype in schema.items() for leaf in _leaves(name, column(name), dtype, ())
    ]
    safe = [f"'{each.name}" if each.name.startswith(_HEADERS) else each.name for each in found]
    names, _ = unique_names(safe)
    return [
        Leaf(name, each.dtype, each.cell, each.begins)
        for name, each in zip(names, found, strict=True)
    ]


def _leaves(
    name: str, cell: pl.Expr, dtype: pl.DataType, begins: tuple[pl.Expr, ...]
) -> Iterator[Leaf]:
    if not isinstance(dtype, pl.Struct) or not dtype.fields:
        yield Leaf(name, dtype, cell, begins)
        return
    for i, ((field, kind), part) in enumerate(parts_of(cell, dtype)):
        yield from _leaves(f"{name}.{field}", part, kind, (*begins, cell) if i == 0 else ())


def _is_free_text(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum | pl.Binary)


def flattened(batch: pl.DataFrame, flat: list[Leaf]) -> pl.DataFrame:
    """Give the cells of a batch as safe text."""
    texts = []
    for leaf in flat:
        text = to_text(leaf.cell, leaf.dtype)
        if _is_free_text(leaf.dtype):
            text = pl.when(text.str.contains(_RISKY)).then("'" + text).otherwise(text)
        for depth, struct in reversed(list(enumerate(leaf.begins))):
            text = pl.when(struct.is_null()).then(pl.lit(f"'{depth}")).otherwise(text)
        texts.append(text.alias(leaf.name))
    return batch.select(texts)


def unflattened(texts: pl.LazyFrame, schema: pl.Schema) -> pl.LazyFrame:
    """Give back the table whose flat texts these are."""
    flat = iter(leaves(schema))
    cells = [_cell(flat, dtype, 0)[0].alias(name) for name, dtype in schema.items()]
    return texts.select(cells)


def _cell(flat: Iterator[Leaf], dtype: pl.DataType, depth: int) -> tuple[pl.Expr, pl.Expr]:
    """Build one column from the next flat ones; also give the text of the first of them."""
    if not isinstance(dtype, pl.Struct) or not dtype.fields:
        leaf = next(flat)
        raw = column(leaf.name)
        text: pl.Expr = pl.when(~raw.str.contains(r"^'\d$")).then(raw)
        if _is_free_text(dtype):
            text = text.str.strip_prefix("'")
        return from_text(text, dtype), raw
    parts, first = [], None
    for i, field in enumerate(dtype.fields):
        part, raw = _cell(flat, field.dtype, depth + 1 if i == 0 else 0)  # type: ignore[arg-type]
        parts.append(part.alias(field.name))
        first = raw if first is None else first
    is_there = (first != f"'{depth}").fill_null(value=True)  # type: ignore[union-attr]
    return pl.when(is_there).then(pl.struct(*parts)), first  # type: ignore[return-value]
