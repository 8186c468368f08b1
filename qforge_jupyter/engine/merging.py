"""Fill the gaps of kept records from their duplicates; disagreements are listed, never settled."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact

CONFLICTS = pl.Schema({
    "kept": pl.Int64, "other": pl.Int64, "column": pl.String, "kept_value": pl.String,
    "other_value": pl.String,
})  # fmt: skip
#: Disagreements that are listed; all of them are looked at for filling.
MOST_CONFLICTS = 100_000


def fill_from_duplicates(
    frame: pl.DataFrame, kept: NDArray[np.int64], order: NDArray[np.int64], *, fills: bool
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Fill nulls of kept rows where all their duplicates with a value agree.

    Parameters
    ----------
    frame
        All rows.
    kept
        For each row the one that is kept for it.
    order
        Rank of each row; duplicates are listed the best first.
    fills
        Whether to fill; without it only disagreements are listed.

    Returns
    -------
    tuple
        The rows, the disagreements (``kept`` against ``other``; with a null
        kept value two duplicates disagree about a gap), and the cells filled.

    Examples
    --------
    >>> rows = pl.DataFrame({"gap": [None, 3.0, 3.0], "dipole": [1.0, 2.0, None]})
    >>> zeros, order = np.zeros(3, dtype=np.int64), np.arange(3)
    >>> merged, conflicts, n_filled = fill_from_duplicates(rows, zeros, order, fills=True)
    >>> merged["gap"][0], n_filled, conflicts.rows()
    (3.0, 1, [(0, 1, 'dipole', '1.0', '2.0')])

    """
    others = np.flatnonzero(kept != np.arange(len(kept)))
    others = others[np.argsort(order[others], kind="stable")]
    centres = kept[others]
    listed: list[pl.DataFrame] = []
    n_filled = 0
    for name in frame.columns if len(others) else ():
        values = frame.select(exact(name).alias("value"))["value"]
        pairs = pl.DataFrame({
            "kept": centres, "other": others, "mine": values[centres], "theirs": values[others],
        }).drop_nulls("theirs")  # fmt: skip
        differs = pairs.filter(
            pl.col("mine").is_not_null() & pl.col("mine").ne_missing(pl.col("theirs"))
        )
        gaps = pairs.filter(pl.col("mine").is_null())
        first = pl.col("theirs").first().over("kept")
        odd = gaps.filter(pl.col("theirs").ne_missing(first).any().over("kept"))
        listed += [_listed(name, each) for each in (differs, odd) if each.height]
        agreed = gaps.join(odd.select("kept").unique(), on="kept", how="anti")
        agreed = agreed.unique("kept", keep="first", maintain_order=True)
        if fills and agreed.height:
            n_filled += agreed.height
            filled = _filled(values, agreed)
            frame = frame.with_columns(filled.alias(name))
    conflicts = pl.concat(listed) if listed else pl.DataFrame(schema=CONFLICTS)
    return (
        frame,
        conflicts.sort("kept", "other", maintain_order=True).head(MOST_CONFLICTS),
        n_filled,
    )


def _filled(values: pl.Series, agreed: pl.DataFrame) -> pl.Series:
    rows = pl.DataFrame({"value": values}).with_row_index("kept")
    given = agreed.select(pl.col("kept").cast(pl.UInt32), pl.col("theirs"))
    joined = rows.join(given, on="kept", how="left", maintain_order="left")
    return joined.select(pl.coalesce("value", "theirs").alias("value"))["value"]


def _listed(name: str, pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(
        "kept",
        "other",
        pl.lit(name).alias("column"),
        _text(pairs["mine"]).alias("kept_value"),
        _text(pairs["theirs"]).alias("other_value"),
    )


def _text(values: pl.Series) -> pl.Series:
    if values.dtype.is_nested() or values.dtype == pl.Binary:
        shown = [None if value is None else str(value)[:200] for value in values.to_list()]
        return pl.Series(shown, dtype=pl.String)
    return values.cast(pl.String)
