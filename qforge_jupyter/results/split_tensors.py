"""Rows as tensors: what a training loop reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column, is_present
from qforge_jupyter.errors import CallError, DataError, nearest

if TYPE_CHECKING:
    import torch
    from torch.utils.data import TensorDataset


def tensors_of(
    source: pl.LazyFrame, rows: NDArray[np.bool_], features: list[str] | None, target: str | None
) -> TensorDataset:
    """Make a torch Dataset of numeric columns, and of a target where one is named.

    Raises
    ------
    DataError
        A column is no number, or lacks a value.

    """
    from torch.utils.data import TensorDataset

    schema = source.collect_schema()
    names = _features(schema, features, target)
    held = source.select(column(name) for name in [*names, *([target] if target else [])])
    mask = pl.Series(rows)
    frame = held.filter(mask).collect()
    for name in frame.columns:
        _need_values(frame, name)
    tensors = [_tensor(frame, names)]
    if target is not None:
        tensors.append(_answers(frame[target], source, target))
    return TensorDataset(*tensors)


def _features(schema: pl.Schema, asked: list[str] | None, target: str | None) -> list[str]:
    for name in [*(asked or []), *([target] if target else [])]:
        if name not in schema:
            raise CallError(f"No column named {name!r}{nearest(name, schema.names())}")
    usable = [
        name
        for name, kind in schema.items()
        if (kind.is_numeric() or kind == pl.Boolean) and name != target
    ]
    for name in asked or []:
        if not (schema[name].is_numeric() or schema[name] == pl.Boolean):
            raise DataError(f"The feature {name!r} is {schema[name]}: encode it as a number first")
    if not (asked or usable):
        raise DataError("No numeric column is left as a feature: name some with features=[…]")
    return asked or usable


def _need_values(frame: pl.DataFrame, name: str) -> None:
    present = frame.select(is_present(column(name), frame.schema[name])).to_series()
    if n_missing := int((~present).sum()):
        raise DataError(
            f"{name!r} lacks a value in {n_missing:,} rows of the part: "
            "fill them, or leave them out with `only`"
        )


def _tensor(frame: pl.DataFrame, names: list[str]) -> torch.Tensor:
    import torch

    values = frame.select(column(name).cast(pl.Float32) for name in names).to_numpy()
    return torch.from_numpy(np.array(values, dtype=np.float32, order="C"))


def _answers(held: pl.Series, source: pl.LazyFrame, target: str) -> torch.Tensor:
    """Give the target: floats as they are, whole numbers as they are, classes by number."""
    import torch

    if held.dtype.is_float() or held.dtype.is_decimal():
        return torch.from_numpy(held.cast(pl.Float32).to_numpy().copy())
    if held.dtype.is_integer() or held.dtype == pl.Boolean:
        return torch.from_numpy(held.cast(pl.Int64).to_numpy().copy())
    if not isinstance(held.dtype, pl.String | pl.Categorical | pl.Enum):
        raise DataError(f"The target {target!r} is {held.dtype}: take a number or a class")
    every = source.select(column(target).cast(pl.String).unique()).collect().to_series()
    known = every.drop_nulls().sort()
    table = pl.DataFrame({"value": known}).with_row_index("code")
    mine = held.cast(pl.String).alias("value").to_frame()
    codes = mine.join(table, on="value", how="left", maintain_order="left")["code"]
    return torch.from_numpy(codes.cast(pl.Int64).to_numpy().copy())
