"""Files of images: found in the folders where they may lie, and recognised by their content."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG

from qforge_jupyter.errors import FormatError
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky import fits_images, png_images, raw_images, tiff_images
from qforge_jupyter.sky.images import SkyImage
from qforge_jupyter.sky.troubles import Trouble, telling_damage, telling_missing

_GZIP = b"\x1f\x8b"
_NUMPY = b"\x93NUMPY"
_HEAD = 16


@contextmanager
def open_image(path: str, folders: Pictures, hdu: int | str | None = None) -> Iterator[SkyImage]:
    """Open an image inside some folders: FITS, PNG, TIFF, or a NumPy array.

    Parameters
    ----------
    path
        As it is written in a row.
    folders
        Where files may lie.
    hdu
        Number or name of the extension of a FITS file, number of the page of a TIFF file or of
        the plane of an array; the first image when None.

    Raises
    ------
    Trouble
        There is no such file, or no such image in it; or it is cut off.
    MissingPackage
        What reads it is not installed.

    """
    place = _place(path, folders)
    head = _head(place)
    if head.startswith(fits_images.MAGIC):
        with fits_images.open_fits(place, hdu) as image:
            yield image
    elif head.startswith(tiff_images.MAGICS):
        with tiff_images.open_tiff(place, hdu) as image:
            yield image
    elif head.startswith(_NUMPY):
        with place.open("rb") as stream:
            yield raw_images.raw_numpy(stream, place.stat().st_size, hdu)
    elif head.startswith(png_images.MAGIC):
        yield png_images.read_png(place, hdu)
    else:
        raise Trouble("unknown format", "the file is no FITS, PNG, TIFF or .npy file")


def _place(path: str, folders: Pictures) -> Path:
    try:
        with telling_missing():
            return folders.place(path)
    except Trouble:
        raise
    except FormatError as problem:
        raise Trouble("outside of the folders", problem.message) from None
    except ValueError:
        raise Trouble("missing file", "there is no such file") from None


def _head(place: Path) -> bytes:
    """Read how a file begins, or what is in it where it was gzipped."""
    with telling_missing():
        if not S_ISREG(place.stat().st_mode):  # a pipe would be waited for without end
            raise Trouble("missing file", "there is no such file, but something else of that name")
        with place.open("rb") as stream:
            head = stream.read(_HEAD)
    if not head.startswith(_GZIP):
        return head
    with telling_damage(), gzip.open(place) as packed:
        head = packed.read(_HEAD)
    return head if head.startswith(fits_images.MAGIC) else b""
