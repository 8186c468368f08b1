"""FITS images, read by section: what is not asked for stays on the disk."""

from __future__ import annotations

import gzip
import io
import math
import warnings
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.errors import FormatError, MissingPackage
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.troubles import Trouble

#: Compressed tiles are fetched so many bytes at a time.
_AHEAD_BYTES = 2**16
#: Pixels of one compressed tile, at most.
_MOST_TILE = 2**26
_GZIP = b"\x1f\x8b"
_START = b"SIMPLE  ="
#: What a damaged file makes astropy raise, in its many ways.
_DAMAGED = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    zlib.error,
)


class FitsImage:
    """One image of an open FITS file.

    Parameters
    ----------
    unit
        Its header and data unit, plain or tile-compressed.

    """

    def __init__(self, unit: Any) -> None:
        self._unit = unit
        *planes, self.height, self.width = unit.shape
        self._first = (0,) * len(planes)

    @property
    def header(self) -> Any:
        """The header, as astropy has it."""
        return self._unit.header

    @property
    def is_whole(self) -> bool:
        """Whether its pixels are whole numbers."""
        return bool(np.issubdtype(self._sample.dtype, np.integer))

    @property
    def n_bytes_row(self) -> int:
        """Bytes of one row of pixels; 0 where it lies in compressed tiles."""
        return 0 if self.is_compressed else self.width * abs(int(self.header["BITPIX"])) // 8

    @property
    def is_compressed(self) -> bool:
        """Whether its pixels lie in compressed tiles."""
        return hasattr(self._unit, "compression_type")

    @property
    def tile_height(self) -> int:
        """Rows that can only be read together."""
        return int(self._unit.tile_shape[-2]) if self.is_compressed else 1

    @cached_property
    def _sample(self) -> NDArray[Any]:
        return self.section(0, 1, 0, 1)

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
        from astropy.wcs import WCS, FITSFixedWarning

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FITSFixedWarning)
            try:
                found = WCS(self.header)
            except Exception:  # noqa: BLE001 — wcslib has errors of its own for each keyword
                return None
        return found.celestial if found.has_celestial else None

    def pixel_of(self, ra: float, dec: float) -> tuple[float, float]:
        """Find a place of the sky, in degrees, on the image: x and y, from 0 at a pixel's middle.

        Raises
        ------
        Trouble
            The image has no WCS, or its projection does not reach the place.

        """
        x, y = self.wcs.all_world2pix([[ra, dec]], 0, quiet=True)[0]
        if not (math.isfinite(x) and math.isfinite(y)):
            raise Trouble("outside of the image", "the projection does not reach the position")
        back_ra, back_dec = self.wcs.all_pix2world([[x, y]], 0)[0]
        # A gnomonic projection has the far side of the sky at the same place.
        if math.cos(math.radians(back_dec - dec)) < 0.99 or (
            abs(dec) < 89 and math.cos(math.radians(back_ra - ra)) < 0.5
        ):
            raise Trouble("outside of the image", "the position is on the other side of the sky")
        return float(x), float(y)

    def section(self, bottom: int, top: int, left: int, right: int) -> NDArray[Any]:
        """Read rows ``bottom`` to ``top`` and columns ``left`` to ``right``, scaled, without ends.

        Raises
        ------
        Trouble
            The file is damaged there.

        """
        with _telling_damage():
            place = (*self._first, slice(bottom, top), slice(left, right))
            found: NDArray[Any] = np.asarray(self._unit.section[place])
            return found


@contextmanager
def open_image(path: str, folders: Pictures, hdu: int | str | None = None) -> Iterator[FitsImage]:
    """Open an image of a FITS file inside some folders.

    Parameters
    ----------
    path
        As it is written in a row.
    folders
        Where files may lie.
    hdu
        Number or name of the extension; the first image when None.

    Raises
    ------
    Trouble
        There is no such file, or no such image in it; or it is cut off.
    MissingPackage
        astropy is not installed.

    """
    try:
        from astropy.io import fits
    except ImportError:
        raise MissingPackage("astropy", "to read FITS images", "fits") from None
    place = _place(path, folders)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with ExitStack() as opened:
            with _telling_damage():
                units = opened.enter_context(fits.open(place, memmap=False, lazy_load_hdus=True))
                unit = _image(units, hdu)
                _check_length(unit, place)
                if hasattr(unit, "compression_type"):
                    _check_tiles(unit)
                    stream = opened.enter_context(_ReadAhead(place))
                    units = opened.enter_context(fits.open(stream, lazy_load_hdus=True))
                    unit = _image(units, hdu)
            yield FitsImage(unit)


class _ReadAhead(io.RawIOBase):
    """A file read in large pieces, so that small tiles, one behind the other, cost one read."""

    def __init__(self, place: Path) -> None:
        self._file = place.open("rb", buffering=0)
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


def _place(path: str, folders: Pictures) -> Path:
    try:
        place = folders.place(path)
    except FormatError as problem:
        raise Trouble("outside of the folders", problem.message) from None
    except (OSError, ValueError):
        raise Trouble("missing file", "there is no such file") from None
    try:
        with place.open("rb") as stream:
            head = stream.read(len(_START))
    except OSError:
        raise Trouble("missing file", "there is no such file, or it may not be read") from None
    if head.startswith(_GZIP):
        with _telling_damage(), gzip.open(place) as stream:
            head = stream.read(len(_START))
    if head != _START:
        raise Trouble("not FITS", "the file is no FITS file")
    return place


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
    if not 0 < math.prod(map(int, unit.tile_shape)) <= _MOST_TILE:
        raise Trouble("damaged", "its compressed tiles claim more pixels than can be")


def unit_bytes(unit: Any) -> int:
    """Count the bytes of a unit's data, without the filling of its last block."""
    table = getattr(unit, "_bintable", None)
    if table is not None:
        header = table.header
        return int(header["NAXIS1"]) * int(header["NAXIS2"]) + int(header.get("PCOUNT", 0))
    return int(unit.size)


@contextmanager
def _telling_damage() -> Iterator[None]:
    try:
        yield
    except Trouble:
        raise
    except _DAMAGED:
        raise Trouble("damaged", "the file is damaged, or cut off") from None
