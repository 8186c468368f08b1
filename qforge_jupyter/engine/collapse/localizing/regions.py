"""Rules that describe where a candidate has too many rows, or too few.

A rule joins at most three conditions. It is looked for on one half of a sample
by a beam search for the largest likelihood ratio of the counts on both sides,
each further condition having to earn what looking for it costs; then its rows
are laid aside and the next is looked for. What is told of it was counted on all
other rows: conditional on the rows of both sides together, those of the
candidate are binomial, which gives the exact interval (Clopper & Pearson,
Biometrika 26, 404, 1934) of the ratio.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import Side
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.choosing import different_columns
from qforge_jupyter.engine.collapse.localizing.conditions import Condition, conditions_on
from qforge_jupyter.engine.collapse.localizing.contents import Places
from qforge_jupyter.results.region import Region

Marks = NDArray[np.float32]
Direction = Literal["too many", "missing"]

MOST_COLUMNS = 100
MOST_CONDITIONS = 300
MOST_JOINED = 3
BEAM = 20
MOST_REGIONS = 6
#: Rows, seen or expected, in a region at least.
LEAST_ROWS = 8
LEVEL = 0.05


@dataclass(frozen=True)
class Found:
    """Regions with too many rows and with too few, those that stood up to being counted."""

    too_many: tuple[Region, ...]
    missing: tuple[Region, ...]
    n_rules: int
    n_counted: tuple[int, int]


def find_regions(case: RowCase) -> Found:
    """Look for regions in which the counts of the two sides differ, and count them anew."""
    sides = (case.candidate, case.reference)
    places = [_half(side) for side in sides]
    if min(len(each) for each in places) < LEAST_ROWS:
        return Found((), (), 0, (0, 0))
    frames = [side.rows_at(each) for side, each in zip(sides, places, strict=True)]
    blocks = [side.of(each) for side, each in zip(sides, places, strict=True)]
    asked = different_columns(case, blocks[0], blocks[1], MOST_COLUMNS)
    conditions, marks = _marked([case.names[index] for index in asked], frames)
    case.progress(0, 2, "regions")
    directions: tuple[Direction, ...] = ("too many", "missing")
    rules = [(way, rule) for way in directions for rule in _search(marks, conditions, way)]
    case.progress(1, 2, "regions")
    counts = [
        _count(side, held, [_expression(rule) for _, rule in rules])
        for side, held in zip(sides, places, strict=True)
    ]
    sizes = tuple(side.n_rows - len(held) for side, held in zip(sides, places, strict=True))
    regions = [
        counted(_text(rule), int(n), int(m), (sizes[0], sizes[1]))
        for (_, rule), n, m in zip(rules, counts[0], counts[1], strict=True)
    ]
    kept = [
        (way, region)
        for (way, _), region in zip(rules, holm(regions), strict=True)
        if region.p_value <= LEVEL and (region.ratio > 1) == (way == "too many")
    ]
    many, few = (tuple(region for way, region in kept if way == each) for each in directions)
    return Found(many, few, len(rules), (sizes[0], sizes[1]))


def _half(side: Side) -> Places:
    """Give the rows on which rules are looked for: half of the sample, by content."""
    places, keys = (each[: len(side.sample)] for each in (side.contents.places, side.contents.keys))
    return np.sort(places[(keys >> np.uint64(40)) % np.uint64(2) == 0])


def _marked(
    names: Sequence[str], frames: Sequence[pl.DataFrame]
) -> tuple[list[Condition], tuple[Marks, Marks]]:
    """Ask both sides every condition; of very many keep those in which they differ most."""
    kept: list[tuple[float, int, Condition, Marks, Marks]] = []
    total = 0
    for name in names:
        columns = [frame.get_column(name) for frame in frames]
        if columns[0].dtype.is_numeric() != columns[1].dtype.is_numeric():
            continue
        for condition in conditions_on(name, *columns):
            first, second = (
                frame.select(condition.expression.alias("holds"))["holds"].to_numpy()
                for frame in frames
            )
            n, m = int(first.sum()), int(second.sum())
            gain = float(_gain(np.array([n]), np.array([m]), (len(first), len(second)))[0])
            kept.append(
                (-gain, total, condition, first.astype(np.float32), second.astype(np.float32))
            )
            total += 1
        if len(kept) > 2 * MOST_CONDITIONS:
            kept = sorted(kept, key=lambda each: each[:2])[:MOST_CONDITIONS]
    kept = sorted(
        sorted(kept, key=lambda each: each[:2])[:MOST_CONDITIONS], key=lambda each: each[1]
    )
    empty = [np.zeros((frame.height, 0), dtype=np.float32) for frame in frames]
    if not kept:
        return [], (empty[0], empty[1])
    stacked = (np.stack([each[3] for each in kept], 1), np.stack([each[4] for each in kept], 1))
    return [each[2] for each in kept], stacked


def _gain(
    n: NDArray[np.float64], m: NDArray[np.float64], sizes: tuple[float, float]
) -> NDArray[np.float64]:
    """Give twice the log likelihood ratio of two counts against one common rate."""
    both = n + m
    share = sizes[0] / (sizes[0] + sizes[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(n > 0, n * np.log(n / (both * share)), 0.0)
        second = np.where(m > 0, m * np.log(m / (both * (1 - share))), 0.0)
    gain: NDArray[np.float64] = 2 * (first + second)
    return gain


def _search(
    marks: tuple[Marks, Marks], conditions: Sequence[Condition], way: Direction
) -> list[tuple[Condition, ...]]:
    """Find one rule after the other, laying its rows aside."""
    left = [np.ones(len(each), dtype=np.float32) for each in marks]
    rules: list[tuple[Condition, ...]] = []
    sizes = (float(len(marks[0])), float(len(marks[1])))
    while conditions and len(rules) < MOST_REGIONS:
        best = _best_rule(marks, left, sizes, conditions, way)
        if best is None:
            break
        rule = tuple(conditions[at] for at in best)
        if rule in rules:
            break
        rules.append(rule)
        for rows, each in zip(left, marks, strict=True):
            rows[each[:, list(best)].all(axis=1)] = 0
    return rules


def _best_rule(
    marks: tuple[Marks, Marks],
    left: Sequence[Marks],
    sizes: tuple[float, float],
    conditions: Sequence[Condition],
    way: Direction,
) -> tuple[int, ...] | None:
    """Grow rules condition by condition, always from the most promising ones."""
    cost = math.log(max(len(conditions), 2))
    beam: list[tuple[int, ...]] = [()]
    best: tuple[float, tuple[int, ...]] = (4.0, ())
    for n_joined in range(1, MOST_JOINED + 1):
        masks = [
            np.stack([rows * each[:, list(rule)].all(axis=1) for rule in beam])
            for rows, each in zip(left, marks, strict=True)
        ]
        n, m = (mask @ each for mask, each in zip(masks, marks, strict=True))
        gain = _gain(n.astype(np.float64), m.astype(np.float64), sizes)
        expected = m * sizes[0] / sizes[1]
        right = n > expected if way == "too many" else n < expected
        gain[~right | (np.maximum(n, expected) < LEAST_ROWS)] = 0
        ranked = np.argsort(-gain, axis=None, kind="stable")
        grown: dict[tuple[int, ...], float] = {}
        for place in ranked[: 20 * BEAM]:
            index, added = divmod(int(place), len(conditions))
            rule = tuple(sorted({*beam[index], added}))
            if len(rule) == n_joined and gain[index, added] > 0:
                grown.setdefault(rule, float(gain[index, added]))
            if len(grown) == BEAM:
                break
        for rule, found in grown.items():
            best = max(best, (found - cost * n_joined, rule), key=lambda each: each[0])
        beam = list(grown) or beam[:0]
        if not beam:
            break
    return best[1] or None


def _expression(rule: Sequence[Condition]) -> pl.Expr:
    return pl.all_horizontal([condition.expression for condition in rule])


def _text(rule: Sequence[Condition]) -> str:
    return " and ".join(condition.text for condition in rule)


def _count(side: Side, held: Places, rules: Sequence[pl.Expr]) -> NDArray[np.int64]:
    """Count the rows of each rule, those left out on which it was found."""
    counts = np.zeros(len(rules), dtype=np.int64)
    if not rules:
        return counts
    asked = [rule.alias(f"rule{index}") for index, rule in enumerate(rules)]
    start = 0
    for frame in side.frames():
        low, high = np.searchsorted(held, (start, start + frame.height))
        is_new = np.ones(frame.height, dtype=bool)
        is_new[held[low:high] - start] = False
        answers = frame.select(asked).filter(pl.Series(is_new))
        counts += answers.sum().to_numpy().astype(np.int64)[0]
        start += frame.height
    return counts


def counted(rule: str, n: int, m: int, sizes: tuple[int, int]) -> Region:
    """Put a region together from its counts on the two sides, of so many rows counted.

    Examples
    --------
    >>> print(counted("age > 61", 0, 160, (1000, 1000)))
    age > 61: 0 of 160 expected rows
    >>> counted("age > 61", 50, 50, (1000, 1000)).ratio
    1.0

    """
    from scipy.stats import beta, binomtest

    scale = sizes[0] / sizes[1]
    if n + m == 0:
        return Region(rule, 0, 0, 0.0, 1.0, 0.0, math.inf, 1.0)
    low = float(beta.ppf(0.025, n, m + 1)) if n else 0.0
    high = float(beta.ppf(0.975, n + 1, m)) if m else 1.0
    ratios = [share / (1 - share) / scale if share < 1 else math.inf for share in (low, high)]
    p_value = float(binomtest(n, n + m, scale / (1 + scale)).pvalue)
    expected = m * scale
    ratio = n / expected if m else math.inf
    return Region(rule, n, m, expected, ratio, ratios[0], ratios[1], p_value)


def holm(regions: Sequence[Region]) -> list[Region]:
    """Correct the p-values for how many regions there are (Holm, Scand. J. Stat. 6, 65, 1979).

    Examples
    --------
    >>> two = [counted("a", 0, 9, (100, 100)), counted("b", 5, 5, (100, 100))]
    >>> [round(region.p_value, 4) for region in holm(two)]
    [0.0078, 1.0]

    """
    order = sorted(range(len(regions)), key=lambda index: regions[index].p_value)
    corrected = list(regions)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, regions[index].p_value * (len(regions) - rank)))
        corrected[index] = replace(regions[index], p_value=highest)
    return corrected
