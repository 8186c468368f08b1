"""Unpacking with a lid: how much, and how many times its own weight."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from typing import Any

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats._reading import Source

#: Bytes that a packed source may unpack to.
MAX_UNPACKED_BYTES = 4 * 2**30
#: Unpacked bytes for each packed one, beyond `FREE_BYTES`.
MAX_RATIO = 200
FREE_BYTES = 2**24
_CHUNK = 2**20
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\0", "xz"),
)


def packing_of(head: bytes) -> str | None:
    r"""Name the compression whose magic the bytes start with.

    Examples
    --------
    >>> packing_of(b"\x1f\x8b\x08"), packing_of(b"a,b")
    ('gzip', None)

    """
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def unpacked(source: Source) -> Source:
    """Unpack gzip, bzip2, zstd or xz into memory; anything else stays as it is.

    Raises
    ------
    FormatError
        It is damaged, or unpacks to more than 4 GiB or, beyond 16 MiB, to
        more than 200 times its weight.

    """
    packing = packing_of(source.head(8))
    if packing is None:
        return source
    parts: list[bytes] = []
    n_unpacked, n_packed = 0, source.n_bytes
    try:
        with source.open() as packed, _stream(packed, packing) as stream:
            while chunk := stream.read(_CHUNK):
                parts.append(chunk)
                n_unpacked += len(chunk)
                is_steep = n_unpacked > FREE_BYTES and n_unpacked > MAX_RATIO * n_packed
                if n_unpacked > MAX_UNPACKED_BYTES or is_steep:
                    raise FormatError(
                        f"{source.label} unpacks from {n_packed:,} to more "
                        f"than {n_unpacked:,} bytes, which looks like "
                        "a bomb: unpack it yourself if you trust it"
                    )
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        raise FormatError(
            f"{source.label} is damaged or cut off {packing} data: fetch it again"
        ) from None
    return source.with_data(b"".join(parts))


def refuse_steep_archive(source: Source, archive: zipfile.ZipFile) -> None:
    """Refuse a zip archive that says it unpacks to far more than it weighs.

    Raises
    ------
    FormatError
        It would unpack to more than 4 GiB or, beyond 16 MiB, to more than 200
        times its weight.

    """
    n_unpacked = sum(member.file_size for member in archive.infolist())
    is_steep = n_unpacked > FREE_BYTES and n_unpacked > MAX_RATIO * source.n_bytes
    if n_unpacked > MAX_UNPACKED_BYTES or is_steep:
        raise FormatError(
            f"{source.label} would unpack from {source.n_bytes:,} to {n_unpacked:,} bytes, which "
            "is beyond what is read safely: save the table as CSV or Parquet"
        )


def _stream(packed: Any, packing: str) -> Any:
    if packing == "gzip":
        return gzip.GzipFile(fileobj=packed)
    if packing == "bzip2":
        return bz2.BZ2File(packed)
    if packing == "xz":
        return lzma.LZMAFile(packed)
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), "zstd")
