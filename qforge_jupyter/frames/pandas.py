"""pandas frames as Polars ones, column by column."""

from __future__ import annotations

from typing import Any

import polars as pl

from qforge_jupyter.columns import frame_of
from qforge_jupyter.frames.columns import MAX_ROWS, column_of_values, unique_names
from qforge_jupyter.results.run import Finding


def frame_of_pandas(value: Any, _name: str) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Give the rows of a pandas DataFrame, Series or Index.

    A named index becomes the first columns. pandas' missing values, NaN in
    its NumPy floats among them, become nulls. Columns of mixed objects
    become text, with a finding that counts the odd rows.
    """
    frame = value
    if not hasattr(value, "columns"):
        series = value if hasattr(value, "index") else value.to_series().reset_index(drop=True)
        frame = series.to_frame("value" if series.name is None else series.name)
    levels = [i for i, level in enumerate(frame.index.names) if level is not None]
    labels = [frame.index.names[i] for i in levels]
    parts = [frame.index.get_level_values(i).to_series(index=frame.index) for i in levels]
    parts += [frame.iloc[:, i] for i in range(frame.shape[1])]
    labels += list(frame.columns)
    names, renamed = unique_names(
        ".".join(map(str, label)) if isinstance(label, tuple) else label for label in labels
    )
    built = [_series_of(name, part) for name, part in zip(names, parts, strict=True)]
    found = [renamed, _left_index(frame), *(finding for _, finding in built)]
    result = frame_of(series for series, _ in built) if built else pl.DataFrame(height=len(frame))
    return result, tuple(finding for finding in found if finding is not None)


def _left_index(frame: Any) -> Finding | None:
    """Say what is lost when an index without a name holds more than positions."""
    if any(name is not None for name in frame.index.names) or not len(frame):
        return None
    if frame.index.nlevels == 1 and frame.index.dtype.kind in "iu":
        return None
    note = "The index has no name and was left out: name it, or call reset_index(), to keep it"
    return Finding("index left out", "index", len(frame), "low", action="documented", note=note)


def _series_of(name: str, part: Any) -> tuple[pl.Series, Finding | None]:
    if part.dtype == object:
        return column_of_values(name, part.tolist(), is_nan_missing=True)
    if hasattr(part.dtype, "fill_value"):
        part = part.sparse.to_dense()
    try:
        if type(part.dtype).__name__ in {"PeriodDtype", "IntervalDtype"}:
            raise TypeError  # noqa: TRY301 — one way to text for every strange type
        return pl.from_pandas(
            part, nan_to_null=part.dtype.kind == "f" and _is_numpy(part.dtype)
        ).alias(name), None
    except Exception:  # noqa: BLE001 — pandas, Arrow and Polars each raise their own
        present = part.notna().tolist()
        shown = [
            str(held) if is_there else None
            for held, is_there in zip(part.tolist(), present, strict=True)
        ]
        rows = [i for i, is_there in enumerate(present) if is_there]
        note = f"Values of pandas' type {part.dtype} are read as text"
        return pl.Series(name, shown, dtype=pl.String), Finding(
            "read as text", f"type of {name}", len(rows), "low",
            column=name, rows=tuple(rows[:MAX_ROWS]), action="documented", note=note,
        )  # fmt: skip


def _is_numpy(dtype: Any) -> bool:
    return type(dtype).__module__.partition(".")[0] == "numpy"
