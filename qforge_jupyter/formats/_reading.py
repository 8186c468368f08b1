"""What every reader takes and gives."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import polars as pl

from qforge_jupyter.errors import FormatError, ResourceError
from qforge_jupyter.results.run import Finding

#: Bytes from the start of a source that decide about its format.
HEAD_BYTES = 65_536


@dataclass(frozen=True)
class Reading:
    """What a reader gives: the rows, and what it noticed on the way in."""

    lazy: pl.LazyFrame
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class Source:
    """A file on disk, or the bytes of one that was unpacked or fetched.

    Parameters
    ----------
    label
        How a sentence names it; no secret in it.
    path
        Where it lies; None when it is in memory.
    data
        Its bytes when it is in memory.

    """

    label: str
    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, given: Path | str | Source) -> Source:
        """Name a file by its path; a source stays what it is."""
        if isinstance(given, Source):
            return given
        path = Path(given)
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise FormatError(f"{path.name!r} {what}: give the path of a file")
        return cls(repr(path.name), path)

    @property
    def for_polars(self) -> Path | bytes:
        """What a Polars reader takes."""
        return self.data if self.data is not None else self._there

    @property
    def n_bytes(self) -> int:
        """Its size."""
        return len(self.data) if self.data is not None else self._there.stat().st_size

    @property
    def _there(self) -> Path:
        if self.path is None:
            raise FormatError(f"{self.label} has neither a path nor bytes")
        return self.path

    def open(self) -> BinaryIO:
        """Open it for reading bytes."""
        return io.BytesIO(self.data) if self.data is not None else self._there.open("rb")

    def head(self, n_bytes: int = HEAD_BYTES) -> bytes:
        """Give its first bytes."""
        with self.open() as stream:
            return stream.read(n_bytes)

    def tail(self, n_bytes: int) -> bytes:
        """Give its last bytes."""
        with self.open() as stream:
            stream.seek(max(0, self.n_bytes - n_bytes))
            return stream.read(n_bytes)

    @contextmanager
    def mapped(self) -> Iterator[memoryview]:
        """Give all its bytes without reading those that are not looked at."""
        import mmap

        if self.data is not None or not self.n_bytes:
            yield memoryview(self.content())
            return
        with self._there.open("rb") as file:
            # What still looks at it keeps it: it is closed when nothing does.
            yield memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def content(self) -> bytes:
        """Give all its bytes."""
        return self.data if self.data is not None else self._there.read_bytes()

    def with_data(self, data: bytes) -> Source:
        """Give the same source with other bytes, as after unpacking."""
        return Source(self.label, None, data)


@contextmanager
def readable(source: Source) -> Iterator[None]:
    """Say in a sentence that the system does not let a source be read.

    Raises
    ------
    ResourceError
        The system refused, as for a file of somebody else.

    """
    try:
        yield
    except OSError as problem:
        why = (problem.strerror or type(problem).__name__).lower()
        raise ResourceError(
            f"{source.label} cannot be read ({why}): check its permissions and the disk"
        ) from None


def in_memory(source: Source, limit: int, what: str) -> bytes:
    """Give all bytes of a source that has to be read at once.

    Raises
    ------
    FormatError
        It is larger than the limit.

    """
    if source.n_bytes > limit:
        raise FormatError(
            f"{source.label} has {source.n_bytes:,} bytes, and {what} is read in memory up to "
            f"{limit:,}: save it as Parquet or split it"
        )
    return source.content()
