"""Columns that measure something, told from ids."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.table import Table

#: From so many rows on, integers that never repeat are taken for an id.
ID_ROWS = 20


def numeric_columns(
    table: Table, lazy: pl.LazyFrame, others: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """Divide the numeric columns, ``others`` apart, into those that measure and ids."""
    numeric = [
        name for name, kind in table.schema.items() if kind.is_numeric() and name not in others
    ]
    ids = _ids(lazy, [name for name in numeric if table.schema[name].is_integer()])
    return [name for name in numeric if name not in ids], ids


def choose_columns(
    table: Table, lazy: pl.LazyFrame, columns: Sequence[str] | None, others: Sequence[str]
) -> tuple[list[str], tuple[str, ...]]:
    """Take the columns asked for, or every number that is no id; say what was left out.

    Raises
    ------
    DataError
        There is no numeric column.

    """
    if columns is not None:
        return list(dict.fromkeys(columns)), ()
    left, ids = numeric_columns(table, lazy, others)
    if not left:
        raise DataError(
            f"The table {table.name!r} has no column to judge, wanted a number that is no id: "
            "name the columns"
        )
    if not ids:
        return left, ()
    shown = ", ".join(ids[:10]) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "")
    return left, (f"Left out as ids, since no integer in them repeats: {shown}.",)


def _ids(lazy: pl.LazyFrame, integers: list[str]) -> list[str]:
    if not integers:
        return []
    start = lazy.select(exact(name) for name in integers).head(1_000).collect()
    # Under a name of ours: a Series called like a pattern would be looked up as one.
    unrepeated = [each.name for each in start if each.alias("value").drop_nulls().is_unique().all()]
    if not unrepeated:
        return []
    present = [exact(name).drop_nulls() for name in unrepeated]
    counts = lazy.select(
        *(values.len().alias(f"n{i}") for i, values in enumerate(present)),
        *(values.n_unique().alias(f"unique{i}") for i, values in enumerate(present)),
    ).collect()
    line = counts.row(0, named=True)
    return [
        name
        for index, name in enumerate(unrepeated)
        if line[f"n{index}"] == line[f"unique{index}"] and line[f"n{index}"] >= ID_ROWS
    ]
