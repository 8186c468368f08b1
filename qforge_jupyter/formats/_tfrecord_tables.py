"""Features of records as a table: with types that were known, or that are found."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.columns import frame_of
from qforge_jupyter.formats._tfrecord_columns import features_of, typed_values
from qforge_jupyter.formats._tfrecord_reading import (
    Feature,
    check_sums,
    read_examples,
    record_places,
)

#: Records that are read at one time.
_PIECE_ROWS = 50_000
_TYPES: dict[str, pl.DataType] = {
    "int64": pl.Int64(),
    "float": pl.Float32(),
    "bytes": pl.Binary(),
}


def read_features(data: Any, label: str) -> tuple[int, dict[str, Feature]]:
    """Read a whole file; give how many records it has, and their features."""
    starts, sizes = record_places(data, label)
    octets = np.frombuffer(data, np.uint8)
    pieces = []
    for first in range(0, len(starts), _PIECE_ROWS):
        here = slice(first, first + _PIECE_ROWS)
        check_sums(data, starts[here], sizes[here], label, first)
        pieces.append((len(starts[here]), read_examples(octets, starts[here], sizes[here], label)))
    names = dict.fromkeys(name for _, found in pieces for name in found)
    return len(starts), {name: _joined(name, pieces) for name in names}


def _joined(name: str, pieces: list[tuple[int, dict[str, Feature]]]) -> Feature:
    kinds = [
        found[name].kind for _, found in pieces if name in found and found[name].is_there.any()
    ]
    kind = kinds[0] if kinds else "bytes"
    parts = [
        found.get(name, _missing(kind, n_rows))
        if name in found and found[name].is_there.any()
        else _missing(kind, n_rows)
        for n_rows, found in pieces
    ]
    return Feature(
        kind,
        np.concatenate([part.is_there for part in parts]),
        np.concatenate([part.counts for part in parts]),
        pl.concat([part.values for part in parts]),
    )


def _missing(kind: str, n_rows: int) -> Feature:
    nothing = np.zeros(n_rows, np.int64)
    return Feature(kind, nothing > 0, nothing, pl.Series([], dtype=_TYPES[kind]))


def inferred_table(n_rows: int, found: dict[str, Feature]) -> pl.DataFrame:
    """Give a table whose types the features decide."""
    columns = []
    for name, feature in found.items():
        is_single = bool((feature.counts[feature.is_there] == 1).all())
        values = feature.values
        if feature.kind == "bytes":
            try:
                values = values.cast(pl.String)
            except pl.exceptions.PolarsError:
                values = feature.values
        columns.append(_column(feature, values, is_list=not is_single).alias(name))
    return frame_of(columns) if columns else pl.DataFrame(height=n_rows)


def restored_table(n_rows: int, found: dict[str, Feature], schema: pl.Schema) -> pl.DataFrame:
    """Give the table that was written, with its types."""
    columns = []
    for held in features_of(schema):
        feature = found.get(held.name, _missing(held.kind, n_rows))
        values = feature.values
        if held.kind == "float":
            values = _exact(feature, found.get(held.exact))
        if held.nulls in found:
            values = _with_gaps(values, feature, found[held.nulls])
        plain = _column(feature, values, is_list=held.is_list).alias("v").to_frame()
        columns.append(plain.select(typed_values(pl.col("v"), held).alias(held.column)).to_series())
    return frame_of(columns)


def _exact(feature: Feature, exact: Feature | None) -> pl.Series:
    values = feature.values.cast(pl.Float64).to_numpy(writable=True)
    if exact is not None and exact.is_there.any():
        content = b"".join(exact.values.to_list())
        values[np.repeat(exact.is_there, feature.counts)] = np.frombuffer(content, "<f8")
    return pl.Series(values, dtype=pl.Float64)


def _with_gaps(values: pl.Series, feature: Feature, gaps: Feature) -> pl.Series:
    starts = np.cumsum(feature.counts) - feature.counts
    place = np.repeat(starts, gaps.counts) + gaps.values.to_numpy()
    is_gap = np.zeros(len(values), bool)
    is_gap[place] = True
    frame = pl.DataFrame({"v": values, "gap": is_gap})
    return frame.select(pl.when(~pl.col("gap")).then("v")).to_series()


def _column(feature: Feature, values: pl.Series, *, is_list: bool) -> pl.Series:
    """Lay values out by row: one or none each, or a list each."""
    import pyarrow as pa

    array = values.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    n_rows = len(feature.counts)
    if not is_list:
        place = np.cumsum(feature.is_there) - 1
        taken = pa.array(np.where(feature.is_there, place, 0), mask=~feature.is_there)
        return pl.Series(pl.from_arrow(array.take(taken)), dtype=values.dtype)
    offsets = np.zeros(n_rows + 1, np.int64)
    np.cumsum(feature.counts, out=offsets[1:])
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), array)
    made = pl.Series(pl.from_arrow(lists), dtype=pl.List(values.dtype))
    frame = pl.DataFrame({"v": made, "there": feature.is_there})
    return frame.select(pl.when("there").then("v")).to_series()
