"""Rows as matrices: one dense, of numbers; one sparse, of the words and letters of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.describing import MOST_LEVELS, Description
from qforge_jupyter.engine.active_learning.directions import main_directions
from qforge_jupyter.engine.active_learning.images import image_features

Matrix = NDArray[np.float32]

#: Words and runs of letters that are counted in a text column, the most frequent ones.
MOST_WORDS, MOST_GRAMS = 20_000, 20_000
#: Characters of a text that are read.
LONGEST_TEXT = 2_000


@dataclass(frozen=True)
class Matrices:
    """The rows as a linear model and as trees and distances see them.

    Parameters
    ----------
    dense
        Numbers, levels of categories, vectors and images: scaled, without gaps.
    texts
        TF-IDF of words and letters, sparse; None where there is no text.
    points
        ``dense`` beside the main directions of ``texts``.
    device
        Where what is made of them is computed.

    """

    dense: Matrix
    texts: Any
    points: Matrix
    device: str = "cpu"

    @property
    def linear(self) -> Any:
        """What a linear model is fitted to."""
        if self.texts is None:
            return self.dense
        if not self.dense.shape[1]:
            return self.texts
        from scipy.sparse import csr_matrix, hstack

        return hstack([csr_matrix(self.dense), self.texts], format="csr")


def make_matrices(
    frame: pl.DataFrame, described: Description, *, seed: int, device: str = "cpu"
) -> Matrices:
    """Turn the columns that describe rows into matrices; labels are not looked at.

    Examples
    --------
    >>> frame = pl.DataFrame({"size": [1.0, None, 3.0], "kind": ["a", "b", "a"]})
    >>> make_matrices(frame, Description(("size",), ("kind",)), seed=1).dense.shape
    (3, 4)

    """
    parts = [_numbers(frame.get_column(name)) for name in described.numbers]
    parts += [_levels(frame.get_column(name)) for name in described.categories]
    parts += [_vectors(frame.get_column(name)) for name in described.vectors]
    parts += [
        _scaled(image_features(frame.get_column(name), device=device)) for name in described.images
    ]
    none = np.zeros((frame.height, 0), dtype=np.float32)
    dense = np.concatenate([none, *parts], axis=1)
    texts = [_counted(frame.get_column(name)) for name in described.texts]
    texts = [each for each in texts if each is not None]
    if not texts:
        return Matrices(dense, None, dense, device)
    from scipy.sparse import hstack

    words = hstack(texts, format="csr")
    points = np.concatenate([dense, main_directions(words, seed=seed, device=device)], axis=1)
    return Matrices(dense, words, points, device)


def _numbers(cells: pl.Series) -> Matrix:
    cells = cells.to_physical() if cells.dtype.is_temporal() else cells
    return _scaled(cells.cast(pl.Float64).to_numpy().reshape(-1, 1))


def _vectors(cells: pl.Series) -> Matrix:
    there = cells.is_not_null().to_numpy()
    held = cells.drop_nulls()
    if isinstance(held.dtype, pl.List):
        held = held.list.to_array(len(held[0]) if len(held) else 0)
    values = held.to_numpy().astype(np.float64).reshape(len(held), -1)
    found = np.full((len(cells), values.shape[1]), np.nan)
    found[there] = values
    return _scaled(found)


def _scaled(values: NDArray[Any]) -> Matrix:
    """Centre by the median, scale, fill gaps with 0, and mark the gaps where there are any."""
    values = values.astype(np.float64)
    held = np.isfinite(values)
    values = np.where(held, values, np.nan)
    if not values.shape[0] or not held.any():
        return np.zeros(values.shape, dtype=np.float32)
    is_there = held.any(axis=0)
    values = values[:, is_there]
    held = held[:, is_there]
    largest = np.maximum(np.nanmax(np.abs(values), axis=0), np.finfo(float).tiny)
    values = values / largest  # so that squares of huge numbers stay finite
    middle = np.nanmedian(values, axis=0)
    spread = np.nanstd(values, axis=0)
    scaled = (values - middle) / np.where(spread > 0, spread, 1.0)
    # What lies far out keeps its order and does not outweigh all else.
    scaled = np.where(held, np.arcsinh(scaled), 0.0)
    gaps = ~held.all(axis=0)
    return np.concatenate([scaled, (~held)[:, gaps]], axis=1).astype(np.float32)


def _levels(cells: pl.Series) -> Matrix:
    text = cells.cast(pl.String).alias("level").fill_null("")
    counts = text.value_counts().sort("count", "level", descending=[True, False])
    levels = counts["level"].head(MOST_LEVELS)
    codes = text.replace_strict(
        levels, pl.Series(range(len(levels)), dtype=pl.Int64), default=-1, return_dtype=pl.Int64
    ).to_numpy()
    found = np.zeros((len(cells), len(levels)), dtype=np.float32)
    rows = np.flatnonzero(codes >= 0)
    found[rows, codes[rows]] = 1.0
    return found if (codes >= 0).all() else np.column_stack([found, codes < 0]).astype(np.float32)


def _counted(cells: pl.Series) -> Any:
    """Weigh words and runs of letters; None where no text has any twice."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = cells.cast(pl.String).fill_null("").str.slice(0, LONGEST_TEXT).to_list()
    least = 2 if len(texts) >= 100 else 1
    made = []
    for options in (
        {"ngram_range": (1, 2), "max_features": MOST_WORDS, "token_pattern": r"(?u)\b\w+\b"},
        {"analyzer": "char_wb", "ngram_range": (3, 4), "max_features": MOST_GRAMS},
    ):
        weigher = TfidfVectorizer(
            sublinear_tf=True, min_df=least, max_df=1.0, dtype=np.float32, **options
        )
        try:
            made.append(weigher.fit_transform(texts))
        except ValueError:  # no word is left
            continue
    return hstack(made, format="csr") if made else None
