"""Weights that no installed package brings: which files, with which hashes, and where they lie."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from qforge_jupyter.errors import ModelError
from qforge_jupyter.settings import read_settings


@dataclass(frozen=True)
class Weights:
    """Files in the source distribution of a package, or in its wheel.

    Parameters
    ----------
    requirement
        The distribution, pinned, as in ``megnet==1.3.2``.
    sha256
        Of its archive.
    files
        Path in the archive, in a source distribution below its first folder, and SHA-256; the
        licence among them.
    is_wheel
        Whether the archive is the wheel.

    """

    requirement: str
    sha256: str
    files: dict[str, str]
    is_wheel: bool = False

    @property
    def folder(self) -> Path:
        """Where the files lie once they are fetched."""
        root = Path(read_settings().model_folder).expanduser()
        return root / self.requirement.replace("==", "-")

    def path(self, file: str) -> Path:
        """Say where a file lies; its folders in the archive do not matter."""
        return self.folder / file.replace("/", "-")

    @property
    def are_here(self) -> bool:
        """Whether every file was fetched."""
        return all(self.path(file).is_file() for file in self.files)

    def read(self, file: str) -> bytes:
        """Read a file whose hash is right.

        Raises
        ------
        ModelError
            It is another one by now.

        """
        content = self.path(file).read_bytes()
        self.check(file, content)
        return content

    def check(self, file: str, content: bytes) -> None:
        """Refuse bytes that are not those of a file."""
        if hashlib.sha256(content).hexdigest() != self.files[file]:
            raise ModelError(
                f"The file {file.rsplit('/', 1)[-1]!r} of {self.requirement} is not what was "
                "published: fetch it again"
            )
