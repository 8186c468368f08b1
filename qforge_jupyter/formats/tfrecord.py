"""TFRecord: records of ``tf.train.Example`` with checksums, without TensorFlow."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from qforge_jupyter.formats._pieces import pieces
from qforge_jupyter.formats._reading import Reading, Source
from qforge_jupyter.formats._tfrecord_columns import features_of
from qforge_jupyter.formats._tfrecord_tables import (
    inferred_table,
    read_features,
    restored_table,
)
from qforge_jupyter.formats._tfrecord_writing import record_head, records

TITLE = "TFRecord"
SUFFIXES = (".tfrecord", ".tfrecords")
IS_LAZY = False
#: Rows that are written at one time.
_PIECE_ROWS = 25_000
#: No record is as long; most other formats begin with bytes that say so.
_MAX_RECORD = 2**40


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes start a record with a right checksum.

    Examples
    --------
    >>> recognises(record_head(3) + b"\n\x01x"), recognises(b"a,b\n1,2\n")
    (True, False)

    """
    if len(head) < 12:
        return False
    n_bytes = int.from_bytes(head[:8], "little")
    return n_bytes < _MAX_RECORD and head[:12] == record_head(n_bytes)


def read(path: Path | Source) -> Reading:
    """Read features as columns: Int64, Float32, and text, or bytes where it is none.

    A feature with more than one value anywhere becomes a list. Features are
    all there is in the file; what the columns were is in an export's manifest.

    Parameters
    ----------
    path
        The file, or the export's folder for the types that were exported.

    Raises
    ------
    FormatError
        It is cut off, damaged, or holds something else than Examples.

    """
    source = Source.of(path)
    with source.mapped() as data:
        return Reading(inferred_table(*read_features(data, source.label)).lazy())


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write features; see `_tfrecord_columns` for what each type becomes."""
    write_batches([frame], frame.schema, path)


def write_batches(batches: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    """Write features from which `restore` makes the same table."""
    features = features_of(schema)
    with path.open("wb") as file:
        for batch in batches:
            for piece in pieces(batch, _PIECE_ROWS):
                file.write(records(piece, features))


def restore(path: Path, schema: pl.Schema) -> pl.LazyFrame:
    """Read what `write_batches` wrote, with the types that the columns had."""
    source = Source.of(path)
    with source.mapped() as data:
        n_rows, found = read_features(data, source.label)
        return restored_table(n_rows, found, schema).lazy()
