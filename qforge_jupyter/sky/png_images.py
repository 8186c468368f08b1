"""PNG images: packed as a whole, and so unpacked as a whole, once a file."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.errors import MissingPackage
from qforge_jupyter.sky.images import SkyImage, check_size, grey_of
from qforge_jupyter.sky.troubles import Trouble, telling_damage

MAGIC = b"\x89PNG\r\n\x1a\n"
#: Width, height, bits of a sample, and the kind of color: the first chunk.
_HEAD = struct.Struct(">8xI4sIIBB")
#: Samples of a pixel by the kind of color, a palette unfolded.
_SAMPLES = {0: 1, 2: 3, 3: 4, 4: 2, 6: 4}
_CHUNK = struct.Struct(">I4s")


class ArrayImage(SkyImage):
    """An image that is in memory.

    Examples
    --------
    >>> ArrayImage(np.arange(6, dtype=np.uint8).reshape(2, 3)).section(0, 2, 1, 2).tolist()
    [[1], [4]]

    """

    def __init__(self, pixels: NDArray[Any]) -> None:
        super().__init__(*pixels.shape, is_whole=pixels.dtype.kind in "bui")
        self.tile_height = self.height
        self._pixels = pixels

    def section(self, bottom: int, top: int, left: int, right: int) -> NDArray[Any]:
        """Give a part of the pixels."""
        return self._pixels[bottom:top, left:right]


def read_png(place: Path, hdu: int | str | None) -> ArrayImage:
    """Read a PNG file: grey of 1 to 16 bits, or colors of 8 bits as their grey.

    Raises
    ------
    Trouble
        It is damaged, ends too soon, or is too large or too fine to be read as it is.
    MissingPackage
        Pillow is not installed.

    """
    try:
        from PIL import Image
    except ImportError:
        raise MissingPackage("pillow", "to read PNG images", "images") from None
    if hdu not in (None, 0):
        raise Trouble("no image", "a PNG file holds one image and has no extensions")
    _check(place)
    with telling_damage(), Image.open(place, formats=["PNG"]) as opened:
        if opened.mode == "P":
            shown = opened.convert("RGBA" if "transparency" in opened.info else "RGB")
        else:
            shown = opened.convert("L") if opened.mode == "1" else opened
        samples = np.asarray(shown)
    return ArrayImage(grey_of(samples if samples.ndim == 3 else samples[..., None]))


def _check(place: Path) -> None:
    """Follow the chunks to the end, before anything is unpacked."""
    n_bytes = place.stat().st_size
    with place.open("rb") as stream:
        head = stream.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise Trouble("truncated", "the file ends before its header does")
        _, name, width, height, n_bits, color = _HEAD.unpack(head)
        if name != b"IHDR" or not width * height:
            raise Trouble("damaged", "the file does not begin with the size of an image")
        check_size(width * height * _SAMPLES.get(color, 4))
        if n_bits == 16 and color:
            raise Trouble("no image", "colors of 16 bits would lose eight: save it in grey")
        at, name = len(MAGIC), b""
        while name != b"IEND":
            stream.seek(at)
            data = stream.read(_CHUNK.size)
            if len(data) < _CHUNK.size:
                raise Trouble("truncated", "the file ends before its image does")
            length, name = _CHUNK.unpack(data)
            if name == b"IHDR" and at > len(MAGIC):  # readers would obey it, unchecked
                raise Trouble("damaged", "the file says the size of its image twice")
            at += _CHUNK.size + length + 4
            if at > n_bytes:
                raise Trouble("truncated", "the file ends before its image does")
