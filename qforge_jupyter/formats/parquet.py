"""Parquet: typed, compressed, read in parts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats._arrow_form import arrow_schema, arrow_table, restored
from qforge_jupyter.formats._reading import Reading, Source

TITLE = "Parquet"
SUFFIXES = (".parquet", ".pq")
IS_LAZY = True
_MARK = b"PAR1"


def recognises(head: bytes) -> bool:
    """Say whether the bytes start a Parquet file.

    Examples
    --------
    >>> recognises(b"PAR1...."), recognises(b"a,b")
    (True, False)

    """
    return head.startswith((_MARK, b"PARE"))


def read(path: Path | Source, *, hive: bool = False) -> Reading:
    """Read Parquet lazily.

    Parameters
    ----------
    path
        The file.
    hive
        Whether folders named ``key=value`` above the file are columns.

    Raises
    ------
    FormatError
        It is encrypted, cut off or damaged.

    """
    source = Source.of(path)
    if source.head(4) == b"PARE":
        raise FormatError(f"{source.label} is encrypted Parquet: save it without encryption")
    if source.head(4) != _MARK:
        raise FormatError(f"{source.label} is not Parquet: pass the format= that it is")
    if source.tail(4) != _MARK or source.n_bytes < 12:
        raise FormatError(
            f"{source.label} is cut off: the end of a Parquet file is missing, so fetch it again"
        )
    try:
        lazy = pl.scan_parquet(source.for_polars, hive_partitioning=hive)
        lazy.collect_schema()
    except (pl.exceptions.PolarsError, OSError):
        raise FormatError(
            f"{source.label} is damaged Parquet: its table of contents cannot "
            "be read, so fetch it again"
        ) from None
    return Reading(lazy)


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write Parquet with every type kept."""
    frame.write_parquet(path)


def write_batches(batches: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    """Write one row group a batch; categories are text."""
    from pyarrow.parquet import ParquetWriter

    # Opened here, so that a full disk is the system's own error.
    with path.open("wb") as file:
        shape = arrow_schema(schema)
        with ParquetWriter(file, shape, compression="zstd", store_schema=True) as writer:
            for batch in batches:
                writer.write_table(arrow_table(batch).cast(shape), row_group_size=batch.height)


def restore(path: Path, schema: pl.Schema) -> pl.LazyFrame:
    """Read what `write_batches` wrote, with the types that the columns had."""
    return restored(pl.scan_parquet(path, hive_partitioning=False), schema)
