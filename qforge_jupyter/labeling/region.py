"""A region of the map: the items that somebody chose to label first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.queue import Flags, Queue

MOST_CORNERS = 2_000
Numbers = NDArray[np.float64]
Corner = tuple[float, float]


@dataclass(frozen=True)
class Region:
    """What lies within a line around items.

    Parameters
    ----------
    corners
        Of the line, in the units of the two columns.
    is_inside
        Which rows lie within.

    """

    corners: tuple[Corner, ...]
    is_inside: Flags = field(repr=False)

    def check(self, queue: Queue, claimed: Mapping[int, int]) -> None:
        """Refuse a region in which nothing waits for the labeler.

        Raises
        ------
        DataError
            There is no such item.

        """
        if not (self.is_inside & queue.is_member).any():
            raise DataError("No item lies in the region: draw it around some")
        if not (self.is_inside & queue.is_free(claimed)).any():
            raise DataError(
                "Every item in the region is answered, skipped or with somebody else: "
                "draw it around others"
            )


def read_corners(written: Any) -> tuple[Corner, ...]:
    """Read the corners of a region as a view sends them.

    Raises
    ------
    DataError
        They are none.

    Examples
    --------
    >>> read_corners([[0, 0], [1, 0], [1, 1]])
    ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))

    """
    if not isinstance(written, Sequence) or not 3 <= len(written) <= MOST_CORNERS:
        raise DataError(f"A region has 3 to {MOST_CORNERS:,} corners: draw it again")
    corners = [each for each in written if _is_corner(each)]
    if len(corners) < len(written):
        raise DataError("A corner of a region is two numbers: draw it again")
    return tuple((float(x), float(y)) for x, y in corners)


def _is_corner(each: Any) -> bool:
    return (
        isinstance(each, Sequence)
        and len(each) == 2
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in each)
        and all(abs(one) < 1e300 and math.isfinite(one) for one in each)
    )


def inside(corners: Sequence[Corner], x: Numbers, y: Numbers) -> Flags:
    """Say which points lie within a line, by counting how often a ray to the right meets it.

    Examples
    --------
    >>> square = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
    >>> inside(square, np.array([1.0, 3.0, np.nan]), np.array([1.0, 1.0, 1.0])).tolist()
    [True, False, False]

    """
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    at_x, at_y = x[near], y[near]
    is_odd = np.zeros(near.size, dtype=bool)
    before = corners[-1]
    for corner in corners:
        (ax, ay), (bx, by) = corner, before
        if ay != by:
            crosses = (ay > at_y) != (by > at_y)
            is_odd ^= crosses & (at_x < (bx - ax) * ((at_y - ay) / (by - ay)) + ax)
        before = corner
    found = np.zeros(x.size, dtype=bool)
    found[near[is_odd]] = True
    return found
