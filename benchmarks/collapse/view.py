"""A table as numbers, for those who need distances, ranks or a model."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.collapse.grid import center_and_scale


def codes(frame: pl.DataFrame, fitted: pl.DataFrame | None = None) -> np.ndarray:
    """One column each: numbers as they are, texts as ranks of frequency; nulls as NaN."""
    known = frame if fitted is None else fitted
    return np.column_stack([_code(frame[name], known[name]) for name in frame.columns])


def _code(column: pl.Series, known: pl.Series) -> np.ndarray:
    if column.dtype.is_numeric():
        return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    counts = (
        known.drop_nulls()
        .value_counts(sort=True, name="_n")
        .sort("_n", known.name, descending=[True, False])
    )
    ranks = dict(zip(counts[known.name], range(counts.height), strict=True))
    return (
        column.replace_strict(ranks, default=None, return_dtype=pl.Float64)
        .fill_null(float("nan"))
        .to_numpy()
    )


def metric(frame: pl.DataFrame, fitted: pl.DataFrame | None = None, levels: int = 8) -> np.ndarray:
    """Numbers as asinh of robust z, null as 0; texts as their most frequent levels, one-hot."""
    known = frame if fitted is None else fitted
    blocks: list[np.ndarray] = []
    for name in frame.columns:
        if frame[name].dtype.is_numeric():
            center, scale = center_and_scale(known[name])
            z = (frame[name].cast(pl.Float64).to_numpy() - center) / scale
            blocks.append(np.arcsinh(np.nan_to_num(z, nan=0.0))[:, None])
            continue
        top = (
            known[name]
            .drop_nulls()
            .value_counts(sort=True, name="_n")
            .sort("_n", name, descending=[True, False])
        )
        texts = frame[name].fill_null("").to_numpy()
        kept = top[name].head(levels).to_list()
        blocks.append(
            np.column_stack([texts == level for level in kept] or [np.zeros(frame.height)])
            / np.sqrt(2)
        )
    return np.column_stack(blocks).astype(np.float32)
