"""What to simulate next: where errors are likely large, and where nothing like it is known.

Rows of the subject without a reference are taken one after the other. Each time
it is the one with the largest product of two numbers: how uncertain it is, and
how far it lies from all that is known or was taken before (greedy k-center,
T. F. Gonzalez, Theor. Comput. Sci. 38, 293 (1985), weighted). Where one of the
two has no basis it counts as equal for all, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import frame_of, free_name
from qforge_jupyter.engine.comparing.describing import Description, describe
from qforge_jupyter.engine.comparing.grouping import labels_of
from qforge_jupyter.engine.comparing.joining import NO_GROUP, Joined
from qforge_jupyter.engine.comparing.pairing import Pairing
from qforge_jupyter.engine.comparing.question import Question
from qforge_jupyter.engine.comparing.sides import Side
from qforge_jupyter.engine.models import SPREAD
from qforge_jupyter.engine.uncertainty.resampling import Floats, generator
from qforge_jupyter.results.comparison import ComparisonReport

#: Candidates that are measured with each other, the most uncertain where there are more.
MOST_CANDIDATES = 20_000
#: Known rows that distances are taken to, drawn by chance where there are more.
MOST_KNOWN = 2_000
#: Pairs of the whole that stand beside those of a group when its error is expected.
PRIOR = 10
_PER_BLOCK = 1 << 22


@dataclass(frozen=True)
class Basis:
    """How uncertain each candidate is, and in words by what and of each one why."""

    said: str
    sizes: Floats
    reasons: Sequence[str]


def choose_next(
    left: Side, joined: Joined, pairs: Sequence[Pairing], report: ComparisonReport, asked: Question
) -> tuple[pl.DataFrame, str]:
    """Choose among the rows of the subject that have no reference.

    Returns
    -------
    tuple
        A row for each choice (keys, predicted values, ``uncertainty``,
        ``distance``, ``reason``), and in a sentence how it was chosen.

    """
    lacking = joined.rows.filter(~_any_finite("r", len(pairs)))
    candidates = pl.concat([joined.alone, lacking.select(joined.alone.columns)])
    candidates = candidates.filter(_any_finite("p", len(pairs)))
    known = joined.rows.join(lacking.select("at"), on="at", how="anti", maintain_order="left")
    keys = [f"k{at}" for at in range(len(joined.keys))]
    candidates = candidates.sort(keys, maintain_order=True)
    basis = _uncertainty(left, candidates, pairs, report, asked)
    kept = _most_uncertain(basis.sizes, asked.seed)
    candidates, sizes = candidates[kept], basis.sizes[kept]
    known_rows = _some(known.get_column("at").to_numpy(), asked.seed)
    rows = np.concatenate([candidates.get_column("at").to_numpy(), known_rows])
    some = replace(left, frame=left.frame[rows])
    description = describe(some, asked, [pair.name for pair in pairs])
    taken, distances = _taken(description, sizes, asked.n_next)
    reasons = [
        _reason(basis.reasons[kept[at]], distance, description, bool(len(known_rows)))
        for at, distance in zip(taken, distances, strict=True)
    ]
    columns = [
        *_named(candidates[taken], joined.keys, pairs),
        pl.Series("uncertainty", sizes[taken] if basis.said else [None] * len(taken), pl.Float64),
        pl.Series("distance", distances, dtype=pl.Float64),
        pl.Series("reason", reasons, dtype=pl.String),
    ]
    said = _said(basis, description, len(kept), (len(taken), asked.n_next))
    return frame_of(columns), said


def _named(
    rows: pl.DataFrame, keys: Sequence[str], pairs: Sequence[Pairing]
) -> Iterator[pl.Series]:
    """Give keys and predicted values under the names that the user knows."""
    taken = {"uncertainty", "distance", "reason"}
    wanted = [(f"k{at}", name or "key") for at, name in enumerate(keys)]
    wanted += [(f"p{at}", pair.name or "value") for at, pair in enumerate(pairs)]
    for column, name in wanted:
        free = free_name(name, taken)
        taken.add(free)
        yield rows.get_column(column).alias(free)


def _any_finite(side: str, n: int) -> pl.Expr:
    finite = (pl.col(f"{side}{at}").is_finite().fill_null(value=False) for at in range(n))
    return pl.any_horizontal(finite)


def _uncertainty(
    left: Side,
    candidates: pl.DataFrame,
    pairs: Sequence[Pairing],
    report: ComparisonReport,
    asked: Question,
) -> Basis:
    """Take the first basis that tells candidates apart."""
    found = _widths(left, candidates, pairs, report)
    found = found or _distance_of_domain(left, candidates)
    found = found or _expected_by_group(candidates, pairs, report, asked)
    return found or Basis("", np.ones(candidates.height), [""] * candidates.height)


def _widths(
    left: Side, candidates: pl.DataFrame, pairs: Sequence[Pairing], report: ComparisonReport
) -> Basis | None:
    """Take half the width of the intervals, or a spread, each in units of its property's error."""
    sizes, reasons, rows = np.zeros(candidates.height), [""] * candidates.height, None
    for at, (pair, whole) in enumerate(zip(pairs, report.compared, strict=True)):
        spread = _numbers(left, f"{pair.name}{SPREAD}", candidates)
        if spread is None:
            spread = _numbers(left, f"{pair.name}_std", candidates)
        if f"low{at}" in candidates.columns and f"high{at}" in candidates.columns:
            low, high = (candidates.get_column(f"{end}{at}").to_numpy() for end in ("low", "high"))
            spread = (high - low) / 2
        if spread is None or not _tells_apart(spread):
            continue
        scale = whole.tolerance_value or whole.mae or 1.0
        scaled = np.nan_to_num(spread, nan=0.0) / scale
        rows = scaled > sizes
        sizes = np.maximum(sizes, scaled)
        unit = f" {pair.unit}" if pair.unit else ""
        reasons = [
            f"{pair.name} is uncertain by ±{value:.3g}{unit}" if is_more else said
            for value, is_more, said in zip(spread, rows, reasons, strict=True)
        ]
    return None if rows is None else Basis("the width of its interval", sizes, reasons)


def _distance_of_domain(left: Side, candidates: pl.DataFrame) -> Basis | None:
    found = _numbers(left, "domain_distance", candidates)
    if found is None or not _tells_apart(found):
        return None
    sizes = np.nan_to_num(found, nan=0.0)
    reasons = [f"{value:.3g} from the calibration structures" for value in sizes]
    return Basis("its distance to the calibration structures", sizes, reasons)


def _expected_by_group(
    candidates: pl.DataFrame,
    pairs: Sequence[Pairing],
    report: ComparisonReport,
    asked: Question,
) -> Basis | None:
    """Expect of a candidate the error of its group, drawn towards that of the whole."""
    names = [f"g{at}" for at in range(len(asked.group))]
    if report.groups is None or not set(names) <= set(candidates.columns):
        return None
    filled = candidates.with_columns(pl.col(each).fill_null(NO_GROUP) for each in names)
    labels = labels_of(filled, len(names))
    sizes, reasons = np.zeros(candidates.height), [""] * candidates.height
    for pair, whole in zip(pairs, report.compared, strict=True):
        if not whole.mae:
            continue
        lines = report.groups.filter(pl.col("property") == pair.name, pl.col("n") > 0)
        errors = {
            group: ((n * mae + PRIOR * whole.mae) / (n + PRIOR), n)
            for group, n, mae in lines.select("group", "n", "mae").iter_rows()
        }
        most = max(each for each, _ in errors.values()) if errors else whole.mae
        unit = f" {pair.unit}" if pair.unit else ""
        for at, label in enumerate(labels):
            error, n = errors.get(label, (most, 0))
            if error / whole.mae > sizes[at]:
                sizes[at] = error / whole.mae
                of = f"{n} references in {label}" if n else f"no reference in {label}"
                reasons[at] = f"{pair.name} is expected to be off by {error:.3g}{unit} ({of})"
    return Basis("the error of its group", sizes, reasons) if _tells_apart(sizes) else None


def _numbers(left: Side, name: str, candidates: pl.DataFrame) -> Floats | None:
    if name not in left.columns or not left.frame.schema[name].is_numeric():
        return None
    column = left.frame.get_column(name).cast(pl.Float64)
    found: Floats = column.gather(candidates.get_column("at")).to_numpy()
    return found


def _tells_apart(sizes: Floats) -> bool:
    """Whether any two candidates differ by more than rounding."""
    held = sizes[np.isfinite(sizes)]
    return len(held) > 1 and bool(np.ptp(held) > 1e-9 * np.abs(held).max())


def _most_uncertain(sizes: Floats, seed: int) -> NDArray[np.int64]:
    """Keep the most uncertain candidates; of equal ones chance decides."""
    if len(sizes) <= MOST_CANDIDATES:
        return np.arange(len(sizes))
    order = generator(seed).permutation(len(sizes))
    best = order[np.argsort(-sizes[order], kind="stable")[:MOST_CANDIDATES]]
    return np.sort(best)


def _some(rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    if len(rows) <= MOST_KNOWN:
        return rows
    return np.sort(generator(seed).choice(rows, MOST_KNOWN, replace=False))


def _taken(
    description: Description | None, sizes: Floats, n: int
) -> tuple[list[int], list[float | None]]:
    """Take one candidate after the other: where each stands, and how far it was from all else.

    The description has the candidates first, then what is known.
    """
    n = min(n, len(sizes))
    if description is None:
        order = np.argsort(-sizes, kind="stable")[:n]
        return order.tolist(), [None] * n
    points, known = description.points[: len(sizes)], description.points[len(sizes) :]
    if len(known):
        nearest = _nearest(points, known)
    else:
        nearest = np.linalg.norm(points - points.mean(axis=0), axis=1)
    taken: list[int] = []
    distances: list[float | None] = []
    is_open = np.ones(len(points), dtype=bool)
    for _ in range(n):
        gains = np.where(is_open, sizes * nearest, -1.0)
        best = int(np.argmax(gains))
        if gains[best] <= 0:  # nothing new is left: the most uncertain of those that repeat
            best = int(np.argmax(np.where(is_open, sizes, -1.0)))
        taken.append(best)
        distances.append(round(float(nearest[best]), 6))
        is_open[best] = False
        nearest = np.minimum(nearest, np.linalg.norm(points - points[best], axis=1))
    return taken, distances


def _nearest(points: Floats, known: Floats) -> Floats:
    """Give the distance of each point to the nearest known one."""
    found = np.empty(len(points))
    at_once = max(1, _PER_BLOCK // len(known))
    squares = (known**2).sum(axis=1)
    for start in range(0, len(points), at_once):
        some = points[start : start + at_once]
        near = (some**2).sum(axis=1)[:, np.newaxis] + squares - 2 * some @ known.T
        found[start : start + at_once] = np.sqrt(np.maximum(near.min(axis=1), 0))
        # What is left of the difference of equal squares is rounding.
        sizes = (some**2).sum(axis=1) + squares.max(initial=0.0)
        found[start : start + at_once][near.min(axis=1) < 1e-12 * sizes] = 0.0
    return found


def _reason(
    why: str, distance: float | None, description: Description | None, has_known: bool
) -> str:
    parts = [why] if why else []
    if distance is not None and description is not None:
        what = "what is known or chosen" if has_known else "the middle or what is chosen"
        parts.append(f"{distance:.3g} from {what}, in {description.said}")
    return "; ".join(parts) or "nothing tells it from the others"


def _said(
    basis: Basis, description: Description | None, n_kept: int, taken: tuple[int, int]
) -> str:
    """Say in a sentence how the choice was made, and on what it could not rest."""
    if basis.said and description:
        said = f"Chosen by {basis.said} times its distance in {description.said}"
    elif basis.said:
        said = f"Chosen by {basis.said}; no columns describe the rows, so that some may be alike"
    elif description:
        said = (
            f"Chosen by distance in {description.said} alone, since nothing says how uncertain "
            "each is: predict with a calibration, or give a group"
        )
    else:
        said = "Taken in the order of the keys, since nothing tells the rows apart"
    n, n_asked = taken
    if n_kept < len(basis.sizes):
        said += f"; among {n_kept:,} of {len(basis.sizes):,} rows without a reference"
    if n < n_asked:
        said += f"; {n:,} were all there are"
    return said + "."
