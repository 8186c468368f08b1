"""Features of a table: numbers for every row, and how they hang together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.results.features import Redundancy
from qforge_jupyter.rules.values import read_formula

#: Correlations beyond it are reported.
MOST_CORRELATED = 0.95
#: A matrix of more features is not what anybody reads.
MOST_FEATURES = 2_000

Matrix = NDArray[np.float64]


def compute_features(
    rows: pl.LazyFrame,
    schema: pl.Schema,
    columns: Sequence[str],
    formulas: Mapping[str, str],
    beside: Sequence[str] = (),
) -> pl.DataFrame:
    """Give the features of every row, as floats, in the order in which they are named.

    Parameters
    ----------
    rows, schema
        The table.
    columns
        Columns taken as they are.
    formulas
        Features by name, computed of columns.
    beside
        Names of features that are made elsewhere.

    Raises
    ------
    CallError
        No such column, a name twice, or no feature at all.
    DataError
        A column holds no numbers.
    RuleError
        A formula cannot be read.

    Examples
    --------
    >>> frame = pl.DataFrame({"homo": [-9.0], "lumo": [-1.0]})
    >>> compute_features(frame.lazy(), frame.schema, ["homo"], {"gap": "lumo - homo"}).columns
    ['homo', 'gap']

    """
    names = [*columns, *formulas, *beside]
    _check_names(names, schema, columns)
    wanted = [column(name).cast(pl.Float64).alias(name) for name in columns]
    wanted += [read_formula(text, schema).expression.alias(name) for name, text in formulas.items()]
    return rows.select(wanted).collect()


def _check_names(names: list[str], schema: pl.Schema, columns: Sequence[str]) -> None:
    if not names:
        raise CallError(
            "A feature set holds at least one feature: name `columns`, `compute` one, or describe "
            "molecules by `descriptors` or a `fingerprint`"
        )
    if len(names) > MOST_FEATURES:
        raise CallError(f"{len(names):,} features came and at most {MOST_FEATURES:,} are compared")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise CallError(f"The feature {twice!r} is named twice: call one of them otherwise")
    for name in columns:
        if name not in schema:
            raise CallError(f"No column {name[:60]!r} to take as a feature{nearest(name, schema)}")
        if not (schema[name].is_numeric() or schema[name] == pl.Boolean):
            raise DataError(
                f"The column {name!r} is {schema[name]} and features are numbers: "
                "compute one from it, as `is_a: kind == 'a'`"
            )


def correlate(features: pl.DataFrame, min_rows: int) -> Matrix:
    """Give Pearson's r of every pair, over the rows in which both are finite.

    NaN where fewer than ``min_rows`` rows have both, or one of them does not
    vary there.

    Examples
    --------
    >>> frame = pl.DataFrame({"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 6.0]})
    >>> correlate(frame, 3).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]

    """
    values = features.to_numpy().astype(np.float64)
    present = np.isfinite(values)
    held = np.where(present, values, 0.0)
    n_present = np.maximum(1, present.sum(axis=0))
    # Centred and scaled first, so that sums of squares lose no digits.
    largest = np.maximum(np.abs(held).max(axis=0, initial=0.0), np.finfo(float).tiny)
    held = np.where(present, held / largest, 0.0)
    held = np.where(present, held - held.sum(axis=0) / n_present, 0.0)
    mask = present.astype(np.float64)
    n = mask.T @ mask
    sums = held.T @ mask
    products = held.T @ held
    squares = (held**2).T @ mask
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = n * products - sums * sums.T
        spread = n * squares - sums**2
        r = covered / np.sqrt(spread * spread.T)
    is_flat = spread <= 1e-14 * np.maximum(n * squares, np.finfo(float).tiny)
    r[(n < max(2, min_rows)) | is_flat | is_flat.T] = np.nan
    clipped: Matrix = np.clip(r, -1.0, 1.0)
    return clipped


def redundancies(names: Sequence[str], features: pl.DataFrame, r: Matrix) -> tuple[Redundancy, ...]:
    """Name every pair beyond |r| = 0.95, which of the two to drop, and why.

    The one with fewer values is dropped; of two alike the one that hangs more
    on all others, so that what stays says more. Where three or more hang
    together, principal components are proposed instead.

    """
    strong = np.argwhere(np.triu(np.abs(np.nan_to_num(r)) > MOST_CORRELATED, 1))
    clusters = _clusters(len(names), strong)
    if not len(strong):
        return ()
    hanging = np.abs(np.where(np.eye(len(names)) == 1, np.nan, r))
    is_told = np.isfinite(hanging)
    others = np.where(is_told, hanging, 0.0).sum(axis=0) / np.maximum(1, is_told.sum(axis=0))
    present = features.select(pl.all().is_finite().fill_null(value=False).sum()).row(0)
    missing = [features.height - n for n in present]
    found = []
    for first, second in strong.tolist():
        drop, keep = second, first
        why = "it comes later and says the same"
        if missing[first] != missing[second]:
            drop, keep = (first, second) if missing[first] > missing[second] else (second, first)
            why = "it has fewer values"
        elif abs(others[first] - others[second]) > 1e-9:
            drop, keep = (first, second) if others[first] > others[second] else (second, first)
            why = "it hangs more on the other features"
        alike = clusters[first]
        found.append(
            Redundancy(
                names[first],
                names[second],
                float(r[first, second]),
                names[drop],
                names[keep],
                why,
                tuple(names[each] for each in alike) if len(alike) > 2 else (),
            )
        )
    return tuple(found)


def _clusters(n: int, pairs: Any) -> list[list[int]]:
    """Give for each feature all that hang together with it."""
    group = list(range(n))
    for first, second in pairs.tolist():
        old, new = group[second], group[first]
        group = [new if each == old else each for each in group]
    return [[other for other in range(n) if group[other] == each] for each in group]
