"""FITS images as 16-bit brightnesses, to be stretched in the browser."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from qforge_jupyter.errors import FormatError, MissingPackage
from qforge_jupyter.pictures.picture import Picture

MIME = "application/x-qforge-uint16"
MOST_PIXELS = 16_000_000
_LEVELS = 65_534
#: So many times the scatter of the background are told apart before a source is cut off.
_SCATTERS = 2000.0


def cutout(data: bytes) -> Picture:
    """Read the first image of a FITS file.

    Raises
    ------
    FormatError
        It is damaged, has no image, or one of more than 16 million pixels.
    MissingPackage
        astropy is not installed.

    """
    try:
        from astropy.io import fits
    except ImportError:
        raise MissingPackage("astropy", "to show FITS images", "fits") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with fits.open(io.BytesIO(data), memmap=False, lazy_load_hdus=True) as units:
                pixels = _first_image(units)
    except FormatError:
        raise
    except (OSError, ValueError, TypeError, KeyError, IndexError, fits.VerifyError):
        raise FormatError("A FITS file is damaged: fetch it again") from None
    return picture_of(pixels)


def _first_image(units: Any) -> npt.NDArray[Any]:
    for unit in units:
        if not unit.is_image or len(unit.shape) < 2:
            continue
        height, width = unit.shape[-2:]
        if height * width > MOST_PIXELS:
            raise FormatError(
                f"A FITS image of {width:,} × {height:,} pixels came and at most {MOST_PIXELS:,} "
                "can be shown: cut out what is to be labeled"
            )
        pixels: npt.NDArray[Any] = unit.data[(0,) * (len(unit.shape) - 2)]
        return pixels
    raise FormatError("A FITS file holds no image: name a column of images")


def picture_of(pixels: npt.NDArray[Any]) -> Picture:
    """Bring brightnesses to 16 bits; what is no number becomes 0.

    Whole numbers within 65,534 of each other stay apart. Otherwise the step is so
    fine that the background's scatter is, and the brightest sources are cut off.

    Examples
    --------
    >>> import numpy as np
    >>> drawn = picture_of(np.array([[5, 7], [6, 5]]))
    >>> list(np.frombuffer(drawn.data, "<u2")), drawn.low, drawn.high
    ([np.uint16(1), np.uint16(3), np.uint16(2), np.uint16(1)], 5.0, 65539.0)

    """
    levels, low, high = levels_of(pixels, is_whole=np.issubdtype(pixels.dtype, np.integer))
    height, width = levels.shape
    return Picture(levels.tobytes(), MIME, width, height, low, high)


def levels_of(
    pixels: npt.NDArray[Any], *, is_whole: bool
) -> tuple[npt.NDArray[np.uint16], float, float]:
    """Bring brightnesses to 16 bits, 0 where there is none, with those of 1 and 65,535.

    Parameters
    ----------
    pixels
        Brightnesses.
    is_whole
        Whether all that are numbers are whole.

    Raises
    ------
    FormatError
        No pixel has a value.

    """
    values = pixels.astype(np.float64)
    is_number = np.isfinite(values)
    if not is_number.any():
        raise FormatError("A FITS image has no pixel with a value: leave its row out")
    low, high = _limits(values[is_number], is_whole=is_whole)
    with np.errstate(invalid="ignore"):
        share = np.clip((values - low) / (high - low), 0.0, 1.0)
        levels = np.where(is_number, 1 + np.rint(np.nan_to_num(share) * _LEVELS), 0)
    return np.ascontiguousarray(levels.astype("<u2")), float(low), float(high)


def _limits(values: npt.NDArray[np.float64], *, is_whole: bool) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if is_whole and high - low <= _LEVELS:
        return low, low + _LEVELS
    median = float(np.median(values))
    scatter = 1.4826 * float(np.median(np.abs(values - median)))
    if scatter > 0:
        low, high = max(low, median - _SCATTERS * scatter), min(high, median + _SCATTERS * scatter)
    return (low, high) if high > low else (low, low + 1.0)
