"""FITS images, read by section: what is not asked for stays on the disk."""

from __future__ import annotations

import io
import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.errors import MissingPackage
from qforge_jupyter.sky.images import MOST_TOGETHER, SkyImage
from qforge_jupyter.sky.troubles import Trouble, telling_damage

#: Compressed tiles are fetched so many bytes at a time.
_AHEAD_BYTES = 2**16
_GZIP = b"\x1f\x8b"
MAGIC = b"SIMPLE  ="
#: The filters of warnings are those of the whole process: two threads that put them back
#: crosswise would leave them changed for good.
_FILTERS = threading.RLock()


@contextmanager
def _quietly() -> Iterator[None]:
    """Let readers warn of nothing, in a short call that gives nothing away in between."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class FitsImage(SkyImage):
    """One image of an open FITS file.

    Parameters
    ----------
    unit
        Its header and data unit, plain or tile-compressed.

    """

    first_row = "lowest"

    def __init__(self, unit: Any) -> None:
        self._unit = unit
        *planes, height, width = unit.shape
        self._first = (0,) * len(planes)
        self.height, self.width = height, width
        is_whole = bool(np.issubdtype(self.section(0, 1, 0, 1).dtype, np.integer))
        super().__init__(height, width, is_whole=is_whole)
        if hasattr(unit, "compression_type"):
            self.tile_height = int(unit.tile_shape[-2])
        else:
            self.n_bytes_row = width * abs(int(unit.header["BITPIX"])) // 8
        said = unit.header.get("SATURATE")
        self.saturation = float(said) if isinstance(said, int | float) else None

    @property
    def wcs(self) -> Any:
        """The astropy WCS of the sky.

        Raises
        ------
        Trouble
            The header says nothing of the sky.

        """
        if self._wcs is None:
            raise Trouble("no WCS", "the image's header says nothing of the sky")
        return self._wcs

    @cached_property
    def _wcs(self) -> Any:
        from astropy.wcs import WCS

        with _quietly():
            try:
                found = WCS(self._unit.header)
            except Exception:  # noqa: BLE001 — wcslib has errors of its own for each keyword
                return None
            return found.celestial if found.has_celestial else None

    def section(self, bottom: int, top: int, left: int, right: int) -> NDArray[Any]:
        """Read a section, scaled as the header says."""
        with telling_damage(), _quietly():
            place = (*self._first, slice(bottom, top), slice(left, right))
            found: NDArray[Any] = np.asarray(self._unit.section[place])
            return found


@contextmanager
def open_fits(place: Path, hdu: int | str | None = None) -> Iterator[FitsImage]:
    """Open an image of a FITS file.

    Parameters
    ----------
    place
        The file.
    hdu
        Number or name of the extension; the first image when None.

    Raises
    ------
    Trouble
        There is no such image in it; or it is cut off.
    MissingPackage
        astropy is not installed.

    """
    try:
        from astropy.io import fits
    except ImportError:
        raise MissingPackage("astropy", "to read FITS images", "fits") from None
    with ExitStack() as opened:
        with _quietly():
            with telling_damage():
                units = opened.enter_context(fits.open(place, memmap=False, lazy_load_hdus=True))
                unit = _image(units, hdu)
                _check_length(unit, place)
                if hasattr(unit, "compression_type"):
                    _check_tiles(unit)
                    stream = opened.enter_context(_ReadAhead(place))
                    units = opened.enter_context(fits.open(stream, lazy_load_hdus=True))
                    unit = _image(units, hdu)
            image = FitsImage(unit)
        yield image


class _ReadAhead(io.RawIOBase):
    """A file read in large pieces, so that small tiles, one behind the other, cost one read."""

    def __init__(self, place: Path) -> None:
        self._file = place.open("rb", buffering=0)
        self._length = place.stat().st_size
        self._at = self._start = 0
        self._piece = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence)
        self._at = offset + (self._file.seek(0, io.SEEK_END) if start is None else start)
        return self._at

    def read(self, size: int = -1) -> bytes | None:
        left = max(0, self._length - self._at)  # a damaged tile may claim any number of bytes
        return super().read(left if size < 0 else min(size, left))

    def readinto(self, buffer: Any) -> int:
        n = len(buffer)
        if not self._start <= self._at <= self._at + n <= self._start + len(self._piece):
            self._file.seek(self._at)
            self._start, self._piece = self._at, self._file.read(max(n, _AHEAD_BYTES))
        found = self._piece[self._at - self._start :][:n]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        self._file.close()
        super().close()


def _image(units: Any, hdu: int | str | None) -> Any:
    if hdu is not None:
        try:
            unit = units[hdu]
        except (KeyError, IndexError):
            raise Trouble("no image", "the file has no such extension") from None
        if not unit.is_image or len(unit.shape) < 2:
            raise Trouble("no image", "that extension is no image")
        return unit
    for unit in units:
        if unit.is_image and len(unit.shape) >= 2:
            return unit
    raise Trouble("no image", "the file holds no image")


def _check_length(unit: Any, place: Path) -> None:
    """Refuse a file that ends before its header says; one whole block may lack its filling."""
    known = unit.fileinfo()
    with place.open("rb") as stream:
        if stream.read(2) == _GZIP:
            return  # its own end is checked while it is read
    if known["datLoc"] + unit_bytes(unit) > place.stat().st_size:
        raise Trouble("truncated", "the file ends before the end that its header claims")


def _check_tiles(unit: Any) -> None:
    """Refuse tiles for which a header claims more than any image of the sky has."""
    if not 0 < math.prod(map(int, unit.tile_shape)) <= MOST_TOGETHER:
        raise Trouble("damaged", "its compressed tiles claim more pixels than can be")


def unit_bytes(unit: Any) -> int:
    """Count the bytes of a unit's data, without the filling of its last block."""
    table = getattr(unit, "_bintable", None)
    if table is not None:
        header = table.header
        return int(header["NAXIS1"]) * int(header["NAXIS2"]) + int(header.get("PCOUNT", 0))
    return int(unit.size)
