"""Compare two result sets: join them, measure each property, judge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import free_name
from qforge_jupyter.engine.comparing.choosing import choose_next
from qforge_jupyter.engine.comparing.grouping import Grouping, by_group, read_groups
from qforge_jupyter.engine.comparing.joining import Joined, join
from qforge_jupyter.engine.comparing.judging import are_within, judge, share_of
from qforge_jupyter.engine.comparing.measuring import Measuring
from qforge_jupyter.engine.comparing.pairing import Key, Pairing, find_keys, find_pairings
from qforge_jupyter.engine.comparing.picturing import by_size, points_of, residuals_of
from qforge_jupyter.engine.comparing.question import Judge, Question, read_tolerance
from qforge_jupyter.engine.comparing.sides import Side, side_of
from qforge_jupyter.engine.comparing.sums import Draws, Errors
from qforge_jupyter.results.compared import Compared
from qforge_jupyter.results.comparison import ComparisonReport

#: Columns of the compared rows, beside the keys.
ROW_COLUMNS = (
    "group", "property", "predicted", "reference", "error", "percent_error", "within",
)  # fmt: skip


def compare(  # noqa: PLR0913 — each is what the verb is told
    subject: object,
    reference: object,
    *,
    by: str | Sequence[str] = (),
    properties: Mapping[str, str] | Sequence[str] = (),
    tolerance: Mapping[str, str | float] | None = None,
    units: Mapping[str, str] | None = None,
    reference_units: Mapping[str, str] | None = None,
    group: str | Sequence[str] = (),
    judge: Judge = "mae",
    share: float | None = None,
    next_: int = 0,
    confidence: float = 0.95,
    seed: int = 42,
) -> ComparisonReport:
    """Join two result sets on their keys and measure how far they lie apart.

    Parameters
    ----------
    subject, reference
        Tables, or what `predict` and `calculate` give.
    by
        Key columns; ``left=right`` where the names differ.
    properties
        Column of the subject to column of the reference, or the names of
        both; all columns of numbers that both have by default.
    tolerance
        By property, as in ``{"band_gap": "0.1 eV"}`` or ``"5%"``.
    units, reference_units
        Of columns whose unit the result set does not tell.
    group
        Columns by whose values errors are told apart.
    judge
        The statistic that a tolerance is for: ``mae``, ``rmse`` or ``bias``.
    share
        So many rows have to be within the tolerance, instead.
    next_
        How many of the rows without a reference to propose next.
    confidence
        Of every interval.
    seed
        Of every draw.

    Raises
    ------
    CallError
        Keys, columns or units do not fit.
    DataError
        The two have no key in common.

    Examples
    --------
    >>> mine = pl.DataFrame({"id": ["a", "b"], "gap": [1.0, 2.5]})
    >>> theirs = pl.DataFrame({"id": ["b", "a"], "dft_gap": [2.0, 1.0]})
    >>> compare(mine, theirs, by="id", properties={"gap": "dft_gap"})["gap"].mae
    0.25

    """
    pairs = properties if isinstance(properties, Mapping) else {each: each for each in properties}
    asked = Question(
        by=_names(by),
        properties=pairs,
        units=units or {},
        reference_units=reference_units or {},
        tolerance={name: read_tolerance(each) for name, each in (tolerance or {}).items()},
        judge=judge,
        share=share,
        group=_names(group),
        n_next=next_,
        confidence=confidence,
        seed=seed,
    )
    return compared(
        side_of(subject, _called(subject, "subject")),
        side_of(reference, _called(reference, "reference")),
        asked,
    )


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _called(value: object, name: str) -> str | None:
    """Name what has no name of its own."""
    return None if hasattr(value, "name") or hasattr(value, "method") else name


def compared(left: Side, right: Side, asked: Question) -> ComparisonReport:
    """Compare two sides; `compare` says how.

    Raises
    ------
    CallError, DataError
        As `compare`.

    """
    with np.errstate(all="ignore"):  # what leaves the doubles has no value, and a note
        return _report(left, right, asked)


def _report(left: Side, right: Side, asked: Question) -> ComparisonReport:
    keys = find_keys(left, right, asked.by)
    pairs = find_pairings(left, right, keys, asked)
    joined = join(left, right, keys, pairs, asked)
    grouping = read_groups(joined.rows, asked.group)
    measuring = Measuring(asked.confidence, Draws(asked.seed))
    parts = [
        _compared(joined, (at, pair), grouping, measuring, asked) for at, pair in enumerate(pairs)
    ]
    answers = tuple(each for each, _ in parts)
    rows = _renamed(pl.concat([held for _, held in parts]), joined.keys, ROW_COLUMNS)
    groups = by_group(joined.rows, pairs, answers, grouping, asked) if grouping else None
    report = ComparisonReport(
        left=left.name,
        right=right.name,
        keys=joined.keys,
        counts=joined.counts,
        compared=answers,
        rows=rows,
        groups=groups,
        apart=_renamed(joined.apart, joined.keys, ("why",)),
        confidence=asked.confidence,
        grouped_by=asked.group,
        resampled="groups" if grouping and grouping.is_drawn else "rows",
        level=left.level,
        notices=tuple(dict.fromkeys(each for each in (left.notice, right.notice) if each)),
        notes=_notes(keys, pairs, left, right),
    )
    if not asked.n_next:
        return report
    proposed, said = choose_next(left, joined, pairs, report, asked)
    return replace(report, next=proposed, next_said=said)


def _notes(
    keys: Sequence[Key], pairs: Sequence[Pairing], left: Side, right: Side
) -> tuple[str, ...]:
    said = [
        f"{key.left} of {left.name} is {key.right} of {right.name}"
        for key in keys
        if key.left != key.right
    ]
    said += [each.note for each in (left, right) if each.note]
    return (*said, *(pair.note for pair in pairs if pair.note))


def errors_of(rows: pl.DataFrame, at: int) -> tuple[Errors, NDArray[np.bool_]]:
    """Give the pairs of finite numbers of a property, and which rows have one."""
    predicted, reference = (rows.get_column(f"{side}{at}").to_numpy() for side in "pr")
    is_pair = np.isfinite(predicted) & np.isfinite(reference)
    return Errors(predicted[is_pair], reference[is_pair]), is_pair


def _compared(
    joined: Joined,
    which: tuple[int, Pairing],
    grouping: Grouping | None,
    measuring: Measuring,
    asked: Question,
) -> tuple[Compared, pl.DataFrame]:
    """Measure one property, and give its rows."""
    at, pair = which
    errors, is_pair = errors_of(joined.rows, at)
    drawn = grouping.numbers[is_pair] if grouping and grouping.is_drawn else None
    measures = measuring.measure(errors, groups=drawn)
    held = joined.rows.filter(is_pair)
    frame = held.select(
        *(pl.col(f"k{each}") for each in range(len(joined.keys))),
        *([grouping.labels.filter(is_pair).alias("group")] if grouping else []),
        pl.lit(pair.name).alias("property"),
        pl.Series("predicted", errors.predicted, dtype=pl.Float64),
        pl.Series("reference", errors.reference, dtype=pl.Float64),
        pl.Series("error", errors.error, dtype=pl.Float64),
        pl.Series("percent_error", 100 * errors.percent, dtype=pl.Float64).fill_nan(None),
        pl.lit(None, dtype=pl.Boolean).alias("within"),
    )
    answer = Compared(
        name=pair.name,
        reference=pair.reference,
        unit=pair.unit,
        n=len(errors),
        missing=_missing(joined.rows, at),
        measures=measures,
        n_zero=int((errors.reference == 0).sum()),
        residuals=residuals_of(errors),
        by_size=by_size(errors, measuring),
        points=points_of(errors, asked.seed),
    )
    if f"low{at}" in held.columns and f"high{at}" in held.columns:
        ends = [held.get_column(f"{end}{at}").to_numpy() for end in ("low", "high")]
        known = np.isfinite(ends[0]) & np.isfinite(ends[1])
        held_in = (ends[0] <= errors.reference) & (errors.reference <= ends[1])
        measures["coverage"] = share_of(
            held_in[known], asked.confidence, None if drawn is None else drawn[known]
        )
    given = asked.tolerance.get(pair.name)
    if given is None:
        return answer, frame
    allowed = given.into(pair.unit, pair.name)
    within = are_within(errors, allowed)
    measures["share_within"] = share_of(within, asked.confidence, drawn)
    verdict, said = judge(measures, allowed, asked)
    value = None if allowed.is_relative else allowed.value
    answer = replace(
        answer, tolerance=str(allowed), judged_by=said, verdict=verdict, tolerance_value=value
    )
    return answer, frame.with_columns(pl.Series("within", within, dtype=pl.Boolean))


def _missing(rows: pl.DataFrame, at: int) -> tuple[int, int, int]:
    """Count pairs without a number in the subject, in the reference, in both."""
    lacks = [~np.isfinite(rows.get_column(f"{side}{at}").to_numpy()) for side in "pr"]
    both = lacks[0] & lacks[1]
    return int((lacks[0] & ~both).sum()), int((lacks[1] & ~both).sum()), int(both.sum())


def _renamed(frame: pl.DataFrame, keys: Sequence[str], taken: Sequence[str]) -> pl.DataFrame:
    """Give the keys the names that the user knows, unless one is ours."""
    names: dict[str, Any] = {}
    others = [each for each in frame.columns if not _is_key(each, keys)]
    for at, key in enumerate(keys):
        names[f"k{at}"] = free_name(key or "key", {*taken, *others, *names.values()})
    return frame.rename(names)


def _is_key(name: str, keys: Sequence[str]) -> bool:
    return name in {f"k{at}" for at in range(len(keys))}
