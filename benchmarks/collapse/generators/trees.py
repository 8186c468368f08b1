"""Sequential trees: each column drawn from the leaf that the earlier ones lead to."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.collapse.view import codes

#: Earlier columns a tree may split on; more cost time and add little.
AT_MOST_EARLIER = 25
#: A category with more levels is split by the rank of their frequency.
AT_MOST_CLASSES = 30


def sample(
    frame: pl.DataFrame, numbers: list[str], n: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Fit trees to the rows and draw as many as asked (synthpop's CART)."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    known = codes(frame)
    made = frame.select(frame.columns[0])[rng.integers(0, frame.height, n)]
    for i, name in enumerate(frame.columns[1:], start=1):
        first = max(0, i - AT_MOST_EARLIER)
        before = filled(known[:, first:i])
        drawn = filled(codes(made[:, first:i], frame[:, first:i]))
        answer = filled(known[:, i : i + 1])[:, 0]
        is_class = name not in numbers and frame[name].n_unique() <= AT_MOST_CLASSES
        kind = DecisionTreeClassifier if is_class else DecisionTreeRegressor
        tree = kind(min_samples_leaf=5, random_state=int(rng.integers(2**31)))
        tree.fit(before, np.unique(answer, return_inverse=True)[1] if is_class else answer)
        made = made.with_columns(
            frame[name].gather(donors(tree.apply(before), tree.apply(drawn), rng))
        )
    return made


def donors(
    leaf_of_known: np.ndarray, leaf_of_drawn: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Choose for each drawn row a known row of its leaf, by chance."""
    order = np.argsort(leaf_of_known, kind="stable")
    ordered = leaf_of_known[order]
    low = np.searchsorted(ordered, leaf_of_drawn, side="left")
    high = np.searchsorted(ordered, leaf_of_drawn, side="right")
    return order[low + np.floor(rng.random(len(low)) * (high - low)).astype(np.int64)]


def filled(matrix: np.ndarray) -> np.ndarray:
    """Give nulls a value below all others."""
    with np.errstate(invalid="ignore"):
        least = np.nanmin(matrix, axis=0, initial=0.0) - 1
    return np.where(np.isnan(matrix), least, matrix)
