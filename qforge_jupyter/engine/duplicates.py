"""Which rows repeat an earlier row's key."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.frames import Table


def first_of_key(table: Table, columns: tuple[str, ...]) -> pl.Series:
    """Mark the first row of each key.

    Two keys are equal when Polars calls their rows equal after -0.0 became
    0.0; null equals null and NaN equals NaN, so that a repeated record with a
    gap is still found. A 64-bit hash finds the candidates, and only those are
    compared in full: the answer is exact.

    Returns
    -------
    polars.Series
        Boolean, one for each row of the table, in its order.

    """
    keys = [_canonical(name, table.schema[name]) for name in columns]
    # Under a name of ours: a Series called like a pattern would be looked up as one.
    key = pl.struct(keys).alias("key")
    hashes = table.lazy.select(key.hash()).collect().to_series()
    is_candidate = hashes.is_duplicated()
    if not is_candidate.any():
        return pl.repeat(value=True, n=len(hashes), eager=True, dtype=pl.Boolean)
    candidates = table.lazy.filter(is_candidate).select(key.is_first_distinct())
    is_first = ~is_candidate
    return is_first.scatter(is_candidate.arg_true(), candidates.collect().to_series())


def _canonical(name: str, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_float():
        return column(name) + 0.0
    return column(name).cast(pl.String) if dtype == pl.Categorical else column(name)
