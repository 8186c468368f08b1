"""Content-addressed files: a name is the SHA-256 of what it names.

Every read hashes the bytes again, so that a flipped bit is an error and never
a wrong number.
"""

from __future__ import annotations

import errno
import hashlib
import io
import mmap
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl
import sqlalchemy as sa

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.run import Artifact
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.failures import translated
from qforge_jupyter.store.folders import Folder, staged_file
from qforge_jupyter.store.tables import CheckpointRow, ObjectRow
from qforge_jupyter.store.tombstones import (
    forgotten_rows,
    is_forgotten,
    remove_forgotten,
    sentence_of,
)

PARQUET = "application/vnd.apache.parquet"
Compression = Literal["zstd", "lz4"]
DAY_S = 86_400.0
#: Rows in a group of a Parquet file: so many are decoded to read one.
GROUP_ROWS = 65_536
#: Files that are hashed and decoded at once.
N_READING = 4
_NAME = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class Objects:
    """The files of a workspace.

    Parameters
    ----------
    folder
        Where they lie.
    database
        Which says what they are referred to by.

    """

    folder: Folder
    database: Database
    #: Files that were found whole in this process, as they looked then.
    _known: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)

    def put(self, data: bytes, media_type: str, *, name: str = "") -> Artifact:
        """Keep bytes; the same bytes are kept once.

        Parameters
        ----------
        data
            What to keep.
        media_type
            As in ``image/png``.
        name
            What the artifact is called in its run; its hash when empty.

        """
        with translated(), staged_file(self.folder.staging()) as made:
            made.write_bytes(data)
            return self._adopt(made, media_type, name)

    def put_frame(
        self, frame: pl.DataFrame, *, name: str = "", compression: Compression = "zstd"
    ) -> Artifact:
        """Keep rows as Parquet, types as they are (float32 stays float32).

        Parameters
        ----------
        frame
            The rows.
        name
            What the artifact is called in its run; its hash when empty.
        compression
            ``zstd`` is the smallest; ``lz4`` is for what is read whole, again and
            again: a table of numbers is a seventh larger and decoded in less than
            half the time.

        """
        with translated(), staged_file(self.folder.staging()) as made:
            try:
                frame.write_parquet(made, compression=compression, row_group_size=GROUP_ROWS)
            except pl.exceptions.PolarsError as problem:
                if f"os error {errno.ENOSPC}" in str(problem):  # Polars gives no OSError
                    raise OSError(errno.ENOSPC, "the disk is full") from problem
                raise StoreError(
                    f"The rows cannot be kept as Parquet ({type(problem).__name__}): cast columns "
                    "that hold Python objects to a type of Polars"
                ) from problem
            return self._adopt(made, PARQUET, name)

    def _adopt(self, made: Path, media_type: str, name: str) -> Artifact:
        sha256 = _digest(made)
        n_bytes = made.stat().st_size
        if self.folder.has(sha256) and self._is_whole(sha256):
            self.folder.touch(sha256)
        else:
            self.folder.adopt(made, sha256)
            if path := self.folder.local_path(sha256):
                self._known[sha256] = _looks(path)
        return Artifact(name or sha256, media_type, sha256, n_bytes)

    def read(self, sha256: str) -> bytes:
        """Read a file whose bytes are what its name says.

        Raises
        ------
        StoreError
            There is no such file, or it is damaged; the sentence names it.

        """
        _check(sha256)
        with translated():
            try:
                data = self.folder.read(sha256)
            except FileNotFoundError as problem:
                raise self._gone(sha256) from problem
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _damaged(sha256)
        return data

    def read_frame(self, sha256: str) -> pl.DataFrame:
        """Read rows that were kept with `put_frame`; the file is hashed on the way."""
        return self.read_frames([sha256])[0]

    def read_frames(self, names: Sequence[str]) -> list[pl.DataFrame]:
        """Read the rows of several files side by side, each hashed before it is decoded.

        Raises
        ------
        StoreError
            A file is missing or damaged; then no rows are given.

        """
        with ThreadPoolExecutor(N_READING) as pool:
            return list(pool.map(lambda name: self.scan(name).collect(), names))

    def scan(self, sha256: str) -> pl.LazyFrame:
        """Open rows lazily; the file is hashed now, its columns are read on demand."""
        _check(sha256)
        path = self.folder.local_path(sha256)
        if path is None:
            return pl.scan_parquet(io.BytesIO(self.read(sha256)))
        with translated():
            if not path.is_file():
                raise self._gone(sha256)
            if not self._is_whole(sha256):
                raise _damaged(sha256)
        # As a path, not as text: a folder named with * is no pattern.
        return pl.scan_parquet(path, glob=False)

    def look_into(self, sha256: str) -> pl.LazyFrame:
        """Open rows lazily to look a few up, again and again.

        The file is hashed unless this process did so before and its size, times and
        inode are the same since; `scan` and `read` hash it every time.
        """
        _check(sha256)
        path = self.folder.local_path(sha256)
        if path is None:
            return self.scan(sha256)
        with translated():
            if not path.is_file():
                raise _missing(sha256)
            if self._known.get(sha256) != _looks(path) and not self._is_whole(sha256):
                raise _damaged(sha256)
        return pl.scan_parquet(path, glob=False)

    def has(self, sha256: str) -> bool:
        """Say whether there is such a file; it is not read."""
        _check(sha256)
        with translated():
            return self.folder.has(sha256)

    def verify(self) -> tuple[str, ...]:
        """Hash every file and look for every one that a row refers to; name what is wrong.

        What was forgotten has to be gone: what a killed process left of it is removed first.
        """
        self.remove_forgotten()
        problems = []
        present = set()
        with translated():
            for name in self.folder.names():
                if not _NAME.match(name):
                    problems.append(f"The object store holds {name!r}, which is no object")
                    continue
                present.add(name)
                if not self._is_whole(name):
                    problems.append(f"The object {name} is damaged")
        lost = sorted(self._referenced() - present)
        return (*problems, *(f"The object {name} is missing" for name in lost))

    def gc(self, *, older_than_s: float = DAY_S) -> tuple[str, ...]:
        """Delete what nothing refers to and nobody wrote lately; name what went.

        A process puts its objects before the row that refers to them, hence
        the day of grace.
        """
        self.remove_forgotten()
        with translated():
            self.folder.sweep(older_than_s)
            referenced = self._referenced()
            old = [
                name
                for name in self.folder.names()
                if _NAME.match(name)
                and name not in referenced
                and self.folder.age_s(name) > older_than_s
            ]
            for name in old:
                self.folder.remove(name)
        return tuple(old)

    def remove_unreferred(self, names: Iterable[str]) -> None:
        """Delete those of these files that nothing refers to any more, whatever their age."""
        referenced = self._referenced()
        with translated():
            for name in set(names) - referenced:
                if self.folder.has(name):
                    self.folder.remove(name)

    def require(self, artifacts: Iterable[Artifact]) -> None:
        """Refuse a record whose files are not there."""
        for artifact in artifacts:
            if not self.has(artifact.sha256):
                raise _missing(artifact.sha256)

    def remove_forgotten(self) -> int:
        """Delete the files of objects that were forgotten and still lie there; count them."""
        with translated():
            return remove_forgotten(self.database, self.folder)

    def without_forgotten(self, artifacts: Sequence[Artifact]) -> tuple[Artifact, ...]:
        """Leave out the files that were forgotten."""
        with self.database.reading() as session:
            rows = forgotten_rows(session, [one.sha256 for one in artifacts])
        gone = {row.sha256 for row in rows}
        return tuple(one for one in artifacts if one.sha256 not in gone)

    def _gone(self, sha256: str) -> StoreError:
        """Say why there is no such file."""
        with self.database.reading() as session:
            found = forgotten_rows(session, [sha256])
        return StoreError(sentence_of(found[0])) if found else _missing(sha256)

    def _referenced(self) -> set[str]:
        # The table, not the model: workspaces of one file share a folder, and a model
        # shows one workspace. In PostgreSQL each has its folder and sees its rows.
        kept, chunks = ObjectRow.__table__, CheckpointRow.__table__
        wanted = sa.select(kept.c.sha256).where(~is_forgotten(kept))
        with self.database.reading() as session:
            return set(session.execute(wanted.union(sa.select(chunks.c.sha256))).scalars())

    def _is_whole(self, sha256: str) -> bool:
        path = self.folder.local_path(sha256)
        if path is None:
            return hashlib.sha256(self.folder.read(sha256)).hexdigest() == sha256
        looks = _looks(path)
        if is_whole := _digest(path) == sha256:
            self._known[sha256] = looks
        return is_whole


def _digest(path: Path) -> str:
    """Hash a file where it lies in memory, without a copy."""
    with path.open("rb") as stream:
        if not path.stat().st_size:
            return hashlib.sha256().hexdigest()
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return hashlib.sha256(mapped).hexdigest()


def _looks(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _check(sha256: str) -> None:
    if not _NAME.match(sha256):
        raise StoreError(
            "An object's name is 64 digits 0-9a-f, and what came is not: give its hash"
        )


def _missing(sha256: str) -> StoreError:
    return StoreError(f"The object {sha256} is missing: restore it from a backup, or run again")


def _damaged(sha256: str) -> StoreError:
    return StoreError(
        f"The object {sha256} is damaged, its bytes are not what its name says: "
        "restore it from a backup, or run again"
    )
