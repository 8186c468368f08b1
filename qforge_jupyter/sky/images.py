"""What every image of the sky gives, whatever its file: its size, and sections of its pixels."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.sky.troubles import Trouble

#: Pixels that have to be unpacked together, at most: a header may claim what it likes.
MOST_TOGETHER = 2**26
#: Of red, green and blue in the grey of a colored picture (ITU-R BT.601).
_LUMA = np.array([0.299, 0.587, 0.114])


class SkyImage(ABC):
    """One image of an open file, of which sections are read.

    Parameters
    ----------
    height, width
        In pixels.
    is_whole
        Whether its pixels are whole numbers.

    """

    #: Where the first row of the file lies as people see the image.
    first_row: ClassVar[Literal["lowest", "uppermost"]] = "uppermost"
    #: Rows that can only be read together.
    tile_height: int = 1
    #: Bytes of one row of pixels; 0 where they are packed and whole tiles are read.
    n_bytes_row: int = 0
    #: Brightness from which pixels are saturated, where the file says it.
    saturation: float | None = None

    def __init__(self, height: int, width: int, *, is_whole: bool) -> None:
        self.height, self.width, self.is_whole = height, width, is_whole

    @abstractmethod
    def section(self, bottom: int, top: int, left: int, right: int) -> NDArray[Any]:
        """Read rows ``bottom`` to ``top`` and columns ``left`` to ``right``, without the ends.

        Rows are counted as the file has them.

        Raises
        ------
        Trouble
            The file is damaged there.

        """

    @property
    def is_compressed(self) -> bool:
        """Whether its pixels lie in compressed tiles."""
        return not self.n_bytes_row

    @property
    def wcs(self) -> Any:
        """The astropy WCS of the sky.

        Raises
        ------
        Trouble
            The image says nothing of the sky.

        """
        raise Trouble("no WCS", "only FITS says where on the sky an image lies: give x and y")

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


def check_size(n_pixels: int) -> None:
    """Refuse what would have to be unpacked at once and is larger than any image of the sky.

    Raises
    ------
    Trouble
        It is too large.

    """
    if n_pixels > MOST_TOGETHER:
        raise Trouble(
            "too large", f"it packs more than {MOST_TOGETHER:,} pixels together: save it in tiles"
        )


def grey_of(samples: NDArray[Any]) -> NDArray[Any]:
    """Turn grey, grey and alpha, RGB or RGBA into brightnesses; what is transparent has none.

    Parameters
    ----------
    samples
        Of shape (height, width, samples of a pixel).

    Examples
    --------
    >>> grey_of(np.array([[[10, 10, 10, 255], [200, 0, 0, 0]]], dtype=np.uint8)).tolist()
    [[10.0, nan]]

    """
    n = samples.shape[-1]
    if n == 1:
        return samples[..., 0]
    if n > 4:
        raise Trouble("no image", "a pixel has more than four samples: save one band of it")
    values = samples.astype(np.float64)
    grey: NDArray[np.float64] = values[..., :3] @ _LUMA if n > 2 else values[..., 0]
    # Equal colors are that grey, whatever the weights add up to in floating point.
    is_grey = (values[..., :3] == values[..., :1]).all(axis=-1) if n > 2 else True
    grey = np.where(is_grey, values[..., 0], grey)
    return grey if n == 3 else np.where(values[..., -1] > 0, grey, np.nan)
