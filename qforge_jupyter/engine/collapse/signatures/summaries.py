"""Many numbers told by a few, however many there are and in whatever order."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
#: Quantiles by which a set of numbers is told.
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)
#: How many numbers `told` gives.
TOLD = len(QUANTILES) + 2
#: Standard deviations of chance within which an effect is nothing.
QUIET = 2.0


def told(values: ArrayLike) -> Floats:
    """Give quantiles, mean and root mean square; zeros for nothing.

    Examples
    --------
    >>> told([1.0, 3.0]).round(2).tolist()
    [1.0, 1.5, 2.0, 2.5, 3.0, 2.0, 2.24]

    """
    held = np.asarray(values, dtype=float).ravel()
    if not len(held):
        return np.zeros(TOLD)
    mean, square = float(held.mean()), float(np.sqrt((held**2).mean()))
    return np.array([*np.quantile(held, QUANTILES), mean, square])


def beyond(effects: ArrayLike, chance: ArrayLike) -> Floats:
    """Move effects towards 0 by what chance gives; ``chance`` is a standard deviation."""
    held = np.asarray(effects, dtype=float)
    found: Floats = np.sign(held) * np.maximum(np.abs(held) - QUIET * np.asarray(chance), 0)
    return found


def pressed(values: ArrayLike, unit: float = 1.0) -> Floats:
    """Press numbers together: linear below a unit, logarithmic beyond, bounded at about 8."""
    found: Floats = np.clip(np.arcsinh(np.asarray(values, dtype=float) / unit), -8, 8)
    return np.nan_to_num(found)


def log_ratio(own: ArrayLike, other: ArrayLike, damping: float) -> Floats:
    """Give the logarithm of a ratio that small numbers do not blow up."""
    above = np.asarray(own, dtype=float) + damping
    found: Floats = np.log(above / (np.asarray(other, dtype=float) + damping))
    return found


def told_each(effects: Floats) -> Floats:
    """Summarise each column of a matrix, one after the other."""
    return np.concatenate([told(each) for each in effects.T])
