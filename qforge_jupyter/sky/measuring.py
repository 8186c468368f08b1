"""What a cut-out is worth: background, noise, saturation, seeing, pixels without a value.

Background and noise are the median and the scatter (1.4826 times the median absolute
deviation) after clipping at three times the scatter until nothing is clipped. The seeing is
the full width at half maximum of the source in the middle: the diameter of a circle of the
area that lies above half of its peak and is joined to it.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.sky.cutting import CutOut

_KAPPA, _N_CLIPS = 3.0, 20
#: A source is measured where its peak is so many times the noise above the background.
_LEAST_PEAK = 5.0
#: So many pixels of the greatest value, side by side, are taken for a saturated source.
_PLATEAU = 4
_FINER = 5


@dataclass(frozen=True)
class Measured:
    """Measures of one cut-out; None where there is nothing to measure.

    Parameters
    ----------
    background, noise
        In the units of the image.
    saturated
        Share of the pixels inside the image that are saturated.
    blank
        Share of the pixels inside the image that have no value.
    beyond
        Share of the cut-out that lies beyond the image's edge.
    fwhm
        Of the source in the middle, in pixels.
    digest
        Of the brightnesses: equal pixels, equal text.

    """

    background: float | None
    noise: float | None
    saturated: float
    blank: float
    beyond: float
    fwhm: float | None
    digest: str


def measure(cut: CutOut, saturation: float | None = None) -> Measured:
    """Measure a cut-out.

    Parameters
    ----------
    cut
        The cut-out.
    saturation
        Brightness from which pixels are saturated; None takes what the cut-out shows.

    """
    inside = cut.pixels[cut.inside]
    held = inside[np.isfinite(inside)]
    background, noise = background_of(held)
    is_saturated = _saturated(cut.pixels, saturation)
    fwhm = None if background is None else fwhm_of(cut.pixels, background, noise or 0.0)
    return Measured(
        background,
        noise,
        float(is_saturated[cut.inside].mean()) if inside.size else 0.0,
        1 - held.size / inside.size if inside.size else 1.0,
        1 - inside.size / cut.pixels.size,
        fwhm,
        digest_of(cut),
    )


def digest_of(cut: CutOut) -> str:
    """Name the pixels of a cut-out by their content."""
    pixels = np.ascontiguousarray(cut.pixels.astype("<f8"))
    return hashlib.blake2b(pixels.tobytes(), digest_size=8).hexdigest()


def background_of(values: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Give the level and the scatter of the sky between the sources.

    Examples
    --------
    >>> sky = np.random.default_rng(0).normal(100.0, 5.0, 10_000)
    >>> level, scatter = background_of(np.concatenate([sky, np.full(300, 5e4)]))
    >>> round(level), round(scatter)
    (100, 5)

    """
    if not values.size:
        return None, None
    level = float(np.median(values))
    scatter = _scatter(values, level)
    for _ in range(_N_CLIPS):
        kept = values[np.abs(values - level) <= _KAPPA * scatter] if scatter > 0 else values
        if kept.size in (0, values.size):
            break
        values, level = kept, float(np.median(kept))
        scatter = _scatter(values, level)
    return level, scatter


def _scatter(values: NDArray[np.float64], level: float) -> float:
    return 1.4826 * float(np.median(np.abs(values - level)))


def fwhm_of(pixels: NDArray[np.float64], background: float, noise: float) -> float | None:
    """Measure the source in the middle third; None where none stands out.

    Examples
    --------
    >>> y, x = np.mgrid[:41, :41] - 20.0
    >>> star = 1000 * np.exp(-(x**2 + y**2) / (2 * 3.0**2))
    >>> abs(fwhm_of(star, 0.0, 1.0) - 2.3548 * 3.0) < 0.2
    True

    """
    from scipy.ndimage import binary_dilation, find_objects, label, zoom

    height, width = pixels.shape
    above = np.nan_to_num(pixels - background, nan=0.0)
    rows = slice(height // 3, max(height - height // 3, height // 3 + 1))
    columns = slice(width // 3, max(width - width // 3, width // 3 + 1))
    middle = above[rows, columns]
    at = np.unravel_index(int(middle.argmax()), middle.shape)
    peak = float(middle[at])
    if peak <= 0 or peak < _LEAST_PEAK * noise:
        return None
    joined, _ = label(above >= peak / 2)
    own = joined == joined[at[0] + height // 3, at[1] + width // 3]
    around = tuple(
        slice(max(0, ends.start - 1), ends.stop + 1)
        for ends in find_objects(own.astype(np.int8))[0]
    )
    # What lies between pixels is drawn straight, so that the area is not one of whole pixels.
    near = np.where(binary_dilation(own[around]), above[around], 0.0)
    area = float((zoom(near, _FINER, order=1, grid_mode=True, mode="nearest") >= peak / 2).sum())
    return 2 * math.sqrt(area / math.pi) / _FINER


def _saturated(pixels: NDArray[np.float64], level: float | None) -> NDArray[np.bool_]:
    """Say which pixels are saturated: from a level on, or those of a plateau at the top."""
    from scipy.ndimage import label

    held = np.nan_to_num(pixels, nan=-np.inf)
    if level is not None:
        return np.asarray(held >= level)
    top = held == held.max()
    if not np.isfinite(held.max()) or held.max() == held[np.isfinite(held)].min():
        return np.zeros(pixels.shape, dtype=np.bool_)
    joined, n = label(top)
    sizes = np.bincount(joined.ravel(), minlength=n + 1)
    large = np.flatnonzero(sizes[1:] >= _PLATEAU) + 1
    return np.isin(joined, large)
