"""Compare calculated values with reference values, pair of columns by pair."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.results.comparison import ComparisonReport, Pair


def compare(  # noqa: PLR0913 — each is a keyword that the verb shows
    calculated: pl.DataFrame,
    reference: pl.DataFrame,
    *,
    on: str,
    pairs: Mapping[str, str],
    unit: str = "",
    note: str = "",
) -> ComparisonReport:
    """Join two tables on a key and measure how far their columns lie apart.

    Parameters
    ----------
    calculated, reference
        Tables that share the column ``on``; a key must be unique in each.
    on
        Column that names the same thing in both.
    pairs
        Calculated column to reference column; both in the same unit.
    unit
        Unit of every pair, for the page.
    note
        What is compared, in a sentence for the page.

    Raises
    ------
    CallError
        A column is missing, no number, or the key is not unique.

    Examples
    --------
    >>> mine = pl.DataFrame({"id": ["a", "b"], "x": [1.0, 2.5]})
    >>> theirs = pl.DataFrame({"id": ["b", "a"], "y": [2.0, 1.0]})
    >>> compare(mine, theirs, on="id", pairs={"x": "y"}).pairs[0].mae
    0.25

    """
    for frame, columns in ((calculated, pairs.keys()), (reference, pairs.values())):
        _check(frame, on, list(columns))
    measured = [_pair(calculated, reference, on, names, unit) for names in pairs.items()]
    return ComparisonReport(tuple(measured), on=on, note=note)


def _check(frame: pl.DataFrame, on: str, columns: list[str]) -> None:
    for name in (on, *columns):
        if name not in frame.columns:
            raise CallError(f"No column named {name!r}{nearest(name, frame.columns)}")
        if name != on and not frame[name].dtype.is_numeric():
            raise CallError(f"Column {name!r} holds no numbers: name one that does")
    if frame[on].drop_nulls().is_duplicated().any():
        raise CallError(f"Column {on!r} repeats a key: make each key stand in one row")


def _pair(
    calculated: pl.DataFrame, reference: pl.DataFrame, on: str, names: tuple[str, str], unit: str
) -> Pair:
    mine, theirs = names
    left = pl.DataFrame([calculated[on].alias("key"), _numbers(calculated, mine, "calculated")])
    right = pl.DataFrame([reference[on].alias("key"), _numbers(reference, theirs, "reference")])
    joined = left.join(right, on="key", maintain_order="left")
    rows = joined.filter(
        pl.col("calculated").is_finite() & pl.col("reference").is_finite()
    ).with_columns(pl.col("key").cast(pl.String), error=pl.col("calculated") - pl.col("reference"))
    x, y = rows["reference"].to_numpy(), rows["calculated"].to_numpy()
    return Pair(
        calculated=mine,
        reference=theirs,
        unit=unit,
        n=rows.height,
        n_without_partner=max(calculated.height, reference.height) - rows.height,
        rows=rows,
        **_measures(x, y),
    )


def _numbers(frame: pl.DataFrame, column: str, name: str) -> pl.Series:
    return frame[column].cast(pl.Float64).alias(name)


def _measures(
    x: np.ndarray[tuple[int], np.dtype[np.float64]], y: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> dict[str, float | None]:
    """Measure the errors of y against x; what is undefined is None."""
    if not len(x):
        return dict.fromkeys(("mae", "rmse", "bias", "r2", "pearson_r"))
    error = y - x
    spread_x, spread_y = x - x.mean(), y - y.mean()
    total, total_y = float(spread_x @ spread_x), float(spread_y @ spread_y)
    is_spread = len(x) > 1 and total > 0
    correlation = float(spread_x @ spread_y) / (total * total_y) ** 0.5 if total * total_y else None
    return {
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error @ error) / len(x))),
        "bias": float(error.mean()),
        "r2": 1 - float(error @ error) / total if is_spread else None,
        "pearson_r": correlation if is_spread else None,
    }
