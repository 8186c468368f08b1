"""Fences of columns: between which bounds a value is ordinary.

A frame of fences has one row for each column and group: ``column``, ``group``
(a struct of the group's keys, where there are groups), ``n`` (finite values),
``n_missing`` (null or NaN), ``n_infinite``, ``centre``, ``scale``, ``low``,
``high``, ``threshold`` and ``reason``, which says why there are no fences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType

import numpy as np
import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.detectors import DETECTORS, Anchors
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.results.outliers import group_keys

#: A scale below this share of the centre is rounding, not spread.
ROUNDING = 4 * float(np.finfo(np.float64).eps)
#: Columns described together by group; the work grows with the square of it.
COLUMNS_AT_ONCE = 100
DESCRIBED = ("n", "n_missing", "n_infinite", "least", "most", "lower", "centre", "upper", "scale")


def detector(method: str, threshold: float | None) -> tuple[ModuleType, float]:
    """Find a method by its name and settle its threshold.

    Raises
    ------
    CallError
        There is no such method, or the threshold is no positive number.

    Examples
    --------
    >>> detector("iqr", None)[1]
    1.5

    """
    module = DETECTORS.get(method.replace("_", "-"))
    chosen = float(module.THRESHOLD) if threshold is None else float(threshold)
    if not (math.isfinite(chosen) and chosen > 0):
        raise CallError(f"The threshold is {chosen:g}, wanted a positive number")
    return module, chosen


def column_fences(
    lazy: pl.LazyFrame,
    columns: Sequence[str],
    method: str = "iqr",
    threshold: float | None = None,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """Give the fences of every column, in each group if there are groups.

    Null, NaN and infinite values never take part; null keys are a group of
    their own. Integers are judged as doubles.

    Parameters
    ----------
    lazy
        The rows.
    columns
        Numeric columns.
    method
        ``iqr``, ``z`` or ``mad``.
    threshold
        In the method's unit; its default when None.
    by
        Columns whose values make the groups.

    Returns
    -------
    polars.DataFrame
        One row for each column and group, as the module describes.

    Raises
    ------
    CallError
        No such method or column, or one that judges whole rows.
    DataError
        A column is not numeric.

    Examples
    --------
    >>> rows = pl.LazyFrame({"gap": [1.0, 2.0, 3.0, 4.0, 90.0]})
    >>> column_fences(rows, ["gap"]).select("low", "high").row(0)
    (-1.0, 7.0)

    """
    module, chosen = detector(method, threshold)
    if module.WORKS_ON != "columns":
        raise CallError(f"The method {method!r} judges whole rows, wanted iqr, z or mad")
    _check(lazy.collect_schema(), columns, by)
    if by:
        described = pl.concat(
            _by_group(lazy, columns[at : at + COLUMNS_AT_ONCE], by, module)
            for at in range(0, len(columns), COLUMNS_AT_ONCE)
        )
    else:
        described = _whole(lazy, columns, module)
    return _fenced(described, module, chosen)


def outlier_expressions(fences: pl.DataFrame) -> list[pl.Expr]:
    """Give one Boolean expression a column: does the value lie beyond its fence.

    Null and NaN give false, infinities true, whatever the fence. A group that
    the fences do not know has none. Each expression bears its column's name.

    Examples
    --------
    >>> rows = pl.LazyFrame({"gap": [1.0, 2.0, 3.0, 4.0, 90.0]})
    >>> flags = outlier_expressions(column_fences(rows, ["gap"]))
    >>> rows.select(flags).collect()["gap"].to_list()
    [False, False, False, False, True]

    """
    if "group" not in fences.columns:
        wanted = fences.select("column", "low", "high").iter_rows()
        return [_beyond(exact(name), pl.lit(low), pl.lit(high)).alias(name)
                for name, low, high in wanted]  # fmt: skip
    by = fences["group"].struct.fields
    keys = [exact(key).alias(f"key{index}") for index, key in enumerate(by)]
    flags = []
    for (name,), part in fences.group_by("column", maintain_order=True):
        column = str(name)
        bounds = group_keys(part["group"]).with_columns(part["low"], part["high"])
        gathered = pl.struct(*keys, exact(column).cast(pl.Float64).alias("value"))
        judge: Callable[[pl.Series], pl.Series] = partial(_beyond_in_groups, bounds=bounds)
        flag = gathered.map_batches(judge, return_dtype=pl.Boolean, is_elementwise=True)
        flags.append(flag.alias(column))
    return flags


def _check(schema: pl.Schema, columns: Sequence[str], by: Sequence[str]) -> None:
    for name in (*columns, *by):
        if name not in schema:
            raise CallError(f"No column named {name!r}{nearest(name, schema.names())}")
    for name in columns:
        if not schema[name].is_numeric():
            raise DataError(
                f"Column {name!r} is {schema[name]}, wanted a number: "
                "leave it out or convert it first"
            )


def _beyond(value: pl.Expr, low: pl.Expr, high: pl.Expr) -> pl.Expr:
    number = value.cast(pl.Float64)
    # Polars sorts NaN above every number, so that it has to be asked for first.
    outside = ((number < low) | (number > high)).fill_null(value=False)
    return ((number.is_finite() & outside) | number.is_infinite()).fill_null(value=False)


def _beyond_in_groups(rows: pl.Series, bounds: pl.DataFrame) -> pl.Series:
    keys = [name for name in bounds.columns if name.startswith("key")]
    fenced = rows.struct.unnest().join(
        bounds, on=keys, how="left", nulls_equal=True, maintain_order="left"
    )
    judged = fenced.select(_beyond(pl.col("value"), pl.col("low"), pl.col("high")))
    return judged.to_series()


def _whole(lazy: pl.LazyFrame, columns: Sequence[str], module: ModuleType) -> pl.DataFrame:
    # np.partition, under np.quantile, costs half the CPU of Polars' quantile.
    wanted = {f"{index}": exact(name).cast(pl.Float64) for index, name in enumerate(columns)}
    frame = lazy.select(**wanted).collect()
    rows: list[tuple[object, ...]] = []
    for name, series in zip(columns, frame.iter_columns(), strict=True):
        numbers = series.to_numpy()  # A null becomes NaN, which is missing as well.
        finite = numbers[np.isfinite(numbers)]
        n_infinite = int(np.isinf(numbers).sum())
        counts = (len(finite), len(series) - len(finite) - n_infinite, n_infinite)
        if len(finite):
            # Values near the largest float may overflow; a scale that is not finite declines.
            with np.errstate(over="ignore", invalid="ignore"):
                at: Anchors[float] = module.of_values(finite)
            ends = (float(finite.min()), float(finite.max()))
            rows.append((name, *counts, *ends, at.lower, at.centre, at.upper, at.scale))
        else:
            rows.append((name, *counts, *(None,) * 6))
    schema = dict.fromkeys(DESCRIBED, pl.Float64) | dict.fromkeys(DESCRIBED[:3], pl.Int64)
    return pl.DataFrame(rows, schema={"column": pl.String, **schema}, orient="row")


def _by_group(
    lazy: pl.LazyFrame, columns: Sequence[str], by: Sequence[str], module: ModuleType
) -> pl.DataFrame:
    keys = [exact(name).alias(f"key{index}") for index, name in enumerate(by)]
    values = [exact(name).cast(pl.Float64).alias(f"{i}") for i, name in enumerate(columns)]
    described = (
        lazy.select(*keys, *values)
        .group_by([f"key{index}" for index in range(len(by))], maintain_order=True)
        .agg(expr for index in range(len(columns)) for expr in _described(f"{index}", module))
        .collect()
    )
    group = pl.struct(pl.col(f"key{index}").alias(name) for index, name in enumerate(by))
    parts = [
        described.select(
            pl.lit(name).alias("column"),
            group.alias("group"),
            *(pl.col(f"{index}:{part}").alias(part) for part in DESCRIBED),
        )
        for index, name in enumerate(columns)
    ]
    return pl.concat(parts)


def _described(name: str, module: ModuleType) -> list[pl.Expr]:
    value = pl.col(name)
    finite = value.filter(value.is_finite())
    at: Anchors[pl.Expr] = module.of_groups(finite)
    n_infinite = value.is_infinite().sum().cast(pl.Int64)
    n_finite = finite.len().cast(pl.Int64)
    parts = (
        n_finite,
        pl.len().cast(pl.Int64) - n_finite - n_infinite,
        n_infinite,
        finite.min(),
        finite.max(),
        at.lower,
        at.centre,
        at.upper,
        at.scale,
    )
    return [part.alias(f"{name}:{what}") for part, what in zip(parts, DESCRIBED, strict=True)]


def _fenced(described: pl.DataFrame, module: ModuleType, threshold: float) -> pl.DataFrame:
    least, scale, reach = module.least_rows(threshold), pl.col("scale"), threshold * pl.col("scale")
    low, high = pl.col("lower") - reach, pl.col("upper") + reach
    is_level = scale <= ROUNDING * pl.col("centre").abs()
    reason = (
        pl.when(pl.col("n") < least)
        .then(pl.lit(f"fewer than {least} finite values"))
        .when(pl.col("least") == pl.col("most"))
        .then(pl.lit("all values are equal"))
        .when(is_level | (scale == 0))
        .then(pl.lit(f"its {module.UNIT} is 0: too many values are equal"))
        .when(~(low.is_finite() & high.is_finite()))
        .then(pl.lit("its values are too large for double precision"))
        .otherwise(pl.lit(""))
    )
    is_fenced = pl.col("reason") == ""
    kept = ["column", *(["group"] if "group" in described.columns else [])]
    return described.with_columns(
        reason.alias("reason"), low.alias("low"), high.alias("high")
    ).select(
        *kept,
        *DESCRIBED[:3],
        *(
            pl.when(is_fenced).then(pl.col(name)).alias(name)
            for name in ("centre", "scale", "low", "high")
        ),
        pl.lit(threshold).alias("threshold"),
        "reason",
    )
