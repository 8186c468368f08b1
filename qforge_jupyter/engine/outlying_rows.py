"""Outliers among whole rows, seen over several columns at once (Q4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.detectors import RowDistances
from qforge_jupyter.errors import DataError
from qforge_jupyter.results.progress import Progress

#: Interquartile range of the standard normal distribution.
NORMAL_IQR = 1.3489795003921634
#: What stands for the column where all columns are meant.
ALL_COLUMNS = "all columns"


@dataclass(frozen=True)
class OutlyingRows:
    """Lines for a report, with the threshold that was used and the values judged."""

    lines: pl.DataFrame
    judged: pl.DataFrame
    threshold: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Points:
    """Rows as comparable numbers: median 0, robust spread 1, nothing missing."""

    values: NDArray[np.float64]
    #: Positions of the rows that hold a number at all.
    positions: NDArray[np.int64]
    notes: tuple[str, ...]


def outlying_rows(  # noqa: PLR0913 — one argument for each choice of the caller
    lazy: pl.LazyFrame,
    columns: Sequence[str],
    module: ModuleType,
    *,
    threshold: float | None,
    share: float | None,
    seed: int,
    progress: Progress,
) -> OutlyingRows:
    """Judge every row over ``columns`` by a method that works on rows.

    Parameters
    ----------
    lazy, columns
        The rows and their numeric columns.
    module
        A member of `DETECTORS`.
    threshold
        In the method's unit; its default when None.
    share
        Instead: the share of rows that lies out.
    seed, progress
        As everywhere.

    Raises
    ------
    DataError
        There are too few rows or no column that varies.

    """
    wanted = {f"{i}": exact(name).cast(pl.Float64) for i, name in enumerate(columns)}
    frame = lazy.select(**wanted).collect().rename(lambda name: columns[int(name)])
    points = comparable(frame)
    least = module.least_rows(points.values.shape[1])
    if len(points.values) < least:
        raise DataError(
            f"There are {len(points.values)} rows, wanted at least {least} to judge "
            f"{points.values.shape[1]} columns together: judge single columns with iqr or mad"
        )
    measured: RowDistances = module.measure(points.values, seed=seed, progress=progress)
    if share is not None:
        threshold = float(np.quantile(measured.distances, 1 - share))
    chosen = measured.threshold if threshold is None else threshold
    beyond = measured.distances > chosen
    lines = pl.concat([_infinite(frame), _lines(points, measured.distances, beyond, chosen)])
    return OutlyingRows(lines, _judged(frame), chosen, points.notes + measured.notes)


def comparable(frame: pl.DataFrame) -> Points:
    """Standardise robustly and put the median where a value is missing.

    The spread is the interquartile range as of a normal distribution, or the
    standard deviation where that is 0. What is infinite counts as missing.

    Raises
    ------
    DataError
        No column varies.

    Examples
    --------
    >>> comparable(pl.DataFrame({"gap": [1.0, None, 3.0], "homo": [1, 2, 3]})).notes
    ('1 missing or infinite value of 6 was taken as the median of its column.',)

    """
    values = frame.to_numpy().astype(np.float64, copy=True)
    is_known = np.isfinite(values)
    positions = np.flatnonzero(is_known.any(axis=1))
    values, is_known = values[positions], is_known[positions]
    varies = [_standardise(values[:, i], is_known[:, i]) for i in range(frame.width)]
    kept = np.flatnonzero(varies)
    level = [name for name, does in zip(frame.columns, varies, strict=True) if not does]
    if not len(kept):
        raise DataError("No column varies, wanted at least one that does: choose other columns")
    notes = []
    n_filled, n_values = int((~is_known[:, kept]).sum()), len(values) * len(kept)
    if n_filled:
        verb = "value of {} was" if n_filled == 1 else "values of {} were"
        notes.append(
            f"{n_filled:,} missing or infinite {verb.format(f'{n_values:,}')} "
            "taken as the median of its column."
        )
    if len(positions) < frame.height:
        notes.append(
            f"Not judged, since they hold no number: {frame.height - len(positions):,} rows."
        )
    if level:
        notes.append(f"Left out, since they do not vary: {', '.join(level[:10])}.")
    return Points(np.ascontiguousarray(values[:, kept]), positions, tuple(notes))


def _standardise(values: NDArray[np.float64], is_known: NDArray[np.bool_]) -> bool:
    """Standardise a column in place; say whether it varies."""
    known = values[is_known]
    if len(known) == 0 or known.min() == known.max():
        return False
    lower, centre, upper = np.quantile(known, (0.25, 0.5, 0.75))
    spread = (upper - lower) / NORMAL_IQR or known.std()
    if not (np.isfinite(spread) and spread > 0):
        return False
    values -= centre
    values /= spread
    values[~is_known] = 0.0
    return True


def _lines(
    points: Points, distances: NDArray[np.float64], beyond: NDArray[np.bool_], threshold: float
) -> pl.DataFrame:
    return pl.DataFrame({"row": points.positions[beyond], "distance": distances[beyond]}).select(
        pl.col("row").cast(pl.Int64),
        pl.lit(ALL_COLUMNS).alias("column"),
        pl.lit(None, pl.Float64).alias("value"),
        pl.lit(None, pl.Float64).alias("low"),
        pl.lit(threshold, pl.Float64).alias("high"),
        pl.col("distance").cast(pl.Float64),
        pl.lit("").alias("group"),
    )


def _infinite(frame: pl.DataFrame) -> pl.DataFrame:
    """Give a line for every infinite value: it lies out whatever the others say."""
    parts = []
    for name, series in zip(frame.columns, frame.iter_columns(), strict=True):
        rows = series.is_infinite().fill_null(value=False).arg_true().cast(pl.Int64)
        found = pl.DataFrame({"row": rows, "value": series.gather(rows)})
        parts.append(
            found.select(
                "row",
                pl.lit(name).alias("column"),
                "value",
                pl.lit(None, pl.Float64).alias("low"),
                pl.lit(None, pl.Float64).alias("high"),
                pl.col("value").alias("distance"),
                pl.lit("").alias("group"),
            )
        )
    return pl.concat(parts)


def _judged(frame: pl.DataFrame) -> pl.DataFrame:
    counts = []
    for name, series in zip(frame.columns, frame.iter_columns(), strict=True):
        n_infinite = int(series.is_infinite().sum())
        n_finite = int(series.is_finite().sum())
        counts.append((name, n_finite, series.len() - n_finite - n_infinite, n_infinite))
    counts.append((ALL_COLUMNS, frame.height, 0, 0))
    schema = {"column": pl.String, "n": pl.Int64, "n_missing": pl.Int64, "n_infinite": pl.Int64}
    return pl.DataFrame(counts, schema=schema, orient="row")
