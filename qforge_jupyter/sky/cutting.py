"""Cut-outs: squares around positions, many of one file in one pass over it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.image_files import open_image
from qforge_jupyter.sky.images import SkyImage
from qforge_jupyter.sky.troubles import Trouble

#: Rows of pixels are read together up to so many bytes.
_BAND_BYTES = 64 * 2**20
#: A read of less costs as much: what a buffered file fetches at once.
_READ_BYTES = 8_192


@dataclass(frozen=True)
class Wanted:
    """One cut-out that is wanted.

    Parameters
    ----------
    row
        Where it came from, to tell it apart.
    path
        The file, as the row has it.
    x, y
        Position on the image in pixels, 0 in the middle of the first; y counts rows as the file
        has them.
    ra, dec
        Position on the sky in degrees, taken where there is no position in pixels. Without
        either the middle of the image is taken.
    hdu
        Extension, page or plane; the first image when None.

    """

    row: int
    path: str
    x: float | None = None
    y: float | None = None
    ra: float | None = None
    dec: float | None = None
    hdu: int | str | None = None


def wanted_of(row: Mapping[str, Any], place: int) -> Wanted:
    """Say what to cut out for a row of a dataset of detections.

    Examples
    --------
    >>> wanted_of({"image": "a.fits", "x": 3.0, "y": 4.0, "hdu": "1"}, 0).hdu
    1

    """
    hdu: Any = row.get("hdu")
    at = {name: row.get(name) for name in ("x", "y", "ra", "dec")}
    is_text = isinstance(hdu, str) and hdu.isascii() and hdu.isdecimal() and len(hdu) < 10
    is_whole = is_text or (isinstance(hdu, int | float) and hdu == hdu // 1)
    extension = int(hdu) if is_whole else None if isinstance(hdu, float) else hdu
    return Wanted(place, str(row["image"] or ""), hdu=extension, **at)


@dataclass(frozen=True)
class CutOut:
    """A square of an image.

    Parameters
    ----------
    wanted
        What was asked for.
    pixels
        Brightnesses, rows as the file has them (from the bottom up in FITS), NaN beyond the
        image and where there is none.
    inside
        Which pixels lie in the image.
    left, bottom
        Column and row of the image at which the first pixel lies; negative beyond its edge.
    x, y
        The position that was asked for, on the image.
    is_whole
        Whether the image holds whole numbers.

    """

    wanted: Wanted
    pixels: NDArray[np.float64] = field(repr=False)
    inside: NDArray[np.bool_] = field(repr=False)
    left: int
    bottom: int
    x: float
    y: float
    is_whole: bool
    _image: SkyImage = field(repr=False)

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of the image."""
        return self._image.height, self._image.width

    @property
    def saturation(self) -> float | None:
        """Brightness from which pixels are saturated, where the file says it."""
        return self._image.saturation

    @property
    def is_upside_down(self) -> bool:
        """Whether the first row is the uppermost one, as in every file but FITS."""
        return self._image.first_row == "uppermost"

    @property
    def sky_position(self) -> tuple[float, float] | None:
        """RA and declination of the position, in degrees, where the image knows them."""
        if self.wanted.ra is not None and self.wanted.dec is not None:
            return self.wanted.ra, self.wanted.dec
        try:
            ra, dec = self._image.wcs.all_pix2world([[self.x, self.y]], 0)[0]
        except Trouble:
            return None
        return float(ra), float(dec)

    @property
    def wcs(self) -> Any:
        """The astropy WCS of the cut-out, made from that of the image.

        Raises
        ------
        Trouble
            The image has none.

        """
        return _moved(self._image.wcs, self.left, self.bottom)


def cut_outs(
    wanted: Iterable[Wanted], size: int, folders: Pictures
) -> Iterator[CutOut | tuple[Wanted, Trouble]]:
    """Cut squares out of files, file by file; what is wrong with one takes its place.

    Of every file, each row of pixels is read at most about once, however many cut-outs share
    it, and rows that none needs are not read.

    Parameters
    ----------
    wanted
        What to cut out; the order is that of the files, not of these.
    size
        Pixels along each side.
    folders
        Where files may lie.

    """

    def place(one: Wanted) -> tuple[str, str]:
        return one.path, "" if one.hdu is None else str(one.hdu)

    for _, group in groupby(sorted(wanted, key=place), key=place):
        asked = list(group)
        try:
            with open_image(asked[0].path, folders, asked[0].hdu) as image:
                yield from _of_image(image, asked, size)
        except Trouble as trouble:  # of the whole file: those of single rows are told above
            for one in asked:
                yield one, trouble


@dataclass(frozen=True)
class _Square:
    """Where a cut-out lies on its image."""

    wanted: Wanted
    x: float
    y: float
    left: int
    bottom: int


def _of_image(
    image: SkyImage, asked: Sequence[Wanted], size: int
) -> Iterator[CutOut | tuple[Wanted, Trouble]]:
    squares: list[_Square] = []
    for one in asked:
        try:
            squares.append(_square(image, one, size))
        except Trouble as trouble:
            yield one, trouble
    squares.sort(key=lambda each: (each.bottom, each.left))
    for band in _bands(squares, size, image):
        for part, (bottom, top, left, right) in _reads(image, band, size):
            try:
                held = image.section(bottom, top, left, right)
            except Trouble as trouble:
                yield from ((each.wanted, trouble) for each in part)
                continue
            for each in part:
                yield _cut(image, each, size, held, (bottom, left))


def _square(image: SkyImage, one: Wanted, size: int) -> _Square:
    x, y = _position(image, one)
    # As in astropy's Cutout2D: the middle of the square is at most half a pixel off.
    left, bottom = math.ceil(x - size / 2), math.ceil(y - size / 2)
    is_beside = left >= image.width or bottom >= image.height
    if is_beside or left + size <= 0 or bottom + size <= 0:
        raise Trouble("outside of the image", "the position is not on the image")
    return _Square(one, x, y, left, bottom)


def _position(image: SkyImage, one: Wanted) -> tuple[float, float]:
    for pair in ((one.x, one.y), (one.ra, one.dec)):
        if (pair[0] is None) != (pair[1] is None):
            raise Trouble("no position", "one of the two coordinates is missing")
    if one.x is not None and one.y is not None:
        if not (math.isfinite(one.x) and math.isfinite(one.y)):
            raise Trouble("no position", "the position is no number")
        return one.x, one.y
    if one.ra is not None and one.dec is not None:
        if not (math.isfinite(one.ra) and -90 <= one.dec <= 90):
            raise Trouble("no position", "the position is no place of the sky")
        return image.pixel_of(one.ra, one.dec)
    return (image.width - 1) / 2, (image.height - 1) / 2


def _bands(squares: Sequence[_Square], size: int, image: SkyImage) -> Iterator[list[_Square]]:
    """Put squares together whose rows touch, up to a band of some height."""
    n_row = max(1, image.n_bytes_row or image.width * 8)
    most = max(2 * size, 4 * image.tile_height, _BAND_BYTES // n_row)
    band: list[_Square] = []
    for each in squares:
        if band and (
            each.bottom > band[-1].bottom + size or each.bottom + size - band[0].bottom > most
        ):
            yield band
            band = []
        band.append(each)
    if band:
        yield band


def _reads(
    image: SkyImage, band: Sequence[_Square], size: int
) -> Iterator[tuple[Sequence[_Square], tuple[int, int, int, int]]]:
    """Say what to read for a band: all of its rows at once, or each square where that is less."""
    bottom, top = max(0, band[0].bottom), min(image.height, band[-1].bottom + size)
    if image.is_compressed:  # whole tiles are read, between the outermost columns
        left = max(0, min(each.left for each in band))
        yield band, (bottom, top, left, min(image.width, max(e.left for e in band) + size))
        return
    pixel_bytes = image.n_bytes_row // image.width
    if (top - bottom) * image.n_bytes_row <= len(band) * size * max(
        size * pixel_bytes, _READ_BYTES
    ):
        yield band, (bottom, top, 0, image.width)
        return
    for each in band:
        low, high = max(0, each.bottom), min(image.height, each.bottom + size)
        yield [each], (low, high, max(0, each.left), min(image.width, each.left + size))


def _cut(
    image: SkyImage, square: _Square, size: int, held: NDArray[Any], corner: tuple[int, int]
) -> CutOut:
    """Lay what was read, whose first pixel lies at a corner, under the square."""
    pixels = np.full((size, size), np.nan)
    inside = np.zeros((size, size), dtype=np.bool_)
    low, high = max(0, square.bottom), min(image.height, square.bottom + size)
    first, last = max(0, square.left), min(image.width, square.left + size)
    here = (
        slice(low - square.bottom, high - square.bottom),
        slice(first - square.left, last - square.left),
    )
    rows = slice(low - corner[0], high - corner[0])
    pixels[here] = held[rows, first - corner[1] : last - corner[1]]
    inside[here] = True
    return CutOut(
        square.wanted, pixels, inside, square.left, square.bottom, square.x, square.y,
        image.is_whole, image,
    )  # fmt: skip


def _moved(wcs: Any, left: int, bottom: int) -> Any:
    """Move the WCS of an image to a square of it."""
    moved = wcs.deepcopy()
    moved.wcs.crpix = moved.wcs.crpix - np.array([left, bottom])
    if moved.sip is not None:
        from astropy.wcs import Sip

        sip = moved.sip
        moved.sip = Sip(sip.a, sip.b, sip.ap, sip.bp, sip.crpix - np.array([left, bottom]))
    return moved
