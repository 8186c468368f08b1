"""Near duplicates: rows of different parts that lie nearer than chance brings them.

See `engine.near` for the threshold, which the first part's own rows set, and
`engine.near_views` for what a distance is. Identical rows of the numbers'
view are left to the exact duplicates; the closest pair may be one.

Of a table with more rows than `LeakCase.most_near_rows` a random sample of the
later parts' rows is compared, by numbers, with every row before them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.documents.blocks import Cell
from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.near import CALIBRATION_ROWS, Calibration, calibrate, neighbors
from qforge_jupyter.engine.near_index import N_NEIGHBORS, Neighbors
from qforge_jupyter.engine.near_views import NUMBERS, View, views
from qforge_jupyter.results.leak_outcome import ClosestPair, Leak, Outcome
from qforge_jupyter.results.run import Severity

NAME = "near duplicates"
SHOWN_PAIRS = 20
GRAVE_SHARE = 0.01
#: Identical texts or molecules count unless more rows than this repeat one by nature.
IDENTICAL_SHARE = 0.05
MOST_DIFFERING = 200
#: Multiplications that a bounded search may take, and the rows that it compares and calibrates.
BOUNDED_WORK = 1e10
LEAST_DRAWN, CALIBRATING = 200, 1_500


@dataclass(frozen=True)
class _Search:
    """The rows of a part against all earlier parts, in one view."""

    view: View
    part: int
    queries: NDArray[np.int64]
    reference: NDArray[np.int64]
    found: Neighbors
    #: Rows of the part, of which the queries may be a sample.
    n_rows: int


def find(case: LeakCase) -> Outcome:
    """Search every view of the rows for pairs across parts."""
    if case.near is None and not 0 < case.false_alarms < 1:
        return Outcome.declined(NAME, "the false alarms are no share between 0 and 1")
    first = case.of_part(case.filled[0])
    features, skipped = _features(case)
    seen, notes = views(
        case.rows, features, reference=first, embedding=case.embedding, seed=case.seed
    )
    seen = [view for view in seen if len(np.unique(case.part[view.rows])) > 1]
    notes = (*notes, *skipped)
    if not seen:
        return Outcome.declined(NAME, " ".join(("no column can be measured by distance", *notes)))
    leaks: list[Leak] = []
    thresholds: list[tuple[str, float]] = []
    undecided: list[str] = []
    searches: list[_Search] = []
    for view in seen:
        here = _searches(case, view)
        calibration = _calibration(case, here, len(seen)) if case.near is None else None
        if case.near is None and calibration is None:
            undecided.append(view.name)
        else:
            leaks += [leak for each in here for leak in _leaks(case, each, calibration)]
            thresholds += _thresholds(case, here, calibration)
        searches += here
    closest = _closest(case, [each for each in searches if each.view is seen[0]])
    drawn = _drawn_note(case, searches)
    said = _said(case, seen, undecided, searches, (*drawn, *notes))
    bounded = (*drawn, *skipped)
    if len(undecided) == len(seen):
        return Outcome(NAME, "not applicable", said, closest=closest, notes=bounded)
    return replace(Outcome.of(NAME, said, leaks, tuple(thresholds), closest), notes=bounded)


def _features(case: LeakCase) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the columns to compare; where there are too many rows, the numbers only."""
    if not case.is_bounded:
        return case.features, ()
    kept = [name for name in case.features if _is_cheap(case.schema[name])]
    left = [name for name in case.features if name not in set(kept)]
    if not left or case.embedding is not None:
        return tuple(kept), ()
    shown = f"{', '.join(left[:10])}{f' and {len(left) - 10} more' if len(left) > 10 else ''}"
    return tuple(kept), (f"near duplicates were not looked for by {shown}",)


def _is_cheap(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype.is_temporal() or dtype == pl.Boolean


def _drawn_note(case: LeakCase, searches: list[_Search]) -> tuple[str, ...]:
    if not case.is_bounded or not searches:
        return ()
    n_drawn = sum(len(each.queries) for each in searches)
    n_rows = sum(each.n_rows for each in searches)
    note = (
        f"near duplicates were looked for by {n_drawn:,} of the {n_rows:,} rows of later parts, "
        f"drawn at random, since there are more than {case.most_near_rows:,} rows"
    )
    return (note,)


def _searches(case: LeakCase, view: View) -> list[_Search]:
    parts = case.part[view.rows]
    done = []
    for part in np.unique(parts)[1:].tolist():
        every, reference = np.flatnonzero(parts == part), np.flatnonzero(parts < part)
        queries = _drawn(case, every, len(reference) * view.points.shape[1])
        found = neighbors(
            view.points[reference], view.points[queries], seed=case.seed, progress=case.progress
        )
        done.append(_Search(view, part, queries, reference, found, len(every)))
    return done


def _drawn(case: LeakCase, rows: NDArray[np.int64], work_a_row: int) -> NDArray[np.int64]:
    n_drawn = max(LEAST_DRAWN, int(BOUNDED_WORK / max(1, work_a_row)))
    if not case.is_bounded or n_drawn >= len(rows):
        return rows
    return np.sort(np.random.default_rng(case.seed).choice(rows, n_drawn, replace=False))


def _calibration(case: LeakCase, searches: list[_Search], n_views: int) -> Calibration | None:
    view = searches[0].view
    parts = case.part[view.rows]
    n_queries = sum(len(each.queries) for each in searches)
    own = view.points[parts == np.bincount(parts).argmax()]
    most = CALIBRATING if case.is_bounded else CALIBRATION_ROWS
    return calibrate(own, n_queries, case.false_alarms / n_views, seed=case.seed, most_rows=most)


def _near(
    case: LeakCase, search: _Search, calibration: Calibration | None
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Say which queries have a near duplicate, and which of their neighbours it is."""
    distances = search.found.distances
    is_numbers = search.view.name == NUMBERS
    which = (distances > 0).argmax(axis=1) if is_numbers else np.zeros(len(distances), np.int64)
    chosen = np.take_along_axis(distances, which[:, None], 1)[:, 0]
    if calibration is None:
        near = chosen <= (case.near or 0.0)
    elif is_numbers:
        near = search.found.ratios() < calibration.ratio
    else:
        counts = calibration.share_identical <= IDENTICAL_SHARE
        near = (chosen < calibration.ratio * distances[:, -1]) & ((chosen > 0) | counts)
    if is_numbers:
        near &= chosen > 0
    return near, which


def _leaks(case: LeakCase, search: _Search, calibration: Calibration | None) -> list[Leak]:
    near, which = _near(case, search, calibration)
    at = np.flatnonzero(near)
    if not len(at):
        return []
    picked = which[at, None]
    distances = np.take_along_axis(search.found.distances[at], picked, 1)[:, 0]
    others = search.reference[np.take_along_axis(search.found.places[at], picked, 1)[:, 0]]
    order = np.argsort(distances, kind="stable")
    rows = search.view.rows
    pairs = [
        case.pair(rows[others[i]], rows[search.queries[at[i]]], float(distances[i]))
        for i in order[:SHOWN_PAIRS]
    ]
    share = len(at) / len(search.queries)
    severity: Severity = "high" if share >= GRAVE_SHARE else "medium"
    note = "nearer than chance brings rows of this data"
    if calibration is not None and calibration.share_within > 0:
        note += f"; {calibration.share_within:.2%} of the rows of one part lie so near each other"
    name = case.names[search.part]
    return [
        Leak(
            NAME,
            f"rows of {name} that nearly repeat one of an earlier part, by {search.view.name}",
            severity,
            len(at),
            (*dict.fromkeys(pair.part_a for pair in pairs), name),
            column=search.view.columns[0] if len(search.view.columns) == 1 else "",
            statistic=float(distances.min()),
            threshold=_reach(case, search, calibration),
            examples=tuple(pairs),
            note=note,
        )
    ]


def _reach(case: LeakCase, search: _Search, calibration: Calibration | None) -> float:
    """Give the distance below which a typical row has a near duplicate."""
    if calibration is None:
        return case.near or 0.0
    return float(calibration.ratio * np.median(search.found.distances[:, -1]))


def _thresholds(
    case: LeakCase, searches: list[_Search], calibration: Calibration | None
) -> list[tuple[str, float]]:
    name = searches[0].view.name
    reach = float(np.median([_reach(case, each, calibration) for each in searches]))
    if calibration is None:
        return [(f"{name}: distance", reach)]
    return [
        (f"{name}: ratio to the {N_NEIGHBORS}th neighbour", calibration.ratio),
        (f"{name}: distance for a typical row", reach),
        (f"{name}: rows that calibrate", float(calibration.n_rows)),
        ("share of i.i.d. data sets with an alarm, at most", case.false_alarms),
    ]


def _closest(case: LeakCase, searches: list[_Search]) -> ClosestPair | None:
    best: tuple[float, int, int] | None = None
    for search in searches:
        nearest = search.found.distances[:, 0]
        at = int(nearest.argmin())
        other = int(search.reference[search.found.places[at, 0]])
        if best is None or nearest[at] < best[0]:
            rows = search.view.rows
            best = float(nearest[at]), int(rows[other]), int(rows[search.queries[at]])
    if best is None:
        return None
    distance, a, b = best
    first, second = case.rows.row(a), case.rows.row(b)
    cells = tuple(
        (name, _cell(x), _cell(y))
        for name, x, y in zip(case.rows.columns, first, second, strict=True)
    )
    compared = set(case.features)
    differing = tuple(
        name
        for name, x, y in zip(case.rows.columns, first, second, strict=True)
        if name in compared and x != y and not (x != x and y != y)  # noqa: PLR0124 — NaN
    )
    pair = case.pair(a, b, distance)
    return ClosestPair(pair, searches[0].view.unit, differing[:MOST_DIFFERING], cells)


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)[:200]


def _said(
    case: LeakCase,
    seen: list[View],
    undecided: list[str],
    searches: list[_Search],
    notes: tuple[str, ...],
) -> str:
    looked = ", ".join(view.name for view in seen if view.name not in undecided)
    parts = []
    if looked:
        how = f"distance up to {case.near:g}" if case.near is not None else "calibrated threshold"
        parts.append(f"by {looked} ({how})")
    if undecided:
        parts.append(
            f"no threshold for {', '.join(undecided)}: too few rows, or they repeat by nature; "
            "give one with near"
        )
    if not all(search.found.is_exact for search in searches):
        parts.append("neighbours from an index of cells, which may miss a few")
    return "; ".join((*parts, *notes))
