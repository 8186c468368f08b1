"""Which items are hard: divided answers, long thought, little confidence."""

from __future__ import annotations

import polars as pl

#: So many items of each kind are named.
MOST = 10
_CASE = ("item", "question")


def divided(answers: pl.DataFrame, n: int = MOST) -> pl.DataFrame:
    """Give the items on which answers are divided most: the entropy of their answers, in bits.

    Parameters
    ----------
    answers
        The answers that count and say something: ``item``, ``question``, ``labeler``, ``value``.
    n
        Items at most.

    Examples
    --------
    >>> answers = pl.DataFrame({
    ...     "item": ["x", "x", "y", "y"], "question": ["q"] * 4, "labeler": ["a", "b"] * 2,
    ...     "value": ["1", "2", "1", "1"],
    ... })
    >>> divided(answers).rows()
    [('x', 2, 1.0)]

    """
    votes = answers.group_by(*_CASE, "value").len("k")
    share = pl.col("k") / pl.col("k").sum()
    bits = votes.group_by(_CASE).agg(bits=-(share * share.log(2)).sum(), n=pl.col("k").sum())
    by_item = bits.group_by("item").agg(pl.col("bits").sum().round(3), pl.col("n").max())
    hard = by_item.filter(pl.col("bits") > 0).select("item", pl.col("n").cast(pl.Int64), "bits")
    return hard.sort(["bits", "n", "item"], descending=[True, True, False]).head(n)


def slowest(answers: pl.DataFrame, n: int = MOST) -> pl.DataFrame:
    """Give the items that labelers thought about longest: the median of their times, in seconds.

    Examples
    --------
    >>> answers = pl.DataFrame({"item": ["x", "x", "y"], "latency_ms": [1_000, 3_000, None]})
    >>> slowest(answers).rows()
    [('x', 2.0)]

    """
    times = answers.filter(pl.col("latency_ms").is_not_null())
    found = times.group_by("item").agg(seconds=(pl.col("latency_ms").median() / 1_000).round(2))
    return found.sort(["seconds", "item"], descending=[True, False]).head(n)


def unsurest(answers: pl.DataFrame, n: int = MOST) -> pl.DataFrame:
    """Give the items of which labelers are least sure: the mean of their confidences.

    Examples
    --------
    >>> answers = pl.DataFrame({"item": ["x", "y"], "confidence": [0.5, 1.0]})
    >>> unsurest(answers).rows()
    [('x', 0.5)]

    """
    told = answers.filter(pl.col("confidence").is_not_null())
    found = told.group_by("item").agg(pl.col("confidence").mean().round(3))
    return found.filter(pl.col("confidence") < 1).sort("confidence", "item").head(n)
