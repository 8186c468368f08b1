"""Quantiles of an array, cheap also where there are few values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: Up to so many values sorting costs less than the care that NumPy takes.
FEW = 2_000


def quantiles(values: NDArray[np.float64], shares: Sequence[float]) -> list[float]:
    """Interpolate linearly between order statistics, exactly as `numpy.quantile`.

    A table of 10,000 columns asks 20,000 times; NumPy's 70 µs a call would be
    a fifth of scoring it.

    Parameters
    ----------
    values
        At least one number, none NaN.
    shares
        Between 0 and 1.

    Examples
    --------
    >>> quantiles(np.array([4.0, 1.0, 2.0]), (0.25, 0.5))
    [1.5, 2.0]

    """
    if len(values) > FEW:
        found: list[float] = np.quantile(values, shares).tolist()
        return found
    ordered, last = np.sort(values).tolist(), len(values) - 1
    return [_between(ordered, last * share) for share in shares]


def _between(ordered: list[float], at: float) -> float:
    place = int(at)
    below, above = ordered[place], ordered[min(place + 1, len(ordered) - 1)]
    step, part = above - below, at - place
    # The order of the operations is NumPy's, and so is the last digit.
    return above - step * (1 - part) if part >= 0.5 else below + step * part
