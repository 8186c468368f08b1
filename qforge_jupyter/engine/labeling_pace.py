"""How fast people label, how alike, and over which time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

#: A gap between two labels that is longer is a pause, and no work.
PAUSE_S = 600
#: One that is longer than this parts two sittings.
BREAK_S = 3_600
#: What a sitting is told by.
SITTING = ("labeler", "session", "sitting")
_CASE = ("item", "question")


def with_sittings(living: pl.DataFrame) -> pl.DataFrame:
    """Number the sittings of each session, which breaks of more than an hour part.

    Parameters
    ----------
    living
        Labels in order: ``labeler``, ``session`` and ``at``.

    Examples
    --------
    >>> from datetime import datetime
    >>> hours = [datetime(2026, 1, 1, hour) for hour in (8, 9, 12)]
    >>> living = pl.DataFrame({"labeler": ["ann"] * 3, "session": ["s"] * 3, "at": hours})
    >>> with_sittings(living)["sitting"].to_list()
    [0, 0, 1]

    """
    who = SITTING[:2]
    is_new = pl.col("at").diff().over(who).dt.total_seconds() > BREAK_S
    return living.with_columns(sitting=is_new.fill_null(value=False).cum_sum().over(who))


def pace_of(living: pl.DataFrame, by: Sequence[str] = ("labeler",)) -> pl.DataFrame:
    """Measure the work of each labeler, or of each of their sittings.

    Time is the sum of the gaps between a labeler's submissions, without pauses of more than
    ten minutes.

    Parameters
    ----------
    living
        Labels that stand: ``labeler``, ``session``, ``submission``, ``item``, ``type``, ``at``
        and ``latency_ms``.
    by
        Columns for each of which there is a line.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> living = pl.DataFrame({
    ...     "labeler": ["ann"] * 3, "session": ["s"] * 3, "submission": ["a", "b", "c"],
    ...     "item": ["x", "y", "z"], "type": ["answer", "answer", "skip"],
    ...     "at": [datetime(2026, 1, 1) + timedelta(seconds=30 * n) for n in range(3)],
    ...     "latency_ms": [5_000, 7_000, None],
    ... })
    >>> pace_of(living).row(0)
    ('ann', 2, 2, 0, 1, 6.0, 120.0)

    """
    once = living.unique(["session", "submission"], keep="first", maintain_order=True)
    once = once.with_columns(gap=pl.col("at").diff().over(by).dt.total_microseconds() / 1e6)
    is_step = pl.col("gap").is_between(0, PAUSE_S)
    is_skip = pl.col("type") == "skip"
    steps, seconds = is_step.sum(), pl.col("gap").filter(is_step).sum()
    per_hour = pl.when(seconds > 0).then((3_600 * steps / seconds).round(1))
    made = once.group_by(by).agg(
        n_labels=(~is_skip).sum().cast(pl.Int64),
        n_items=pl.col("item").filter(~is_skip).n_unique().cast(pl.Int64),
        n_skipped=is_skip.sum().cast(pl.Int64),
        median_s=(pl.col("latency_ms").filter(~is_skip).median() / 1_000).round(2),
        per_hour=per_hour,
    )
    unsure = living.filter(pl.col("type") == "cant_tell").group_by(by).len("n_cant_tell")
    joined = made.join(unsure, on=list(by), how="left").with_columns(
        pl.col("n_cant_tell").fill_null(0).cast(pl.Int64)
    )
    names = ("n_labels", "n_items", "n_cant_tell", "n_skipped", "median_s", "per_hour")
    return joined.select(*by, *names).sort("n_labels", *by, descending=[True, *[False] * len(by)])


def likeness_of(answers: pl.DataFrame, by: Sequence[str] = ("labeler",)) -> pl.DataFrame:
    """Compare each answer with what most others said of the same question of the item.

    Where others are divided evenly, or nobody else answered, nothing is compared. The trend
    is the share in the later half of the compared answers of a line less that in the earlier.

    Parameters
    ----------
    answers
        The answers that count, in order: ``item``, ``question``, ``labeler``, ``value``.
    by
        Columns for each of which there is a line.

    Examples
    --------
    >>> answers = pl.DataFrame({
    ...     "item": ["x"] * 3, "question": ["q"] * 3, "labeler": ["a", "b", "c"],
    ...     "value": ["1", "1", "2"],
    ... })
    >>> likeness_of(answers).rows()
    [('c', 1, 0, None)]

    """
    votes = answers.group_by(*_CASE, "value").len("n").with_columns(pl.col("n").cast(pl.Int64))
    tops = (
        votes.sort("n", descending=True)
        .group_by(_CASE)
        .agg(
            first=pl.col("n").first(),
            second=pl.col("n").get(1, null_on_oob=True).fill_null(0),
            third=pl.col("n").get(2, null_on_oob=True).fill_null(0),
            n_first=(pl.col("n") == pl.col("n").max()).sum(),
        )
    )
    compared = (
        answers.join(votes, on=[*_CASE, "value"], maintain_order="left")
        .join(tops, on=list(_CASE), maintain_order="left")
        .with_columns(alike=_alike())
        .filter(pl.col("alike").is_not_null())
    )
    place = pl.int_range(pl.len()).over(by)
    compared = compared.with_columns(is_late=2 * place >= pl.len().over(by))
    late, early = pl.col("alike").filter("is_late"), pl.col("alike").filter(~pl.col("is_late"))
    return (
        compared.group_by(by)
        .agg(
            n_compared=pl.len().cast(pl.Int64),
            n_alike=pl.col("alike").sum().cast(pl.Int64),
            trend=(late.mean() - early.mean()).round(3),
        )
        .sort(by)
    )


def _alike() -> pl.Expr:
    """Say whether the others' most frequent answer is the same; null where there is none."""
    own, first, second, third = (pl.col(name) for name in ("n", "first", "second", "third"))
    is_first = own == first
    # Without this labeler: how many said the same, and the most and second most of the rest.
    same = own - 1
    rest = pl.when(is_first).then(second).otherwise(first)
    next_ = (
        pl.when(is_first)
        .then(third)
        .otherwise(pl.when(own == second).then(third).otherwise(second))
    )
    return (
        pl.when(same > rest)
        .then(pl.lit(value=True))
        .when((rest > same) & (rest > next_))
        .then(pl.lit(value=False))
    )


#: Units of time, each with the longest span that it is good for, in seconds.
_UNITS = (
    ("minute", "1m", "%Y-%m-%d %H:%M", 2 * 3_600),
    ("hour", "1h", "%Y-%m-%d %H:00", 4 * 86_400),
    ("day", "1d", "%Y-%m-%d", math.inf),
)
#: So many of the latest points are given.
_MOST_POINTS = 400


def labels_over(times: pl.Series) -> tuple[str, list[tuple[str, int]]]:
    """Count labels by minute, hour or day, whichever fits the time over which they stretch.

    Examples
    --------
    >>> from datetime import datetime
    >>> labels_over(pl.Series([datetime(2026, 1, 1, 8, 5), datetime(2026, 1, 1, 10, 30)]))
    ('hour', [('2026-01-01 08:00', 1), ('2026-01-01 09:00', 0), ('2026-01-01 10:00', 1)])

    """
    if times.is_empty():
        return "minute", []
    span: Any = times.max() - times.min()  # type: ignore[operator]
    unit, every, form, _ = next(one for one in _UNITS if span.total_seconds() <= one[3])
    counted = pl.DataFrame({"at": times.dt.truncate(every)}).group_by("at").len("n").sort("at")
    whole = counted.upsample("at", every=every).with_columns(pl.col("n").fill_null(0))
    shown = whole.tail(_MOST_POINTS)
    return unit, shown.select(pl.col("at").dt.to_string(form), pl.col("n").cast(pl.Int64)).rows()
