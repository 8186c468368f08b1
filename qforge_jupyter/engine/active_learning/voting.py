"""What several labelers said of each row: the share of them that gave each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.labels import Labels
from qforge_jupyter.errors import DataError

Floats = NDArray[np.float64]


def votes_of(frame: pl.DataFrame, labelers: Sequence[str], labels: Labels) -> Floats:
    """Give the share of the labelers that gave each class; NaN where nobody answered.

    Answers that are no class of the target count as classes of their own, at the end.

    Examples
    --------
    >>> frame = pl.DataFrame({"ann": ["a", "b"], "ben": ["b", "b"]})
    >>> votes_of(frame, ["ann", "ben"], Labels(("a", "b"), np.array([0, 1]))).tolist()
    [[0.5, 0.5], [0.0, 1.0]]

    """
    answers, n_classes = answers_of(frame, labelers, labels)
    counts = np.stack([(answers == place).sum(axis=1) for place in range(n_classes)], axis=1)
    return _shares(counts)


def votes_among(answers: pl.DataFrame, n_rows: int) -> Floats:
    """Give the same of answers with a line each: ``row`` and ``label``.

    Examples
    --------
    >>> answers = pl.DataFrame({"row": [0, 0, 2], "label": ["a", "b", "b"]})
    >>> votes_among(answers, 3).tolist()
    [[0.5, 0.5], [nan, nan], [0.0, 1.0]]

    """
    codes = answers["label"].rank("dense").to_numpy().astype(np.int64) - 1
    counts = np.zeros((n_rows, int(codes.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(counts, (answers["row"].to_numpy(), codes), 1)
    return _shares(counts)


def _shares(counts: NDArray[np.int64]) -> Floats:
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), np.nan)


def answers_of(
    frame: pl.DataFrame, labelers: Sequence[str], labels: Labels
) -> tuple[NDArray[np.int64], int]:
    """Give the place of the class that each labeler gave, -1 for none, and how many there are."""
    texts = [frame.get_column(name).cast(pl.String).alias("said") for name in labelers]
    said = pl.concat(texts).drop_nulls().unique().sort().to_list() if texts else []
    classes = [*labels.classes, *(each for each in said if each not in labels.classes)]
    places = {name: place for place, name in enumerate(classes)}
    if not places:
        raise DataError("None of the labelers' columns holds an answer: name those that do")
    columns = [
        each.replace_strict(places, default=-1, return_dtype=pl.Int64).fill_null(-1).to_numpy()
        for each in texts
    ]
    return np.stack(columns, axis=1), len(classes)
