"""The form in which Arrow and Parquet hold a column.

Categories are text, since a code depends on what else was read before it, so
that files with codes would differ for equal content. Integers of 128 bits are
text, since Arrow has none. Arrays of fixed width are lists, since pyarrow
cannot read them back from Parquet where one is null.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.formats._cell_text import parts_of
from qforge_jupyter.formats._types import fields, inner

_AS_TEXT = (pl.Categorical, pl.Enum, pl.Int128, pl.UInt128)


def stored_type(dtype: pl.DataType) -> pl.DataType:
    """Give the type in which a column is stored.

    Examples
    --------
    >>> stored_type(pl.List(pl.Categorical()))
    List(String)

    """
    if isinstance(dtype, pl.List | pl.Array):
        return pl.List(stored_type(inner(dtype)))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({name: stored_type(kind) for name, kind in fields(dtype)})
    return pl.String() if isinstance(dtype, _AS_TEXT) else dtype


def stored(batch: pl.DataFrame) -> pl.DataFrame:
    """Give a batch in the form in which it is stored."""
    return batch.with_columns(
        _converted(column(name), dtype, stored_type(dtype)).alias(name)
        for name, dtype in batch.schema.items()
        if stored_type(dtype) != dtype
    )


def restored(lazy: pl.LazyFrame, schema: pl.Schema) -> pl.LazyFrame:
    """Give back the types that the columns had before they were stored."""
    found = lazy.collect_schema()
    return lazy.select(
        column(name)
        if found[name] == dtype
        else _converted(column(name), stored_type(dtype), dtype).alias(name)
        for name, dtype in schema.items()
    )


def _converted(cell: pl.Expr, old: pl.DataType, new: pl.DataType) -> pl.Expr:
    if old == new:
        return cell
    if isinstance(old, pl.List | pl.Array) and isinstance(new, pl.List | pl.Array):
        items = cell.arr.to_list() if isinstance(old, pl.Array) else cell
        items = items.list.eval(_converted(pl.element(), inner(old), inner(new)))
        return items.list.to_array(new.size) if isinstance(new, pl.Array) else items
    if isinstance(old, pl.Struct) and isinstance(new, pl.Struct):
        kinds = [kind for _, kind in fields(new)]
        parts = [
            _converted(part, held, kind).alias(name)
            for ((name, held), part), kind in zip(parts_of(cell, old), kinds, strict=True)
        ]
        return pl.when(cell.is_not_null()).then(pl.struct(*parts))
    return cell.cast(new)


def arrow_table(batch: pl.DataFrame) -> Any:
    """Give a batch, in its stored form, as a pyarrow table without string views."""
    return stored(batch).rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())


def arrow_schema(schema: pl.Schema) -> Any:
    """Give the Arrow schema of the stored form."""
    return arrow_table(pl.DataFrame(schema=schema)).schema
