"""Files of other file systems, by fsspec."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from qforge_jupyter.errors import FormatError, MissingPackage, QForgeError, ResourceError, nearest
from qforge_jupyter.formats._reading import Source
from qforge_jupyter.redaction import redact

#: A remote file is fetched into memory up to here.
MAX_FETCHED_BYTES = 4 * 2**30
_PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs",
    "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs",
    "http": "aiohttp", "https": "aiohttp", "sftp": "paramiko", "ssh": "paramiko",
    "hdfs": "pyarrow", "smb": "smbprotocol",
}  # fmt: skip


def local_path(url: str) -> str | None:
    """Give the path that a ``file://`` URL means, or None for other URLs.

    Examples
    --------
    >>> local_path("file:///tmp/a%20b.csv"), local_path("s3://bucket/a.csv")
    ('/tmp/a b.csv', None)

    """
    parts = urlsplit(url)
    if parts.scheme not in {"file", "local"}:
        return None
    return unquote(parts.path) if not parts.netloc else unquote(parts.netloc + parts.path)


def fetch(url: str, n_bytes: int | None = None) -> Source:
    """Fetch one remote file into memory, or its first ``n_bytes``.

    Raises
    ------
    MissingPackage
        Its file system needs a package that is not installed.
    FormatError
        There is no such file or file system, or it is larger than 4 GiB.
    ResourceError
        It cannot be reached.

    """
    import fsspec
    from fsspec.registry import known_implementations

    scheme = url.partition("://")[0].lower()
    shown = redact(url)
    if "::" in url or scheme not in known_implementations:
        raise FormatError(
            f"There is no file system {scheme!r}{nearest(scheme, known_implementations)}"
        )
    try:
        with fsspec.open(url, "rb") as stream:
            data: Any = stream.read(MAX_FETCHED_BYTES + 1 if n_bytes is None else n_bytes)
    except ImportError:
        raise MissingPackage(_PACKAGES.get(scheme, scheme), f"to read {scheme}:// URLs") from None
    except Exception as error:  # noqa: BLE001 — every file system raises its own
        raise _sentence(error, shown) from None
    if len(data) > MAX_FETCHED_BYTES:
        raise FormatError(
            f"{shown!r} is larger than {MAX_FETCHED_BYTES:,} bytes: copy it to this machine first"
        )
    return Source(repr(shown), None, data)


def _sentence(error: Exception, shown: str) -> QForgeError:
    """Tell a file that is not there from a server that cannot be asked or refuses."""
    # fsspec says "not found" of whatever HTTP server gives it no size; the cause knows better.
    cause = error.__cause__ if isinstance(error, FileNotFoundError) else error
    status = getattr(cause, "status", None)
    if cause is None or status in {404, 410}:
        return FormatError(f"There is no file {shown!r}: check the address")
    why = f"HTTP {status}" if status else type(cause).__name__
    return ResourceError(
        f"{shown!r} cannot be read ({why}): check address, network and credentials"
    )
