"""From brightness to what a network or a screen is shown: linear, asinh and zscale.

The definition is that of the labeling widget, step by step: brightnesses are brought to 16
bits, the limits are found in a sample of them, and what lies between is drawn. What a model
is trained on is so what a labeler saw.
"""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.pictures.cutouts import levels_of

Stretch = Literal["zscale", "asinh", "linear"]
STRETCHES: tuple[Stretch, ...] = get_args(Stretch)
Shares = NDArray[np.float64]
#: How many pixels are looked at for the limits, at least.
_N_SAMPLED = 4_096
_CONTRAST, _N_REJECTIONS, _KAPPA = 0.25, 5, 2.5
_SOFTENING = 0.1


def stretched(pixels: NDArray[Any], stretch: Stretch, *, is_whole: bool) -> Shares:
    """Bring brightnesses to 0 (black) … 1 (white); NaN where there is none.

    Parameters
    ----------
    pixels
        Brightnesses, rows from the bottom up as in FITS.
    stretch
        Which one.
    is_whole
        Whether the brightnesses are whole numbers.

    Raises
    ------
    FormatError
        No pixel has a value.

    Examples
    --------
    >>> stretched(np.array([[0, 50], [100, 25]]), "linear", is_whole=True).tolist()
    [[0.0, 0.5], [1.0, 0.25]]

    """
    levels, _, _ = levels_of(pixels, is_whole=is_whole)
    # The browser draws, and samples, the uppermost row first.
    low, high = limits_of(levels[::-1], stretch)
    return np.where(levels == 0, np.nan, shares_of(levels.astype(np.float64), stretch, low, high))


def shares_of(values: Shares, stretch: Stretch, low: float, high: float) -> Shares:
    """Say how bright values are between the limits; what lies beyond is black or white."""
    at = np.clip((values - low) / max(high - low, 1e-9), 0.0, 1.0)
    if stretch != "asinh":
        return at
    found: Shares = np.arcsinh(at / _SOFTENING) / math.asinh(1 / _SOFTENING)
    return found


def limits_of(levels: NDArray[np.uint16], stretch: Stretch) -> tuple[float, float]:
    """Give the levels that become black and white."""
    flat = levels.reshape(-1)[:: max(1, levels.size // _N_SAMPLED)]
    sample = np.sort(flat[flat != 0]).astype(np.float64)
    low, high = (float(sample[0]), float(sample[-1])) if sample.size else (0.0, 1.0)
    if stretch == "linear" or sample.size < 5:
        return low, high
    if stretch == "asinh":
        return _quantile(sample, 0.01), _quantile(sample, 0.995)
    return _zscale(sample, low, high)


def _quantile(ordered: Shares, share: float) -> float:
    # Halves are rounded up, as in the browser.
    return float(ordered[math.floor(share * (ordered.size - 1) + 0.5)])


def _zscale(sample: Shares, low: float, high: float) -> tuple[float, float]:
    """Give IRAF's limits: those of a line through the ordered sample without its outliers."""
    n = sample.size
    places = np.arange(n, dtype=np.float64)
    kept = np.ones(n, dtype=np.bool_)
    slope, n_kept = 0.0, n
    for _ in range(_N_REJECTIONS):
        slope, start, sigma = _line(places[kept], sample[kept])
        kept &= np.abs(sample - (start + slope * places)) <= _KAPPA * sigma
        n_left = int(kept.sum())
        if n_left == n_kept:
            break
        n_kept = n_left
        if not n_kept:
            break
    if n_kept < max(5, n / 2):
        return low, high
    steep, middle, median = slope / _CONTRAST, (n - 1) / 2, _quantile(sample, 0.5)
    above = max(median + (n - 1 - middle) * steep, low + 1)
    return max(low, median - middle * steep), min(high, above)


def _line(x: Shares, y: Shares) -> tuple[float, float, float]:
    """Fit a line: slope, start, and the scatter around it."""
    mean_x, mean_y = float(x.sum() / x.size), float(y.sum() / x.size)
    across = float(((x - mean_x) ** 2).sum())
    slope = float(((x - mean_x) * (y - mean_y)).sum()) / across if across else 0.0
    start = mean_y - slope * mean_x
    squares = float(((y - start - slope * x) ** 2).sum())
    return slope, start, math.sqrt(squares / x.size)
