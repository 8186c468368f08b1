"""Batches in pieces that fit into memory while they are text."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

#: Rows, and bytes as Polars holds them, that are text at one time.
MOST_ROWS = 50_000
MOST_BYTES = 32 * 2**20


def pieces(batch: pl.DataFrame, most_rows: int = MOST_ROWS) -> Iterator[pl.DataFrame]:
    """Cut a batch; what is written does not depend on where.

    Examples
    --------
    >>> [piece.height for piece in pieces(pl.DataFrame({"a": range(5)}), 2)]
    [2, 2, 1]

    """
    row_bytes = batch.estimated_size() / max(1, batch.height)
    yield from batch.iter_slices(max(1, min(most_rows, int(MOST_BYTES / max(1.0, row_bytes)))))
