"""Arrow IPC: files, which are also Feather 2, and streams."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats._arrow_form import arrow_schema, arrow_table, restored
from qforge_jupyter.formats._reading import Reading, Source

TITLE = "Arrow"
SUFFIXES = (".arrow", ".feather", ".ipc", ".arrows")
IS_LAZY = True
_FILE = b"ARROW1"
_STREAM = b"\xff\xff\xff\xff"


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes start an Arrow file, an Arrow stream or Feather 1.

    Examples
    --------
    >>> recognises(b"ARROW1\0\0"), recognises(b"PAR1")
    (True, False)

    """
    is_stream = (
        head.startswith(_STREAM) and 0 < int.from_bytes(head[4:8], "little", signed=True) < 2**28
    )
    return head.startswith((_FILE, b"FEA1")) or is_stream


def read(path: Path | Source) -> Reading:
    """Read an Arrow file lazily, an Arrow stream at once.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    FormatError
        It is Feather 1, cut off or damaged.

    """
    source = Source.of(path)
    head = source.head(8)
    if head.startswith(b"FEA1"):
        raise FormatError(
            f"{source.label} is Feather 1, which is no longer read: save it as Arrow or Parquet"
        )
    is_file = head.startswith(_FILE)
    if is_file and source.tail(6) != _FILE:
        raise FormatError(
            f"{source.label} is cut off: the end of an Arrow file is missing, so fetch it again"
        )
    try:
        if is_file:
            lazy = pl.scan_ipc(source.for_polars)
            lazy.collect_schema()
        else:
            lazy = pl.read_ipc_stream(source.for_polars).lazy()
    except (pl.exceptions.PolarsError, OSError):
        raise FormatError(
            f"{source.label} is damaged Arrow: it cannot be read, so fetch it again"
        ) from None
    return Reading(lazy)


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write an Arrow file with every type kept."""
    frame.write_ipc(path)


def write_batches(batches: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    """Write one record batch a batch; categories are text."""
    from pyarrow import ipc

    with path.open("wb") as file:
        shape = arrow_schema(schema)
        with ipc.new_file(file, shape) as writer:
            for batch in batches:
                writer.write_table(arrow_table(batch).cast(shape))


def restore(path: Path, schema: pl.Schema) -> pl.LazyFrame:
    """Read what `write_batches` wrote, with the types that the columns had."""
    return restored(pl.scan_ipc(path), schema)
