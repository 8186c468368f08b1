"""Outliers of a table: per column and group, or over whole rows (Q4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.detectors import Bands
from qforge_jupyter.engine.fences import (
    column_fences,
    detector,
    outlier_expressions,
)
from qforge_jupyter.engine.measured_columns import choose_columns
from qforge_jupyter.engine.outlying_rows import outlying_rows
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.outliers import SEVERITIES, OutlierReport, group_keys, group_label
from qforge_jupyter.results.progress import Progress, silent

LINE = ("row", "column", "value", "low", "high", "distance", "group", "entity")
#: A pass over more columns holds too many of them in memory at a time.
COLUMNS_AT_ONCE = 500
NO_GROUP = pl.lit("").alias("group")


def find_outliers(  # noqa: PLR0913 — each is one question a user asks
    table: Table,
    *,
    method: str = "iqr",
    columns: Sequence[str] | None = None,
    by: Sequence[str] = (),
    keys: Sequence[str] = (),
    threshold: float | None = None,
    contamination: float | None = None,
    seed: int = 42,
    progress: Progress = silent,
) -> OutlierReport:
    """Find the values, or the rows, that lie far out.

    The severity follows from the distance: *low* from the threshold on,
    *medium*, *high* and *critical* from the method's bands on (1.5, 2 and 4
    thresholds; for the isolation forest quarters of what is left up to 1).
    An infinite value is always critical; null and NaN are never outliers.

    Parameters
    ----------
    table
        The rows.
    method
        ``iqr``, ``z`` or ``mad`` for columns; ``isolation-forest``,
        ``local-outlier-factor`` or ``elliptic-envelope`` for whole rows.
    columns
        Numeric columns; all when None, but those that look like an id.
    by
        Columns whose values make groups, each with fences of its own.
    keys
        Columns that name a row in the anomaly records.
    threshold
        Distance from which a value is an outlier; the method's when None.
    contamination
        For whole rows instead of a threshold: the share that lies out.
    seed
        Of what is drawn at random.
    progress
        Told how far the work is.

    Raises
    ------
    CallError
        No such method or column, or options that do not go together.
    DataError
        A column is not a number, or there is none to judge.

    Examples
    --------
    >>> rows = pl.DataFrame({"gap": [1.0, 2.0, 3.0, 4.0, 90.0]})
    >>> find_outliers(Table.of_frame("calcs", rows)).rows.select("row", "severity").row(0)
    (4, 'critical')

    """
    module, chosen = check_question(
        table, method=method, columns=columns, by=by, keys=keys, threshold=threshold,
        contamination=contamination,
    )  # fmt: skip
    by, keys = tuple(dict.fromkeys(by)), tuple(dict.fromkeys(keys))
    lazy = table.frame.lazy() if "frame" in table.__dict__ else table.lazy
    wanted, notes = choose_columns(table, lazy, columns, (*by, *keys))
    progress(0, None, method)
    if module.WORKS_ON == "columns":
        fences = column_fences(lazy, wanted, method, chosen, by)
        lines = _beyond_fences(lazy, fences, wanted, by, keys)
        counts = _values_judged(fences)
    else:
        fences = pl.DataFrame()
        found = outlying_rows(
            lazy, wanted, module, threshold=threshold, share=contamination,
            seed=seed, progress=progress,
        )  # fmt: skip
        chosen, notes = found.threshold, (*notes, *found.notes)
        lines = _with_entities(lazy, found.lines, keys)
        counts = found.judged
    bands: Bands = module.bands(chosen)
    rows = _ranked(lines, bands)
    return OutlierReport(
        table=table.name,
        method=method.replace("_", "-"),
        unit=module.UNIT,
        threshold=chosen,
        bands=bands,
        by=by,
        n_rows=table.n_rows,
        rows=rows,
        counts=_counted(counts, rows),
        fences=fences,
        notes=notes,
        seed=seed if module.WORKS_ON == "rows" else None,
    )


def check_question(  # noqa: PLR0913 — each is one question a user asks
    table: Table,
    *,
    method: str = "iqr",
    columns: Sequence[str] | None = None,
    by: Sequence[str] = (),
    keys: Sequence[str] = (),
    threshold: float | None = None,
    contamination: float | None = None,
) -> tuple[ModuleType, float]:
    """Give the detector and its threshold, once the question is known to make sense.

    Parameters and errors are those of `find_outliers`; no row is looked at.
    """
    module, chosen = detector(method, threshold)
    _check_columns(table, columns, by, keys)
    _check_options(module, method, by, threshold, contamination)
    if columns is None and not any(kind.is_numeric() for kind in table.schema.values()):
        choose_columns(table, table.schema.to_frame().lazy(), None, (*by, *keys))
    return module, chosen


def _check_columns(
    table: Table, columns: Sequence[str] | None, by: Sequence[str], keys: Sequence[str]
) -> None:
    if columns is not None and not columns:
        raise CallError("No columns came, wanted at least one")
    for name in (*(columns or ()), *by, *keys):
        if name not in table.schema:
            raise CallError(f"No column named {name!r}{nearest(name, table.columns)}")
    for name in columns or ():
        if not table.schema[name].is_numeric():
            raise DataError(
                f"Column {name!r} is {table.schema[name]}, wanted a number: "
                "leave it out or convert it first"
            )


def _check_options(
    module: ModuleType,
    method: str,
    by: Sequence[str],
    threshold: float | None,
    contamination: float | None,
) -> None:
    if module.WORKS_ON == "columns" and contamination is not None:
        raise CallError(f"The method {method!r} knows no contamination: give a threshold instead")
    if module.WORKS_ON == "rows" and by:
        raise CallError(f"The method {method!r} judges all rows at once: leave `by` out")
    if threshold is not None and contamination is not None:
        raise CallError("Both a threshold and a contamination came, wanted one of them")
    if contamination is not None and not 0 < contamination <= 0.5:
        raise CallError(f"The contamination is {contamination:g}, wanted a share up to .5")


def _entity(keys: Sequence[str]) -> pl.Expr:
    texts = [exact(name).cast(pl.String).fill_null("null") for name in keys]
    return (pl.concat_str(texts, separator=", ") if texts else pl.lit("")).alias("entity")


def _beyond_fences(
    lazy: pl.LazyFrame,
    fences: pl.DataFrame,
    columns: Sequence[str],
    by: Sequence[str],
    keys: Sequence[str],
) -> pl.DataFrame:
    flags = dict(zip(columns, outlier_expressions(fences), strict=True))
    row = pl.int_range(pl.len(), dtype=pl.Int64).alias("row")
    groups = [exact(name).alias(f"key{i}") for i, name in enumerate(by)]
    shared = [row, _entity(keys), *groups]
    lines = [
        _flagged(lazy, {name: flags[name] for name in columns[at : at + COLUMNS_AT_ONCE]}, shared)
        for at in range(0, len(columns), COLUMNS_AT_ONCE)
    ]
    labels = [group_label(fences["group"]), *group_keys(fences["group"])] if by else []
    bounds = fences.select("column", "low", "high", "scale", "threshold", NO_GROUP)
    bounds = bounds.with_columns(labels)
    kept = [f"key{i}" for i in range(len(by))]
    return (
        pl.concat(lines)
        .join(bounds, on=["column", *kept], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(_distance().alias("distance"))
        .select(LINE)
    )


def _flagged(
    lazy: pl.LazyFrame, flags: Mapping[str, pl.Expr], shared: Sequence[pl.Expr]
) -> pl.DataFrame:
    """Give a line for each flagged value: column, value and what is shared by its row."""
    n = len(flags)
    asked = [flag.alias(f"flag{i}") for i, flag in enumerate(flags.values())]
    values = [exact(name).cast(pl.Float64).alias(f"value{i}") for i, name in enumerate(flags)]
    found = (
        lazy.select(*asked, *values, *shared)
        .filter(pl.any_horizontal(pl.col(f"flag{i}") for i in range(n)))
        .collect()
    )
    # By place, not by name or filter: each of these would look at every column again.
    series = found.get_columns()
    places = [flag.arg_true() for flag in series[:n]]
    lengths = pl.Series([len(each) for each in places], dtype=pl.UInt32)
    taken = [each.gather(at) for each, at in zip(series[n : 2 * n], places, strict=True)]
    names = pl.Series("column", list(flags), dtype=pl.String)
    at = pl.select(pl.int_range(n).repeat_by(lengths).explode(empty_as_null=False)).to_series()
    return pl.DataFrame(
        [
            names.gather(at),
            pl.concat(each.alias("value") for each in taken),
            *(each.gather(pl.concat(places)) for each in series[2 * n :]),
        ]
    )


def _distance() -> pl.Expr:
    value, low, high = pl.col("value"), pl.col("low"), pl.col("high")
    scale, threshold = pl.col("scale"), pl.col("threshold")
    return (
        pl.when(value.is_infinite())
        .then(value)
        .when(value > high)
        .then((value - high) / scale + threshold)
        .otherwise((value - low) / scale - threshold)
    )


def _with_entities(lazy: pl.LazyFrame, lines: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    if not keys:
        return lines.with_columns(pl.lit("").alias("entity")).select(LINE)
    at = pl.Series(lines["row"].unique().sort())
    entities = (
        lazy.select(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"), _entity(keys))
        .filter(pl.col("row").is_in(at.implode()))
        .collect()
    )
    return lines.join(entities, on="row", how="left", maintain_order="left").select(LINE)


def _ranked(lines: pl.DataFrame, bands: Bands) -> pl.DataFrame:
    medium, high, critical = bands
    far = pl.col("distance").abs()
    severity = (
        pl.when(far >= critical)
        .then(pl.lit("critical"))
        .when(far >= high)
        .then(pl.lit("high"))
        .when(far >= medium)
        .then(pl.lit("medium"))
        .otherwise(pl.lit("low"))
    )
    return (
        lines.with_columns(severity.alias("severity"))
        .sort(far, descending=True, maintain_order=True)
        .select(*LINE[:-2], "severity", *LINE[-2:])
    )


def _values_judged(fences: pl.DataFrame) -> pl.DataFrame:
    counted = ("n", "n_missing", "n_infinite")
    return fences.group_by("column", maintain_order=True).agg(
        pl.col(name).sum() for name in counted
    )


def _counted(judged: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    found = rows.group_by("column").agg(
        pl.len().cast(pl.Int64).alias("n_outliers"),
        *((pl.col("severity") == name).sum().cast(pl.Int64).alias(name) for name in SEVERITIES),
    )
    return judged.join(found, on="column", how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null(0) for name in ("n_outliers", *SEVERITIES)
    )
