"""Failing checks as a table: which row, what was observed, what was wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import polars.selectors as cs

from qforge_jupyter.columns import free_name

if TYPE_CHECKING:
    from qforge_jupyter.results.score import CheckResult

SCHEMA = {
    "row": pl.UInt32,
    "record": pl.String,
    "check": pl.String,
    "dimension": pl.String,
    "observed": pl.String,
    "expected": pl.String,
}


def failing_rows(
    checks: Sequence[CheckResult],
    source: pl.LazyFrame,
    only: np.ndarray | None = None,
    *,
    keys: Sequence[str] = (),
) -> pl.DataFrame:
    """List failing checks with what was observed and what was expected.

    Parameters
    ----------
    checks
        The checks with their failing rows.
    source
        The scored table.
    only
        Positions of the rows wanted; all when None.
    keys
        Columns that name a record, for people to find it by.

    Returns
    -------
    polars.DataFrame
        ``row``, ``record`` (its key, null without one), ``check``,
        ``dimension``, ``observed``, ``expected``, by row.

    """
    hit = [
        (check, check.failing if only is None else np.intersect1d(check.failing, only))
        for check in checks
    ]
    hit = [(check, rows) for check, rows in hit if len(rows)]
    if not hit:
        return pl.DataFrame(schema=SCHEMA)
    columns = sorted({*keys, *(name for check, _ in hit for name in check.columns)})
    wanted = np.unique(np.concatenate([rows for _, rows in hit]))
    place = free_name("row", columns)
    values = (
        source.select(cs.by_name(columns))
        .with_row_index(place)
        .filter(pl.col(place).is_in(pl.Series(wanted).implode()))
        .collect()
    )
    record = _joined([_shown(values.get_column(name).alias("value")) for name in keys])
    named = record if keys else pl.repeat(None, values.height, dtype=pl.String, eager=True)
    parts = [_observed(check, rows, values, values[place], named) for check, rows in hit]
    return pl.concat(parts).sort("row", maintain_order=True)


def _joined(texts: list[pl.Series]) -> pl.Series:
    """Put texts of one row behind each other."""
    if len(texts) < 2:
        return texts[0] if texts else pl.Series([], dtype=pl.String)
    return pl.select(pl.concat_str([pl.lit(text) for text in texts], separator=", ")).to_series()


def _observed(
    check: CheckResult,
    rows: np.ndarray,
    values: pl.DataFrame,
    known: pl.Series,
    named: pl.Series,
) -> pl.DataFrame:
    places = known.search_sorted(pl.Series(rows))
    # Under a name of ours: a Series called like a pattern would be looked up as one.
    own = [values.get_column(name).alias("value") for name in check.columns[:6]]
    shown = [_shown(each.gather(places)) for each in own]
    if len(check.columns) > 1:
        shown = [
            pl.select(pl.concat_str([pl.lit(f"{name} = "), pl.lit(text)])).to_series()
            for name, text in zip(check.columns, shown, strict=False)
        ]
    observed = _joined(shown)
    said = {"check": check.name, "dimension": check.dimension, "expected": check.expected}
    same = {name: pl.repeat(text, len(rows), eager=True) for name, text in said.items()}
    held = {
        "row": rows.astype(np.uint32),
        "record": named.gather(places),
        "observed": observed,
        **same,
    }
    return pl.DataFrame({name: held[name] for name in SCHEMA})


def _shown(values: pl.Series) -> pl.Series:
    dtype = values.dtype
    if dtype.is_nested() or dtype in (pl.Object, pl.Binary, pl.Duration):
        told = [None if value is None else str(value)[:200] for value in values.to_list()]
        text = pl.Series(values.name, told, dtype=pl.String)
    else:
        # Eight digits tell any two values apart that a rule would.
        plain = values.round_sig_figs(8) if dtype.is_float() else values
        text = plain.cast(pl.String, strict=False).str.slice(0, 200)
    # An empty text would look like nothing at all.
    return text.fill_null("null").replace("", "''")
