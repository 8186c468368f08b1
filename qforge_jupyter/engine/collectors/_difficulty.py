"""How hard an example is, and whether it is an edge case: from columns, or from the margins.

A decision says how far it was from going the other way by what it passed. Its confidence and its
score each leave a room above (or below) the end of the range that was asked; the smaller share of
that room which is left is its margin, and its difficulty is 1 less that: 1 on the boundary, 0
furthest from it. An edge case has used up less than a tenth of the room of one of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.rules.ranges import Range

#: So little room left makes an edge case.
NEAR = 0.1
#: Where a measure ends that has no other end.
ENDS = {"confidence": (0.0, 1.0), "score": (0.0, 100.0)}
HARD, EDGE = "difficulty", "edge_case"


def margins(asked: Mapping[str, tuple[str, Range]]) -> dict[str, pl.Expr]:
    """Give the share of its room that each measure has left, from 0 on the boundary to 1.

    Parameters
    ----------
    asked
        By role (confidence, score), the column and the range in which it has to lie.

    Examples
    --------
    >>> from qforge_jupyter.rules.ranges import read_range
    >>> found = margins({"confidence": ("c", read_range(">= 0.8"))})["confidence"]
    >>> pl.DataFrame({"c": [0.8, 0.9, 1.0]}).select(found.round(3)).to_series().to_list()
    [0.0, 0.5, 1.0]

    """
    found = {}
    for role, (name, range_) in asked.items():
        cell = exact(name).cast(pl.Float64)
        low, high = (None if end is None else float(end) for end in (range_.low, range_.high))  # type: ignore[arg-type]
        least, most = ENDS[role]
        rooms = []
        if low is not None:
            far = high if high is not None else max(most, low)
            rooms.append(_share(cell - low, far - low))
        if high is not None:
            far = low if low is not None else min(least, high)
            rooms.append(_share(high - cell, high - far))
        if rooms:
            found[role] = pl.min_horizontal(rooms).clip(0.0, 1.0)
    return found


def _share(left: pl.Expr, room: float) -> pl.Expr:
    return left / room if room > 0 else pl.lit(1.0)


def difficulty_of(left: Mapping[str, pl.Expr]) -> pl.Expr:
    """Give the difficulty: 1 less the smallest margin."""
    return 1.0 - pl.min_horizontal(list(left.values()))


def edges_of(left: Mapping[str, pl.Expr]) -> pl.Expr:
    """Say which are edge cases."""
    return pl.min_horizontal(list(left.values())) < NEAR


def said_of_margins(left: Mapping[str, pl.Expr]) -> tuple[str, str]:
    """Say in words how both were computed."""
    named = " and ".join(left)
    return (
        f"computed: 1 less the share of its room that {named} has left above what was asked",
        f"computed: less than {NEAR:.0%} of the room of {named} left".replace("%", " %"),
    )
