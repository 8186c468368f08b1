"""Take numbers from any container."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.engine.uncertainty.resampling import Floats
from qforge_jupyter.errors import DataError


def as_numbers(values: Any, *, is_paired: bool = False) -> Floats:
    """Take numbers in any container as doubles, missing ones as NaN.

    Raises
    ------
    DataError
        They are no numbers, or not in the shape wanted.

    """
    try:
        if isinstance(values, pl.Series | pl.DataFrame):
            numbers = values.cast(pl.Float64).to_numpy()
        else:
            numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, pl.exceptions.PolarsError):
        raise DataError("The values are not all numbers: convert them first") from None
    if is_paired and not (numbers.ndim == 2 and numbers.shape[1] == 2):
        raise DataError(f"The values have shape {numbers.shape}, wanted n rows of two")
    if not is_paired and numbers.ndim != 1:
        raise DataError(f"The values have shape {numbers.shape}, wanted one number each")
    return numbers
