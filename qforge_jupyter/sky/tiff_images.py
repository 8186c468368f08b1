"""TIFF images, read by strip or tile: what is not asked for stays on the disk."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.errors import MissingPackage
from qforge_jupyter.sky.images import SkyImage, check_size, grey_of
from qforge_jupyter.sky.raw_images import RawImage, check_kind
from qforge_jupyter.sky.troubles import Trouble, telling_damage

MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
#: By TIFF's number of a compression, the codec that unpacks it; all lose nothing.
_CODECS = {
    1: "none", 5: "lzw", 8: "zlib", 32773: "packbits", 32946: "zlib", 50000: "zstd",
}  # fmt: skip
_TOGETHER = 1
#: Whether 0 is white, by TIFF's number of a way to show, and how many samples a color has.
_WHITE_IS_0, _COLORS = 0, {0: 1, 1: 1, 2: 3}
#: Kinds of a sample beside the color that say how transparent a pixel is.
_ALPHA = ((1,), (2,))
_SHOWN_BY = 262


class TiffImage(SkyImage):
    """One page of an open TIFF file, of which strips or tiles are unpacked.

    Parameters
    ----------
    page
        Of tifffile.
    unpack
        Gives so many bytes of what is packed, and never more.

    """

    def __init__(self, page: Any, unpack: Callable[[bytes, int], bytes]) -> None:
        self._samples = int(page.samplesperpixel)
        super().__init__(
            int(page.imagelength),
            int(page.imagewidth),
            is_whole=page.dtype.kind in "ui" and self._samples == 1,
        )
        self._page, self._unpack = page, unpack
        self.tile_height = page.tilelength if page.is_tiled else min(page.rowsperstrip, self.height)
        self._tile_width = page.tilewidth if page.is_tiled else self.width
        check_size(self.tile_height * self._tile_width * self._samples)
        self._n_across = -(-self.width // self._tile_width)

    def section(self, bottom: int, top: int, left: int, right: int) -> NDArray[Any]:
        """Unpack the tiles that a section touches; one that the file leaves out has no values."""
        tall, wide = self.tile_height, self._tile_width
        kind = np.dtype(self._page.dtype.char)
        found = np.zeros((top - bottom, right - left, self._samples), dtype=kind)
        lacks = np.zeros(found.shape[:2], dtype=np.bool_)
        for down in range(bottom // tall, -(-top // tall)):
            for across in range(left // wide, -(-right // wide)):
                low, first = max(bottom, down * tall), max(left, across * wide)
                high, last = min(top, (down + 1) * tall), min(right, (across + 1) * wide)
                here = (slice(low - bottom, high - bottom), slice(first - left, last - left))
                tile = self._tile(down * self._n_across + across)
                if tile is None:
                    lacks[here] = True
                else:
                    rows = slice(low - down * tall, high - down * tall)
                    found[here] = tile[rows, first - across * wide : last - across * wide]
        grey = grey_of(found)
        return np.where(lacks, np.nan, grey) if lacks.any() else grey

    def _tile(self, number: int) -> NDArray[Any] | None:
        page = self._page
        with telling_damage():
            n_packed = page.databytecounts[number]
            if not n_packed:
                return None
            # The last strip ends with the image; a tile is always whole.
            tall = self.tile_height
            left_over = self.height - number * tall
            rows = tall if page.is_tiled else min(tall, left_over)
            shape = (rows, self._tile_width, self._samples)
            n_bytes = math.prod(shape) * page.dtype.itemsize
            handle = page.parent.filehandle
            handle.seek(page.dataoffsets[number])
            data = self._unpack(handle.read(n_packed), n_bytes)
            if len(data) != n_bytes:
                raise Trouble("damaged", "a strip or tile does not unpack to its size")
            return self._summed(data, shape)

    def _summed(self, data: bytes, shape: tuple[int, ...]) -> NDArray[Any]:
        """Undo the differences that some files hold in place of values."""
        page = self._page
        if page.predictor == 1:
            order = page.dtype.newbyteorder(page.parent.byteorder)
            return np.frombuffer(data, order).reshape(shape)
        from tifffile import TIFF

        order = page.dtype.newbyteorder(page.parent.byteorder if page.predictor == 2 else "=")
        values = np.frombuffer(data, order).reshape(shape)
        if page.predictor == 2:
            values = values.astype(page.dtype)
        undone: NDArray[Any] = TIFF.UNPREDICTORS[page.predictor](values, axis=-2)
        return undone


class Negative(SkyImage):
    """An image in whose file 0 is white and the largest number is black.

    Parameters
    ----------
    image
        As the file has it.
    largest
        What is black.

    """

    def __init__(self, image: SkyImage, largest: int) -> None:
        super().__init__(image.height, image.width, is_whole=image.is_whole)
        self.tile_height, self.n_bytes_row = image.tile_height, image.n_bytes_row
        self._image, self._largest = image, largest

    def section(self, bottom: int, top: int, left: int, right: int) -> NDArray[Any]:
        """Turn what is dark bright."""
        found: NDArray[Any] = self._largest - self._image.section(bottom, top, left, right)
        return found


@contextmanager
def open_tiff(place: Path, hdu: int | str | None) -> Iterator[SkyImage]:
    """Open a page of a TIFF file: whole numbers or floats, grey or colors as their grey.

    Raises
    ------
    Trouble
        It is damaged, ends too soon, or holds no image that can be read.
    MissingPackage
        tifffile is not installed, or imagecodecs where the image is packed.

    """
    try:
        from tifffile import TiffFile
    except ImportError:
        raise MissingPackage("tifffile", "to read TIFF images", "images") from None
    with telling_damage():
        opened = TiffFile(place)
    try:
        with telling_damage():
            page = _page(opened, hdu)
            image = _image(page, place.stat().st_size)
            if _is_negative(page):
                image = Negative(image, int(np.iinfo(page.dtype).max))
        yield image
    finally:
        opened.close()


def _page(opened: Any, hdu: int | str | None) -> Any:
    number = 0 if hdu is None else hdu
    try:
        if not isinstance(number, int) or number < 0:
            raise IndexError  # noqa: TRY301 — told below as of a page that is not there
        page = opened.pages[number]
    except IndexError:
        raise Trouble("no image", "the file has no such page") from None
    if page.imagedepth != 1 or not page.imagelength * page.imagewidth * page.samplesperpixel:
        raise Trouble("no image", "the page is no flat image")
    if page.dtype is None or page.bitspersample not in (8, 16, 32, 64) or page.fillorder != 1:
        raise Trouble("no image", "its samples are no numbers of 8, 16, 32 or 64 bits")
    check_kind(page.dtype)
    if page.samplesperpixel > 1 and page.planarconfig != _TOGETHER:
        raise Trouble("no image", "its colors lie in planes: save it in grey")
    _check_colors(page)
    return page


def _is_negative(page: Any) -> bool:
    return _SHOWN_BY in page.tags and page.photometric == _WHITE_IS_0


def _check_colors(page: Any) -> None:
    """Refuse samples that are neither grey nor RGB, with or without how transparent they are."""
    n = int(page.samplesperpixel)
    # A file that does not say how it is shown is shown as readers do: black is 0.
    n_colors = _COLORS.get(int(page.photometric)) if _SHOWN_BY in page.tags else 1 + 2 * (n > 2)
    if n_colors is None:
        raise Trouble("no image", "its values are neither grey nor RGB: save it in grey")
    if n != n_colors and (n != n_colors + 1 or page.extrasamples[:1] not in _ALPHA):
        raise Trouble("no image", "a pixel has samples beside its color: save one band of it")
    if _is_negative(page) and page.dtype.kind != "u":
        raise Trouble("no image", "0 is white in it, and its values know no black: save it anew")


def _image(page: Any, n_bytes: int) -> SkyImage:
    codec = _CODECS.get(int(page.compression))
    if codec is None:
        raise Trouble("no image", "its compression is none that keeps every value: save it as LZW")
    _check_length(page, n_bytes)
    shape = (int(page.imagelength), int(page.imagewidth), int(page.samplesperpixel))
    if codec == "none" and page.is_contiguous and not page.is_tiled:
        order = page.dtype.newbyteorder(page.parent.byteorder)
        offset = int(page.dataoffsets[0])
        if offset + math.prod(shape) * order.itemsize > n_bytes:
            raise Trouble("truncated", "the file ends before the end that its header claims")
        return RawImage(page.parent.filehandle, offset, shape, order)
    return TiffImage(page, _unpacking(codec))


def _check_length(page: Any, n_bytes: int) -> None:
    n_tiles = math.prod(page.chunked)
    offsets = np.asarray(page.dataoffsets, dtype=np.float64)
    counts = np.asarray(page.databytecounts, dtype=np.float64)
    if len(offsets) != len(counts) or len(offsets) < n_tiles:
        raise Trouble("damaged", "some of its strips or tiles are nowhere")
    if (offsets + counts > n_bytes).any():
        raise Trouble("truncated", "the file ends before the end that its header claims")


def _unpacking(codec: str) -> Callable[[bytes, int], bytes]:
    if codec == "none":
        return lambda data, n_bytes: data[:n_bytes]
    try:
        import imagecodecs
    except ImportError:
        raise MissingPackage("imagecodecs", "to unpack TIFF images", "images") from None
    decode = getattr(imagecodecs, f"{codec}_decode")
    return lambda data, n_bytes: bytes(decode(data, out=n_bytes))
