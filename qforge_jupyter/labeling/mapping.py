"""The items of a session on a plane, as bytes that a view draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.hues import hues_of_answers, hues_of_column
from qforge_jupyter.labeling.queue import Queue
from qforge_jupyter.labeling.region import Numbers, Region, inside, read_corners
from qforge_jupyter.labeling.sitting import Sitting
from qforge_jupyter.versions.label_keys import texts_of
from qforge_jupyter.versions.laying import pick

#: More points are not told apart on a screen; of more items a sample is drawn.
MOST_POINTS = 50_000
SEED = 42
#: Items of a region that may get the same answers at once.
MOST_ALIKE = 500
OPEN, MINE, DONE, SKIPPED = range(4)
Reply = dict[str, Any]
Places = NDArray[np.int64]


def map_of(sitting: Sitting) -> Reply:
    """Lay out where every item lies, how far it is, and what colours it has.

    Numbers travel as little-endian bytes, keys as lines of UTF-8. Beyond 50,000 items
    a sample is drawn with a fixed seed, and the reply says of how many.

    Raises
    ------
    DataError
        What is shown is no map.

    """
    with sitting.lock:
        queue, showing = sitting.queue, sitting.showing
        x, y = _plane(sitting)
        is_member = queue.is_member & ~queue.is_gone
        placed = np.flatnonzero(is_member & np.isfinite(x) & np.isfinite(y))
        shown = _sample(placed)
        hues = hues_of_answers(queue, shown)
        if showing.hue:
            hues.append(hues_of_column(queue.items.frame, showing.hue, shown))
        return {
            "n_items": int(np.count_nonzero(is_member)),
            "n_placed": int(placed.size),
            "n": int(shown.size),
            "keys": _keys(queue, shown),
            "x": x[shown].astype("<f8").tobytes(),
            "y": y[shown].astype("<f8").tobytes(),
            "state": _states(queue)[shown].tobytes(),
            "hues": hues,
            "chosen": chosen(sitting),
        }


def choose(sitting: Sitting, within: Any) -> None:
    """Give only the items within a line from now on; all of them again with None.

    Raises
    ------
    DataError
        The line is none, or nothing within it waits for this labeler.

    """
    if within is None:
        sitting.choose(None)
        return
    corners = read_corners(within)
    x, y = _plane(sitting)
    sitting.choose(Region(corners, inside(corners, x, y)))


def restore(sitting: Sitting) -> None:
    """Begin with the region that was chosen before the kernel was started anew."""
    if sitting.showing.renderer != "map":
        return
    corners = sitting.store.labels.region(sitting.dataset_id, sitting.session_id)
    if corners:
        x, y = _plane(sitting)
        sitting.region = Region(corners, inside(corners, x, y))
        sitting.queue.chosen = sitting.region.is_inside


def chosen(sitting: Sitting) -> Reply | None:
    """Say what was chosen: its line, how many items, and the keys of those that nobody else has."""
    region = sitting.region
    if region is None:
        return None
    queue = sitting.queue
    left = np.flatnonzero(queue.is_open({}))
    free = np.flatnonzero(queue.is_open(sitting.claimed))
    return {
        "within": [list(each) for each in region.corners],
        "n": int(np.count_nonzero(region.is_inside & queue.is_member & ~queue.is_gone)),
        "n_left": int(left.size),
        "keys": _keys(queue, free) if free.size <= MOST_ALIKE else None,
    }


def _plane(sitting: Sitting) -> tuple[Numbers, Numbers]:
    if sitting.showing.renderer != "map":
        raise DataError("This labeling shows no map: write  show: {map: [x, y]}  into its cell")
    frame = pick(sitting.queue.items.frame, list(sitting.showing.columns[:2]))
    x, y = (
        each.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        for each in frame.get_columns()
    )
    return x, y


def _sample(placed: Places) -> Places:
    """Draw as many as fit, each with the same chance, the same ones whenever it is asked."""
    if placed.size <= MOST_POINTS:
        return placed
    drawn = np.random.default_rng(SEED).choice(placed.size, MOST_POINTS, replace=False)
    return placed[np.sort(drawn)]


def _keys(queue: Queue, places: Places) -> bytes:
    return "\n".join(texts_of(queue.items.names[places], queue.items.keys)).encode()


def _states(queue: Queue) -> NDArray[np.uint8]:
    """Say how far each item is; what others answered to a hidden known one is not told."""
    found = np.full(queue.is_mine.size, OPEN, dtype=np.uint8)
    found[(queue.n_done >= queue.plan.n_labelers) & ~queue.gold] = DONE
    found[queue.is_skipped] = SKIPPED
    found[queue.is_mine] = MINE
    return found
