"""Strata: classes and quantile bins of columns, and their combinations."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import is_present
from qforge_jupyter.engine.split_plan import Stratifier
from qforge_jupyter.errors import DataError

Codes = NDArray[np.int64]
#: What the stratum of rows without a value is called.
NO_VALUE = "no value"


@dataclass(frozen=True)
class ColumnStrata:
    """The stratum of every row in one column.

    Parameters
    ----------
    codes
        Stratum of each row, a place in ``labels``.
    edges
        Where the bins begin and end, for a column that is cut.

    """

    column: str
    codes: Codes
    labels: tuple[str, ...]
    edges: tuple[float, ...] = ()


def strata_of(
    column: pl.Series, asked: Stratifier, edges: tuple[float, ...] | None = None
) -> ColumnStrata:
    """Sort rows into strata; a null or NaN is a stratum of its own.

    Parameters
    ----------
    column
        The cells.
    asked
        Whether the column is cut into bins, and into how many.
    edges
        Those of an earlier split, to be kept.

    Raises
    ------
    DataError
        The column cannot be cut, or cannot be told apart.

    Examples
    --------
    >>> found = strata_of(pl.Series("x", [1.0, 2.0, 3.0, 4.0, None]), Stratifier("x", 2))
    >>> found.codes.tolist(), found.labels
    ([0, 0, 1, 1, 2], ('1 .. 2.5', '2.5 .. 4', 'no value'))

    """
    name, column = column.name, column.alias("value")
    present = column.to_frame().select(is_present(pl.col("value"), column.dtype)).to_series()
    if asked.n_bins:
        codes, labels, edges = _binned(name, column, present.to_numpy(), asked.n_bins, edges)
    else:
        codes, labels = _classes(name, column, present)
        edges = ()
    lacks = ~present.to_numpy()
    if lacks.any():
        codes[lacks] = len(labels)
        labels = (*labels, NO_VALUE)
    return ColumnStrata(name, codes, labels, edges or ())


def _binned(
    name: str,
    column: pl.Series,
    present: NDArray[np.bool_],
    n_bins: int,
    edges: tuple[float, ...] | None,
) -> tuple[Codes, tuple[str, ...], tuple[float, ...]]:
    dtype = column.dtype
    if not (dtype.is_numeric() or dtype.is_temporal()):
        raise DataError(
            f"{name!r} is {dtype} and cannot be cut into bins: stratify by it without `in … bins`"
        )
    numbers = column.to_physical() if dtype.is_temporal() else column
    values = numbers.cast(pl.Float64).fill_null(0.0).to_numpy()
    finite = values[present & np.isfinite(values)]
    if edges is None:
        quantiles = np.quantile(finite, np.linspace(0, 1, n_bins + 1)) if len(finite) else []
        edges = tuple(np.unique(quantiles).tolist())
    inner = np.asarray(edges[1:-1])
    codes = np.searchsorted(inner, values, side="right").astype(np.int64)
    shown = [f"{low:.4g} .. {high:.4g}" for low, high in pairwise(edges)]
    return codes, tuple(shown) or ("one value",), edges


def _classes(name: str, column: pl.Series, present: pl.Series) -> tuple[Codes, tuple[str, ...]]:
    dtype = column.dtype
    if dtype.is_nested() or dtype in (pl.Object, pl.Binary):
        raise DataError(f"{name!r} is {dtype} and holds no classes: stratify by another column")
    if isinstance(dtype, pl.Categorical | pl.Enum):
        column = column.cast(pl.String)
    known = column.filter(present).unique().sort()
    table = pl.DataFrame({"value": known}).with_row_index("code")
    codes = column.to_frame().join(table, on="value", how="left", maintain_order="left")["code"]
    labels = tuple(str(value)[:60] for value in known.head(10_000).to_list())
    labels += tuple("…" for _ in range(known.len() - len(labels)))
    return codes.cast(pl.Int64).fill_null(0).to_numpy().copy(), labels


def combined(columns: list[ColumnStrata], n_rows: int) -> tuple[Codes, int]:
    """Number the combinations of several columns' strata that occur."""
    codes = np.zeros(n_rows, dtype=np.int64)
    n_codes = 1
    for each in columns:
        codes = codes * len(each.labels) + each.codes
        _, codes = np.unique(codes, return_inverse=True)
        n_codes = int(codes.max(initial=0)) + 1
    return codes, n_codes
