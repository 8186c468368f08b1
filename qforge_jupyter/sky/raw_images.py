"""Images whose pixels lie behind each other in a file: NumPy arrays and uncompressed TIFF."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.sky.images import SkyImage, grey_of
from qforge_jupyter.sky.troubles import Trouble, telling_damage

#: Kinds of numbers that are brightnesses.
_KINDS = "buif"
#: A file in which a plane of colors has its samples last.
_COLORS = (3, 4)


class RawImage(SkyImage):
    """Pixels read by seeking: what lies between two sections stays on the disk.

    Parameters
    ----------
    stream
        The open file: what can be sought in and read.
    offset
        Where the first pixel starts.
    shape
        Height, width, and samples of a pixel.
    dtype
        Of a sample.
    is_turned
        Whether the file holds one column behind the other.

    """

    def __init__(
        self,
        stream: Any,
        offset: int,
        shape: tuple[int, int, int],
        dtype: np.dtype[Any],
        *,
        is_turned: bool = False,
    ) -> None:
        n_samples = shape[2]
        check_kind(dtype)
        super().__init__(*shape[:2], is_whole=dtype.kind in "bui" and n_samples == 1)
        self._stream, self._offset, self._dtype = stream, offset, dtype
        self._n_samples, self._is_turned = n_samples, is_turned
        self.n_bytes_row = self.width * n_samples * dtype.itemsize

    def section(self, bottom: int, top: int, left: int, right: int) -> NDArray[Any]:
        """Read rows of the section; a section of whole rows in one piece."""
        if self._is_turned:
            return self._read(left, right, bottom, top, self.height).T
        return self._read(bottom, top, left, right, self.width)

    def _read(self, first: int, last: int, start: int, stop: int, length: int) -> NDArray[Any]:
        """Read lines, each of so many pixels in the file, between two places of each."""
        pixel = self._n_samples * self._dtype.itemsize
        shape = (last - first, stop - start, self._n_samples)
        if stop - start == length:
            data = self._bytes((first * length) * pixel, math.prod(shape[:2]) * pixel)
        else:
            data = b"".join(
                self._bytes((line * length + start) * pixel, (stop - start) * pixel)
                for line in range(first, last)
            )
        return grey_of(np.frombuffer(data, self._dtype).reshape(shape))

    def _bytes(self, place: int, n: int) -> bytes:
        with telling_damage():
            self._stream.seek(self._offset + place)
            found = self._stream.read(n) or b""
        if len(found) != n:
            raise Trouble("truncated", "the file ends before the end of the image")
        return found


def check_kind(dtype: np.dtype[Any]) -> None:
    """Refuse values that are no brightnesses.

    Raises
    ------
    Trouble
        They are complex, texts, objects or records.

    """
    if dtype.kind not in _KINDS or dtype.itemsize > 8:
        raise Trouble("no image", "its values are no real numbers of at most 64 bits")


def raw_numpy(stream: io.BufferedReader, n_bytes: int, plane: int | str | None) -> RawImage:
    """Find the image of a ``.npy`` file; of three axes, the first one counts planes.

    Parameters
    ----------
    stream
        The open file.
    n_bytes
        Its length.
    plane
        Number of the plane, where there are several; the first when None.

    Raises
    ------
    Trouble
        It holds no image, or ends too soon.

    """
    shape, is_turned, dtype = _numpy_header(stream)
    check_kind(dtype)
    if len(shape) not in (2, 3) or min(shape) < 1:
        raise Trouble("no image", "an array of two axes is an image, and one of three several")
    if len(shape) == 3 and shape[2] in _COLORS and shape[0] > max(_COLORS):
        raise Trouble("no image", "the array holds colors: save one plane of it")
    start = stream.tell()
    if start + math.prod(shape) * dtype.itemsize > n_bytes:
        raise Trouble("truncated", "the file ends before the end that its header claims")
    *planes, height, width = shape
    number = 0 if plane is None else plane
    if not isinstance(number, int) or not 0 <= number < (planes[0] if planes else 1):
        raise Trouble("no image", "the file has no such plane")
    if planes and is_turned:
        raise Trouble("no image", "planes in Fortran's order lie across each other: save it in C's")
    offset = start + number * height * width * dtype.itemsize
    return RawImage(stream, offset, (height, width, 1), dtype, is_turned=is_turned)


def _numpy_header(stream: io.BufferedReader) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    with telling_damage():
        version = np.lib.format.read_magic(stream)
        shape, is_turned, dtype = read[version](stream)
    return tuple(map(int, shape)), bool(is_turned), dtype
