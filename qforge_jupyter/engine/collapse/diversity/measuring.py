"""All measures of diversity of a candidate, beside a reference where there is one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collapse.diversity.covering import NEIGHBOR, Covering, cover
from qforge_jupyter.engine.collapse.diversity.judging import (
    beside,
    of_near,
    paired,
)
from qforge_jupyter.engine.collapse.diversity.repeats import effective_share, effective_size
from qforge_jupyter.engine.collapse.diversity.vendi import (
    vendi_of_order_1,
    vendi_of_order_2,
    width_of,
)
from qforge_jupyter.engine.collapse.estimates import share_of
from qforge_jupyter.engine.collapse.keys import multiplicities, smallest
from qforge_jupyter.engine.collapse.near_copies import Placed, near_copies, near_repeats
from qforge_jupyter.engine.collapse.passes import Side
from qforge_jupyter.engine.collapse.sides import Sides, sides_of
from qforge_jupyter.engine.one_thread import one_thread
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.results.diversity import Diversity, DiversityMeasure
from qforge_jupyter.results.progress import Progress, silent

#: Rows that similarities are computed of, for order 2 and for order 1, and rows around which,
#: and with which, the reference is covered.
SIMILAR_ROWS, SIMILAR_ROWS_1, COVERED_ROWS = 3_000, 500, 2_500


@dataclass(frozen=True)
class DiversityCase:
    """A table, and real data that it is measured beside.

    Parameters
    ----------
    candidate, reference
        The table, and real data or nothing.
    ignore
        Columns that are left out.
    groups
        A column whose equal values belong together.
    weights
        A column of numbers that says how much each row of the candidate counts.

    """

    candidate: Table
    reference: Table | None = None
    ignore: tuple[str, ...] = ()
    groups: str = ""
    weights: str = ""
    seed: int = 42
    device: str = "cpu"
    progress: Progress = field(default=silent, repr=False)

    def __post_init__(self) -> None:
        both = [each for each in (self.candidate, self.reference) if each]
        for name in (self.groups, *self.ignore):
            for table in both:
                if name and name not in table.schema:
                    raise CallError(
                        f"No column named {name!r} in {table.name}{nearest(name, table.columns)}"
                    )
        if self.weights and self.weights not in self.candidate.schema:
            raise CallError(
                f"No column named {self.weights!r} in {self.candidate.name}"
                f"{nearest(self.weights, self.candidate.columns)}"
            )


def measure_diversity(case: DiversityCase) -> Diversity:
    """Measure how many different rows a table really holds.

    Raises
    ------
    DataError
        A table has no rows, no column can be compared, or weights are not numbers above 0.

    Examples
    --------
    >>> import polars as pl
    >>> chance = np.random.default_rng(0)
    >>> def rows(n): return pl.DataFrame(chance.normal(size=(n, 3)))
    >>> fresh = measure_diversity(
    ...     DiversityCase(Table.of_frame("fresh", rows(800)), Table.of_frame("real", rows(800)))
    ... )
    >>> fresh.worse
    ()
    >>> few = rows(200)
    >>> twice = pl.concat([few, few])
    >>> measure_diversity(DiversityCase(Table.of_frame("twice", twice))).n_effective
    200.0

    """
    with one_thread():
        return _measure(case)


def _measure(case: DiversityCase) -> Diversity:
    ignore = {*case.ignore, case.weights} - {""}
    sides = sides_of(
        case.candidate,
        case.reference,
        ignore=ignore,
        groups=case.groups,
        seed=case.seed,
        # Eight bytes a row, by which equal ones are counted.
        marked=sys.maxsize,
        progress=case.progress,
    )
    heights = [each.n_rows for each in (sides.candidate, sides.reference) if each]
    weights = _weights(case)
    measures = [*_repeats(sides, min(heights)), *_kinds(sides, min(heights), case)]
    case.progress(1, 3, "kinds of rows counted")
    if sides.reference is not None:
        measures += _covering(sides)
        case.progress(2, 3, "coverage measured")
        measures += _copies(sides)
    return Diversity(
        case.candidate.name,
        case.reference.name if case.reference else "",
        heights[0],
        heights[1] if sides.reference else 0,
        tuple(measures),
        effective_size(sides.candidate.marks.words, weights),
        effective_size(sides.reference.marks.words) if sides.reference else None,
        min(heights),
        sides.encoder.left_out,
    )


def _weights(case: DiversityCase) -> NDArray[np.float64] | None:
    if not case.weights:
        return None
    held = case.candidate.lazy.select(exact(case.weights)).collect().to_series()
    if not held.dtype.is_numeric():
        raise DataError(
            f"The weights {case.weights!r} are not numbers: name a column that has some"
        )
    values = held.cast(float).fill_null(float("nan")).to_numpy()
    if not (np.isfinite(values).all() and (values >= 0).all() and values.sum() > 0):
        raise DataError(
            f"The weights {case.weights!r} are not all numbers from 0 on with one above: fill "
            "what is missing or negative"
        )
    return values


def _repeats(sides: Sides, size: int) -> Iterator[DiversityMeasure]:
    worth = [
        effective_share(each.marks.words, each.marks.buckets, size)
        for each in (sides.candidate, sides.reference)
        if each
    ]
    yield beside(
        "effective share",
        "how many rows it is worth, as a share, when equal rows count once",
        worth,
        unit="share",
        least=0.02,
    )


def _kinds(sides: Sides, size: int, case: DiversityCase) -> Iterator[DiversityMeasure]:
    """Vendi scores by the yardstick of the reference."""
    held = [each for each in (sides.candidate, sides.reference) if each]

    def metric(side: Side, n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        few = side.sample.sample(n)
        return sides.encoder.encode(few.frame).metric, few.buckets

    width = width_of(metric(held[-1], SIMILAR_ROWS)[0])
    two = [vendi_of_order_2(*metric(each, SIMILAR_ROWS), width, case.device) for each in held]
    yield beside(
        "Vendi score of order 2",
        "effective number of different kinds of rows; it hardly depends on their count",
        two,
        unit="kinds",
        least=0.05,
    )
    n = min(size, SIMILAR_ROWS_1)
    one = [vendi_of_order_1(*metric(each, n), width, case.device) for each in held]
    yield beside(
        "Vendi score of order 1",
        f"the same where rare kinds count more, of {n:,} rows of each side",
        one,
        unit="kinds",
        least=0.05,
    )


def _covering(sides: Sides) -> Iterator[DiversityMeasure]:
    """Cover one half of the reference by the candidate, and by the other half of it."""
    assert sides.reference is not None  # noqa: S101 — the caller has looked
    own, other, encode = sides.candidate.sample, sides.reference.sample, sides.encoder.encode
    order = smallest(other.keys, min(2 * COVERED_ROWS, other.frame.height))
    # The order of keys is random: every second row is a half.
    balls, rest = order[::2], order[1::2]
    if len(rest) <= NEIGHBOR:
        return
    few = own.sample(len(rest))
    around, split = (encode(other.frame[at]).metric for at in (balls, rest))
    dealt = other.buckets
    found = cover(encode(few.frame).metric, few.buckets, around, dealt[balls])
    fresh = cover(split, dealt[rest], around, dealt[balls])
    if len(few.keys) < len(rest):
        few_at = rest[: len(few.keys)]
        fresh = cover(encode(other.frame[few_at]).metric, dealt[few_at], around, dealt[balls])
    yield from _cover_measures(found, fresh, dealt[balls])


def _cover_measures(
    found: Covering, fresh: Covering, buckets: NDArray[np.int64]
) -> Iterator[DiversityMeasure]:
    yield paired(
        "coverage",
        "share of places of the reference that it reaches, beside what another part of the "
        f"reference reaches (by theory {found.expected:.1%} of continuous data)",
        found,
        fresh,
        buckets,
    )
    yield beside(
        "density",
        "rows near a row of the reference, as a share of how many fresh ones would be",
        [found.density, fresh.density],
        unit="times",
        least=np.inf,
    )


def _copies(sides: Sides) -> Iterator[DiversityMeasure]:
    own, other = sides.candidate, sides.reference
    assert other is not None  # noqa: S101 — the caller has looked
    times, _ = multiplicities(other.marks.words)
    is_copied = np.isin(own.marks.words, other.marks.words)
    yield beside(
        "memorised rows",
        "share of rows that are rows of the reference, beside what is natural",
        [share_of(is_copied, own.marks.buckets), share_of(times > 1, other.marks.buckets)],
        worse="high",
        unit="share",
        least=0.01,
    )
    placed, real = (
        Placed(sides.encoder.encode(each.frame).metric, each.keys, each.buckets)
        for each in (own.sample, other.sample)
    )
    parts = [len(each.sample.keys) / each.n_rows for each in (own, other)]
    yield of_near(
        "nearly memorised rows",
        "share of rows much nearer to one row of the reference than to the next, not equal to it",
        near_copies(placed, real, parts[1]),
    )
    yield of_near(
        "near duplicates",
        "share of rows much nearer to one other row of the same table than to the next",
        near_repeats(placed, real, parts[0]),
    )
