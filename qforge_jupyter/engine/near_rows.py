"""Which rows of one table nearly repeat each other: pairs, near in every view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.near import calibrate, neighbors
from qforge_jupyter.engine.near_views import View, views
from qforge_jupyter.results.progress import Progress, silent

Places = NDArray[np.int64]


@dataclass(frozen=True)
class NearPairs:
    """Pairs of rows, each once, with their distance in the view that found them.

    Parameters
    ----------
    a, b
        The rows; a before b.
    distances
        Of each pair.
    view
        What was compared; empty where nothing could be.
    reach
        The distance up to which a typical row has a near duplicate.
    notes
        What could not be judged.

    """

    a: Places
    b: Places
    distances: NDArray[np.float64]
    view: str = ""
    reach: float = 0.0
    notes: tuple[str, ...] = field(default=())

    def among(self, chosen: NDArray[np.bool_]) -> NearPairs:
        """Give some of the pairs."""
        return replace(self, a=self.a[chosen], b=self.b[chosen], distances=self.distances[chosen])


def near_pairs(  # noqa: PLR0913 — each is one question of the caller
    frame: pl.DataFrame,
    columns: Sequence[str],
    *,
    near: float | None = None,
    embedding: str | None = None,
    false_alarms: float = 0.05,
    seed: int = 42,
    progress: Progress = silent,
) -> NearPairs:
    """Find pairs of rows that are near in every view in which both can be seen.

    Parameters
    ----------
    frame, columns
        The rows and what describes them.
    near
        Distance up to which they are near; calibrated on the rows when None.
    embedding
        A column of vectors that alone says what is near.
    false_alarms
        Share of tables without near duplicates in which a pair may be found.
    seed, progress
        As everywhere.

    Examples
    --------
    >>> rows = pl.DataFrame({"x": [0.0, 5.0, 5.01, 9.0], "y": [1.0, 2.0, 2.0, 7.0]})
    >>> found = near_pairs(rows, ["x", "y"], near=0.1)
    >>> found.a.tolist(), found.b.tolist()
    ([1], [2])

    """
    everything = np.arange(frame.height)
    seen, notes = views(frame, columns, reference=everything, embedding=embedding, seed=seed)
    judged: list[tuple[View, NearPairs]] = []
    for view in seen:
        found = _pairs(view, near, false_alarms / max(1, len(seen)), seed, progress)
        if found is None:
            reason = "too few rows, or they repeat by nature"
            notes = (*notes, f"No threshold by {view.name}: {reason}.")
            found = NearPairs(*_nothing())
        judged.append((view, found))
    able = [each for each in judged if each[1].view]
    if not able:
        return NearPairs(*_nothing(), notes=notes)
    first, pairs = able[0]
    holds = np.ones(len(pairs.a), dtype=np.bool_)
    for view, other in judged:
        if view is not first:
            holds &= _agrees(view, other.reach, pairs, frame.height)
    return NearPairs(
        pairs.a[holds], pairs.b[holds], pairs.distances[holds], first.name, pairs.reach, notes
    )


def _nothing() -> tuple[Places, Places, NDArray[np.float64]]:
    return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)


def _pairs(
    view: View, near: float | None, false_alarms: float, seed: int, progress: Progress
) -> NearPairs | None:
    """Find the near pairs of one view; None where no threshold can be found."""
    n_rows = len(view.rows)
    if n_rows < 2:
        return None
    calibration = None
    if near is None:
        calibration = calibrate(view.points, n_rows, false_alarms, seed=seed)
        if calibration is None:
            return None
    own = np.arange(n_rows)
    found = neighbors(view.points, view.points, own=own, seed=seed, progress=progress)
    last = found.distances[:, -1:]
    reach = near if near is not None else float(calibration.ratio * np.median(last))  # type: ignore[union-attr]  # one of the two is there
    border = np.full_like(last, reach) if calibration is None else calibration.ratio * last
    at, which = np.nonzero(found.distances <= border)
    other = found.places[at, which]
    pairs = pl.DataFrame({
        "a": view.rows[np.minimum(at, other)],
        "b": view.rows[np.maximum(at, other)],
        "distance": found.distances[at, which],
    }).unique(["a", "b"], keep="first").sort("distance", "a", "b")  # fmt: skip
    a, b, distances = (pairs[name].to_numpy() for name in ("a", "b", "distance"))
    return NearPairs(a, b, distances, view.name, reach)


def _agrees(view: View, reach: float, pairs: NearPairs, n_rows: int) -> NDArray[np.bool_]:
    """Whether pairs are near in another view, too; rows that it cannot see do not object."""
    place = np.full(n_rows, -1, dtype=np.int64)
    place[view.rows] = np.arange(len(view.rows))
    a, b = place[pairs.a], place[pairs.b]
    both = (a >= 0) & (b >= 0)
    holds = np.ones(len(a), dtype=np.bool_)
    difference = view.points[a[both]].astype(np.float64) - view.points[b[both]]
    holds[both] = np.sqrt((difference**2).sum(axis=1)) <= reach
    return holds
