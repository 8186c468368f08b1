"""Frames for formats that hold only plain cells."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.errors import FormatError


def flat_text(frame: pl.DataFrame, title: str) -> pl.DataFrame:
    """Give the frame for a text format, with durations as ISO text.

    Raises
    ------
    FormatError
        A column holds lists, structs, bytes or objects.

    """
    require_flat(frame, title)
    durations = [n for n, dtype in frame.schema.items() if isinstance(dtype, pl.Duration)]
    return frame.with_columns([frame[n].dt.to_string("iso").alias(n) for n in durations])


def require_flat(frame: pl.DataFrame, title: str) -> None:
    """Refuse columns that a format of plain cells cannot hold.

    Raises
    ------
    FormatError
        A column holds lists, structs, bytes or objects.

    """
    nested = [
        n
        for n, dtype in frame.schema.items()
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object)
    ]
    if nested:
        raise FormatError(
            f"{title} holds plain cells only, and column {nested[0]!r} holds "
            f"{frame.schema[nested[0]]}: "
            "write Parquet, Arrow or JSONL, or take the column apart"
        )
