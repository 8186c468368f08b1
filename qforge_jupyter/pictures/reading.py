"""A cell of a row as a picture: bytes, or a file that may be read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qforge_jupyter.errors import FormatError
from qforge_jupyter.pictures.cutouts import cutout
from qforge_jupyter.pictures.molecules import drawing
from qforge_jupyter.pictures.picture import Picture
from qforge_jupyter.pictures.recognising import FITS, mime_of

MOST_BYTES = 64 * 2**20
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


class Pictures:
    """Reads pictures of rows; files only inside some folders, and no URL is ever fetched.

    Parameters
    ----------
    folders
        Where files may be: the workspace, the notebook's folder, the folders from which
        the dataset was loaded. Relative paths are looked for in each, in this order. The
        root of a disk is none.

    """

    def __init__(self, folders: Iterable[str | os.PathLike[str]] = (".",)) -> None:
        places = (Path(each).resolve() for each in folders if str(each))
        self.folders = tuple(each for each in dict.fromkeys(places) if each != each.parent)

    def read(self, value: Any) -> Picture:
        """Read one cell.

        Raises
        ------
        FormatError
            It is no picture that a browser shows, or a file that may not be read.

        """
        if isinstance(value, bytes | bytearray | memoryview):
            return _of_bytes(bytes(value))
        if isinstance(value, str | os.PathLike) and str(value):
            return _of_bytes(self._bytes(str(value)))
        raise FormatError("There is no picture in this row: neither bytes nor a path")

    def draw(self, value: Any) -> Picture:
        """Draw a molecule of a SMILES; an SVG, as bytes or text, is taken as it is.

        Raises
        ------
        FormatError
            It is neither.

        """
        if isinstance(value, str) and not value.lstrip().startswith("<"):
            return drawing(value)
        data = value.encode() if isinstance(value, str) else value
        if isinstance(data, bytes) and mime_of(data) == "image/svg+xml":
            return Picture(data, "image/svg+xml")
        raise FormatError("There is no structure in this row: neither SMILES nor SVG")

    def _bytes(self, written: str) -> bytes:
        try:
            place = self.place(written)
            if place.stat().st_size > MOST_BYTES:
                raise FormatError(f"The picture is larger than {MOST_BYTES // 2**20} MB")
            return place.read_bytes()
        except (OSError, ValueError):
            raise FormatError("The picture cannot be read: check that its file is there") from None

    def stamp(self, written: str) -> str:
        """Tell two states of a file apart, by size and time; empty where there is none."""
        try:
            found = self.place(written).stat()
        except (FormatError, OSError, ValueError):
            return ""
        return f"{found.st_size}:{found.st_mtime_ns}"

    def place(self, written: str) -> Path:
        """Find a file inside the folders; links are followed first, so that none leads out.

        Raises
        ------
        FormatError
            It is an address, or lies outside.

        """
        if _URL.match(written) and not Path(written).drive:
            raise FormatError("The picture is an address, and none is fetched: load it first")
        inside = [
            place
            for folder in self.folders
            # Of links in a circle, `Path.resolve` of older Pythons makes a RuntimeError.
            for place in [Path(os.path.realpath(folder / written))]
            if any(place.is_relative_to(each) for each in self.folders)
        ]
        if not inside:
            raise FormatError(
                "The picture lies outside of the workspace, of the notebook's folder and of those "
                "from which its dataset was loaded: move it into one of them"
            )
        return next((each for each in inside if each.is_file()), inside[0])


def _of_bytes(data: bytes) -> Picture:
    mime = mime_of(data)
    if mime == FITS:
        return cutout(data)
    if mime is None:
        raise FormatError("The picture is damaged, or of no kind that is known: mend the row")
    if mime == "image/tiff":
        raise FormatError("The picture is a TIFF, which browsers do not show: make it a PNG")
    return Picture(data, mime)
