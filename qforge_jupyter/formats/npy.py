"""NumPy: one array in an ``.npy`` file."""

from __future__ import annotations

import ast
import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy_format

from qforge_jupyter.errors import DataError, FormatError
from qforge_jupyter.formats._limits import MAX_UNPACKED_BYTES
from qforge_jupyter.formats._reading import Reading, Source, in_memory
from qforge_jupyter.frames.arrays import frame_of_array

TITLE = "NumPy"
SUFFIXES = (".npy",)
IS_LAZY = False
#: As long as NumPy itself lets a header be.
MAX_HEADER_BYTES = 10_000
PICKLED = "holds pickled Python objects, which are never loaded: save the table as Parquet"


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes start an array of NumPy.

    Examples
    --------
    >>> recognises(b"\x93NUMPY\x01\x00"), recognises(b"a,b")
    (True, False)

    """
    return head.startswith(npy_format.MAGIC_PREFIX)


def read(path: Path | Source) -> Reading:
    """Read an array: fields, or the columns of a matrix, become columns.

    Nothing is ever unpickled.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    FormatError
        It is cut off, holds Python objects, or has more than two dimensions.

    """
    source = Source.of(path)
    array = array_of(in_memory(source, MAX_UNPACKED_BYTES, "an array"), source.label)
    try:
        frame, findings = frame_of_array(array, "the array")
    except DataError as error:
        raise FormatError(f"{source.label}: {error.message}") from None
    return Reading(frame.lazy(), findings)


def array_of(data: bytes, label: str) -> npt.NDArray[Any]:
    """Read an array whose header claims no more than there is.

    Raises
    ------
    FormatError
        It is damaged, cut off, or holds Python objects.

    """
    stream = io.BytesIO(data)
    try:
        shape, is_by_column, dtype = _header(stream)
    except (ValueError, EOFError, TypeError, KeyError, SyntaxError, UnicodeDecodeError):
        raise FormatError(f"{label} is a damaged NumPy file: save it again") from None
    if dtype.hasobject:
        raise FormatError(f"{label} {PICKLED}")
    n_claimed, n_left = math.prod(shape) * dtype.itemsize, len(data) - stream.tell()
    if n_claimed > n_left:
        raise FormatError(
            f"{label} is cut off: its header claims {n_claimed:,} bytes of data and it has "
            f"{n_left:,}, so fetch it again"
        )
    flat = np.frombuffer(data, dtype, count=math.prod(shape), offset=stream.tell())
    return flat.reshape(shape, order="F" if is_by_column else "C")


def _header(stream: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy_format.read_magic(stream)
    if version == (1, 0):
        return npy_format.read_array_header_1_0(stream)
    if version == (2, 0):
        return npy_format.read_array_header_2_0(stream)
    # NumPy has no public reader of version 3, whose names of fields are UTF-8.
    n_header = int.from_bytes(stream.read(4), "little")
    if version != (3, 0) or n_header > MAX_HEADER_BYTES:
        raise ValueError(version)
    said = ast.literal_eval(stream.read(n_header).decode("utf-8"))
    dtype = npy_format.descr_to_dtype(said["descr"])
    return tuple(map(int, said["shape"])), bool(said["fortran_order"]), dtype
