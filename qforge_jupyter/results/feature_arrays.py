"""Features as one array of numbers: columns of arrays written out beside the others."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray


def columns_of(schema: pl.Schema) -> tuple[str, ...]:
    """Name each number of a row; those of an array by their place.

    Examples
    --------
    >>> columns_of(pl.Schema({"MolWt": pl.Float64(), "maccs": pl.Array(pl.UInt8(), 2)}))
    ('MolWt', 'maccs[0]', 'maccs[1]')

    """
    return tuple(
        each
        for name, dtype in schema.items()
        for each in (
            [f"{name}[{place}]" for place in range(dtype.size)]
            if isinstance(dtype, pl.Array)
            else [name]
        )
    )


def wide(frame: pl.DataFrame, dtype: type[np.floating] = np.float64) -> NDArray[np.floating]:
    """Give rows by numbers, in the order of `columns_of`; null is NaN.

    Examples
    --------
    >>> frame = pl.DataFrame({"a": [1, None], "b": [[2, 3], None]})
    >>> wide(frame.cast({"b": pl.Array(pl.UInt8(), 2)})).tolist()
    [[1.0, 2.0, 3.0], [nan, nan, nan]]

    """
    found = np.empty((frame.height, len(columns_of(frame.schema))), dtype=dtype)
    at = 0
    for series in frame.iter_columns():
        kind = series.dtype
        width = kind.size if isinstance(kind, pl.Array) else 1
        own = found[:, at : at + width]
        if isinstance(kind, pl.Array):
            own[:] = np.nan
            is_there = series.is_not_null().to_numpy()
            own[is_there] = series.filter(series.is_not_null()).to_numpy()
        else:
            own[:, 0] = series.cast(pl.Float64).to_numpy()
        at += width
    return found
