"""Where the files of the object store lie: a local folder or any fsspec path."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

STAGING = ".staging"


class Folder(Protocol):
    """Files by name; one appears whole or not at all."""

    def staging(self) -> Path:
        """Give a local folder in which a file is made before it is adopted."""

    def adopt(self, made: Path, name: str) -> None:
        """Take a finished local file in under its name; it may be moved away."""

    def read(self, name: str) -> bytes:
        """Read a file; `FileNotFoundError` when there is none."""

    def local_path(self, name: str) -> Path | None:
        """Give the file's place on a local disk, if it has one."""

    def has(self, name: str) -> bool:
        """Say whether there is such a file."""

    def names(self) -> Iterator[str]:
        """Go through every file."""

    def age_s(self, name: str) -> float:
        """Say for how long nobody wrote or asked for the file, in seconds."""

    def touch(self, name: str) -> None:
        """Make a file young again, because somebody wants it."""

    def remove(self, name: str) -> None:
        """Delete a file."""

    def sweep(self, older_than_s: float) -> int:
        """Delete what a killed process left in the staging folder; say how many."""


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder outlive a power cut, where the system can."""
    if os.name == "nt":  # a directory cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def staged_file(folder: Path) -> Iterator[Path]:
    """Give a file name of our own in a folder; what is left of it is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder)
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@dataclass(frozen=True)
class LocalFolder:
    """A folder on a disk: ``objects/ab/abcd…``."""

    root: Path

    def staging(self) -> Path:
        """Stay on the same disk, so that adopting is a rename."""
        return self.root / STAGING

    def _place(self, name: str) -> Path:
        return self.root / name[:2] / name

    def adopt(self, made: Path, name: str) -> None:
        """Sync the file, rename it, sync its folder."""
        with made.open("rb+") as stream:
            os.fsync(stream.fileno())
        place = self._place(name)
        if not place.parent.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(self.root)
        made.chmod(0o444 | (made.stat().st_mode & 0o200))
        made.replace(place)
        sync_folder(place.parent)

    def read(self, name: str) -> bytes:
        """Read the whole file."""
        return self._place(name).read_bytes()

    def local_path(self, name: str) -> Path | None:
        """Give its place."""
        return self._place(name)

    def has(self, name: str) -> bool:
        """Look for it."""
        return self._place(name).is_file()

    def names(self) -> Iterator[str]:
        """Go through the two-letter folders."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(file.name for file in folder.iterdir())

    def age_s(self, name: str) -> float:
        """Compare its time of change with the clock."""
        return time.time() - self._place(name).stat().st_mtime

    def touch(self, name: str) -> None:
        """Set its time of change."""
        os.utime(self._place(name))

    def remove(self, name: str) -> None:
        """Unlink it."""
        self._place(name).unlink(missing_ok=True)

    def sweep(self, older_than_s: float) -> int:
        """Go by the time of change; another process may write there just now."""
        n_swept = 0
        for file in self.staging().glob("*"):
            with suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime > older_than_s:
                    file.unlink()
                    n_swept += 1
        return n_swept


@dataclass(frozen=True)
class RemoteFolder:
    """A path of any fsspec file system; its uploads are whole or nothing."""

    system: Any
    root: str

    def staging(self) -> Path:
        """Make files in the system's folder for such."""
        return Path(tempfile.gettempdir())

    def _place(self, name: str) -> str:
        return f"{self.root}/{name[:2]}/{name}"

    def adopt(self, made: Path, name: str) -> None:
        """Upload the file."""
        self.system.makedirs(f"{self.root}/{name[:2]}", exist_ok=True)
        self.system.put_file(str(made), self._place(name))

    def read(self, name: str) -> bytes:
        """Download the whole file."""
        return bytes(self.system.cat_file(self._place(name)))

    def local_path(self, name: str) -> Path | None:
        """Give none."""
        del name
        return None

    def has(self, name: str) -> bool:
        """Ask for it."""
        return bool(self.system.exists(self._place(name)))

    def names(self) -> Iterator[str]:
        """List everything below the root."""
        if self.system.exists(self.root):
            yield from sorted(path.rsplit("/", 1)[-1] for path in self.system.find(self.root))

    def age_s(self, name: str) -> float:
        """Compare its time of change with the clock."""
        return time.time() - float(self.system.modified(self._place(name)).timestamp())

    def touch(self, name: str) -> None:
        """Do nothing: most object stores cannot, and writing again is as good."""
        del name

    def remove(self, name: str) -> None:
        """Delete it."""
        self.system.rm_file(self._place(name))

    def sweep(self, older_than_s: float) -> int:
        """Do nothing: the temporary folder is the system's to clean."""
        del older_than_s
        return 0


def open_folder(place: str | Path) -> Folder:
    """Tell a local folder from an fsspec URL."""
    if isinstance(place, Path) or "://" not in place:
        root = Path(place)
        root.mkdir(parents=True, exist_ok=True)
        return LocalFolder(root)
    from fsspec.core import url_to_fs
    from fsspec.implementations.local import LocalFileSystem

    system, path = url_to_fs(place)
    if isinstance(system, LocalFileSystem):
        return open_folder(Path(path))
    return RemoteFolder(system, path.rstrip("/"))
