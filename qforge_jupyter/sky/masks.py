"""Masks from what labelers marked: circles, boxes, polygons, painted and segmented pixels.

Marks are in pixels of the image as a labeler saw it: x from the left edge, y from the upper
one. A pixel belongs to a mark that holds its middle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.sky.cutting import CutOut
from qforge_jupyter.sky.run_lengths import RUNS, runs_of
from qforge_jupyter.sky.troubles import Trouble

Flags = NDArray[np.bool_]
Codes = NDArray[np.uint8]


def mask_of(value: Any, cut: CutOut, classes: Sequence[str] = ()) -> Codes:
    """Draw marks on the grid of a cut-out; a later mark covers an earlier one.

    Parameters
    ----------
    value
        The marks of one row, as `label` stores them, or their JSON.
    cut
        The cut-out.
    classes
        Labels that become 1, 2 …; every mark becomes 1 without them.

    Raises
    ------
    Trouble
        Nothing was marked, a mark is none, or lies beyond the image or the cut-out.

    """
    marks = marks_of(value)
    mask = np.zeros(cut.pixels.shape, dtype=np.uint8)
    drawn = False
    for mark in marks:
        code = list(classes).index(str(mark.get("label"))) + 1 if _is_known(mark, classes) else 1
        is_in_image, here = _drawn(mark, cut)
        if not is_in_image:
            raise Trouble("mask outside of the image", "a mark lies beyond the image's edge")
        mask[here] = code
        drawn |= bool(here.any())
    if marks and not drawn:
        raise Trouble("mask outside of the image", "no mark lies on the cut-out")
    return mask


def marks_of(value: Any) -> list[dict[str, Any]]:
    """Read the marks of one row; fields that a mark does not have are dropped.

    Raises
    ------
    Trouble
        There are none, or they are no marks.

    Examples
    --------
    >>> marks_of('[{"x": 1, "y": 2, "radius": 3, "label": "star"}]')[0]["radius"]
    3

    """
    if value is None:
        raise Trouble("no mask", "nothing was marked in this row")
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise Trouble("no mask", "the marks are no JSON") from None
    listed = [found] if isinstance(found, Mapping) else found
    if not isinstance(listed, Sequence) or not all(isinstance(each, Mapping) for each in listed):
        raise Trouble("no mask", "the marks are no list of marks")
    return [{key: one for key, one in each.items() if one is not None} for each in listed]


def _is_known(mark: Mapping[str, Any], classes: Sequence[str]) -> bool:
    if classes and mark.get("label") not in classes:
        raise Trouble("no mask", "a mark has a label that is none of the classes")
    return bool(classes)


def _drawn(mark: Mapping[str, Any], cut: CutOut) -> tuple[bool, Flags]:
    """Say whether a mark lies on the image, and which pixels of the cut-out it covers."""
    height, width = cut.image_shape
    size = len(cut.pixels)
    x = cut.left + np.arange(size) + 0.5
    rows = cut.bottom + np.arange(size)
    y = rows + 0.5 if cut.is_upside_down else height - rows - 0.5
    try:
        if RUNS & mark.keys():
            return _painted(mark, cut)
        if "points" in mark:
            corners = np.array(mark["points"], dtype=np.float64)
            low, high = corners.min(axis=0), corners.max(axis=0)
            here = _in_polygon(corners, x, y)
        elif "radius" in mark:
            middle, radius = np.array([mark["x"], mark["y"]], dtype=np.float64), mark["radius"]
            low, high = middle - radius, middle + radius
            here = (x[None, :] - middle[0]) ** 2 + (y[:, None] - middle[1]) ** 2 <= radius**2
        else:
            low = np.array([mark["x"], mark["y"]], dtype=np.float64)
            high = low + np.array([mark["width"], mark["height"]], dtype=np.float64)
            is_along = (x >= low[0]) & (x < high[0])
            here = is_along[None, :] & ((y >= low[1]) & (y < high[1]))[:, None]
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        raise Trouble(
            "no mask", "a mark is no circle, box, polygon, painted mask or segment"
        ) from None
    is_in_image = bool((high > 0).all() and low[0] < width and low[1] < height)
    return is_in_image, here & cut.inside


def _in_polygon(corners: NDArray[np.float64], x: Any, y: Any) -> Flags:
    """Count how often a ray to the right meets the line around: odd is inside."""
    is_odd = np.zeros((len(y), len(x)), dtype=np.bool_)
    across, down = x[None, :], y[:, None]
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, 1, axis=0), strict=True):
        if ay != by:
            crosses = (ay > down) != (by > down)
            is_odd ^= crosses & (across < (bx - ax) * ((down - ay) / (by - ay)) + ax)
    return is_odd


def _painted(mark: Mapping[str, Any], cut: CutOut) -> tuple[bool, Flags]:
    """Unroll the runs that lie under the cut-out."""
    height, width = cut.image_shape
    runs = runs_of(mark)
    if (runs.height, runs.width) != (height, width):
        raise Trouble("mask outside of the image", "a mask was painted on an image of another size")
    here = np.zeros(cut.pixels.shape, dtype=np.bool_)
    if not runs.is_inside:
        return False, here
    rows, columns = (np.flatnonzero(cut.inside.any(axis=axis)) for axis in (1, 0))
    if rows.size:
        low, high = int(rows[0]) + cut.bottom, int(rows[-1]) + cut.bottom + 1
        first, last = int(columns[0]) + cut.left, int(columns[-1]) + cut.left + 1
        if cut.is_upside_down:
            seen = runs.unrolled(low, high, first, last)
        else:
            seen = runs.unrolled(height - high, height - low, first, last)[::-1]
        here[np.ix_(rows, columns)] = seen
    return True, here
