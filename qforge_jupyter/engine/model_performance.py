"""How well a model does example by example: distribution, accuracy by class, the worst rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

N_BINS = 20
#: Classes that are told by name, the most frequent first.
MOST_CLASSES = 50
#: Examples with the lowest probability of their label.
MOST_LOWEST = 10


def performance_of(judged: pl.DataFrame) -> dict[str, Any] | None:
    """Sum up the probabilities of the given labels; None where none was judged.

    Parameters
    ----------
    judged
        ``row``, ``given``, ``predicted`` and ``self_confidence``.

    Returns
    -------
    dict
        ``n``, ``n_right``, ``histogram`` of the probabilities of the given labels in twenty
        bins, ``classes`` (name, labels, predicted rightly, share, mean probability) and
        ``lowest`` (row, given, predicted, probability), the least probable label first.

    Examples
    --------
    >>> names = ("row", "given", "predicted", "self_confidence")
    >>> lines = [(0, "a", "a", 0.9), (1, "b", "a", 0.25), (2, "b", "b", 0.75)]
    >>> found = performance_of(pl.DataFrame(lines, schema=list(names), orient="row"))
    >>> found["classes"], found["lowest"][0]
    ([['b', 2, 1, 0.5, 0.5], ['a', 1, 1, 1.0, 0.9]], [1, 'b', 'a', 0.25])

    """
    if judged.is_empty():
        return None
    sure = pl.col("self_confidence").cast(pl.Float64)
    is_right = (pl.col("given") == pl.col("predicted")).cast(pl.Int64)
    counted = judged.group_by("given").agg(
        n=pl.len().cast(pl.Int64), right=is_right.sum(), p=sure.mean()
    )
    ordered = counted.with_columns(pl.col("given").cast(pl.String)).sort(
        ["n", "given"], descending=[True, False]
    )
    counts, _ = np.histogram(judged["self_confidence"].to_numpy(), bins=N_BINS, range=(0.0, 1.0))
    lowest = judged.bottom_k(MOST_LOWEST, by=["self_confidence", "row"]).sort(
        "self_confidence", "row"
    )
    return {
        "n": judged.height,
        "n_right": int(counted["right"].sum()),
        "histogram": {"counts": counts.tolist(), "low": 0.0, "high": 1.0},
        "classes": [
            [name, n, right, round(right / n, 4), round(p, 4)]
            for name, n, right, p in ordered.head(MOST_CLASSES).iter_rows()
        ],
        "n_more": max(0, ordered.height - MOST_CLASSES),
        "lowest": [
            [int(row), str(given), str(predicted), round(float(p), 4)]
            for row, given, predicted, p in lowest.select(
                "row", "given", "predicted", "self_confidence"
            ).iter_rows()
        ],
    }
