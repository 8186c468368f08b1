"""NumPy: several arrays in an ``.npz`` archive."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy.typing as npt

from qforge_jupyter.columns import frame_of
from qforge_jupyter.errors import DataError, FormatError, nearest
from qforge_jupyter.formats._limits import MAX_UNPACKED_BYTES, refuse_steep_archive
from qforge_jupyter.formats._reading import Reading, Source, in_memory
from qforge_jupyter.formats.npy import array_of
from qforge_jupyter.frames.arrays import frame_of_array

TITLE = "NumPy archive"
SUFFIXES = (".npz",)
IS_LAZY = False
_ZIP = b"PK\x03\x04"
#: Where the name of a zip's first member begins.
_NAME_AT = 30


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes start an archive of arrays.

    Examples
    --------
    >>> recognises(b"PK\x03\x04" + 22 * b"\x05\0"[:1] + b"\x05\0\0\0a.npy"), recognises(b"a,b")
    (True, False)

    """
    n_name = int.from_bytes(head[26:28], "little")
    return head.startswith(_ZIP) and head[_NAME_AT : _NAME_AT + n_name].endswith(b".npy")


def read(path: Path | Source, *, key: str | None = None) -> Reading:
    """Read the arrays as columns of one table, or one of them as the table.

    Nothing is ever unpickled.

    Parameters
    ----------
    path
        The archive.
    key
        Name of the array that is the table; without it equally long arrays of
        one dimension are its columns, and an only array is the table.

    Raises
    ------
    FormatError
        It is damaged, holds Python objects, has no such array, or its arrays
        make no table.

    """
    source = Source.of(path)
    arrays = _arrays(source, key)
    try:
        if len(arrays) == 1 and (key is not None or next(iter(arrays.values())).ndim != 1):
            frame, findings = frame_of_array(next(iter(arrays.values())), "the array")
            return Reading(frame.lazy(), findings)
        return _of_columns(arrays, source.label)
    except DataError as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{source.label}: {error.message}") from None


def _arrays(source: Source, key: str | None) -> dict[str, npt.NDArray[Any]]:
    data = in_memory(source, MAX_UNPACKED_BYTES, "an archive")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            refuse_steep_archive(source, archive)
            names = [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
            if key is not None and key not in names:
                raise FormatError(f"{source.label} has no array {key!r}{nearest(key, names)}")
            wanted = names if key is None else [key]
            return {
                name: array_of(archive.read(f"{name}.npy"), f"{name!r} in {source.label}")
                for name in wanted
            }
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise FormatError(
            f"{source.label} is a damaged NumPy archive: fetch or save it again"
        ) from None


def _of_columns(arrays: dict[str, npt.NDArray[Any]], label: str) -> Reading:
    is_table = all(each.ndim == 1 and not each.dtype.names for each in arrays.values())
    if not is_table or len({len(each) for each in arrays.values()}) != 1:
        raise FormatError(
            f"{label} has {len(arrays)} arrays that are no columns of one table"
            f"{nearest('', arrays)}, so pass key= with one of them"
        )
    parts = [frame_of_array(each, name) for name, each in arrays.items()]
    columns = [frame.to_series().alias(n) for n, (frame, _) in zip(arrays, parts, strict=True)]
    return Reading(frame_of(columns).lazy(), tuple(f for _, each in parts for f in each))
