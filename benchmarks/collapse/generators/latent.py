"""A table as real numbers and back, for generators that know only real numbers."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from scipy.special import ndtr, ndtri

from benchmarks.collapse.grid import like


class Latent:
    """One or two real columns for each of a table's.

    A category is a normal score drawn within its share of the unit interval,
    so are nulls (a column of their own where a number has some). A number is a
    normal score of its rank, which comes back with the margin it had, or a
    standardised value, which comes back as the generator left it.
    """

    def __init__(
        self, frame: pl.DataFrame, numbers: list[str], how: Literal["ranks", "standard"]
    ) -> None:
        self.frame, self.numbers, self.how = frame, numbers, how
        self.shares = {name: self._shares_of(name) for name in frame.columns}

    def _shares_of(self, name: str) -> tuple[list[object], np.ndarray]:
        column = self.frame[name]
        column = column.is_null().alias(name) if name in self.numbers else column
        counts = column.value_counts(sort=True, name="_n").sort(
            "_n", name, descending=[True, False]
        )
        edges = np.concatenate([[0.0], np.cumsum(counts["_n"].to_numpy()) / column.len()])
        return counts[name].to_list(), edges

    def encode(self, rng: np.random.Generator) -> np.ndarray:
        """Give the table as an array, rows by latent columns."""
        blocks: list[np.ndarray] = []
        for name in self.frame.columns:
            column = self.frame[name]
            if name in self.numbers:
                blocks.append(self._number(column, rng))
                if not column.null_count():
                    continue
                column = column.is_null()
            values, edges = self.shares[name]
            place = {value: i for i, value in enumerate(values)}
            at = np.array([place[value] for value in column.to_list()])
            low, high = edges[at], edges[at + 1]
            blocks.append(score(low + (high - low) * rng.random(len(at))))
        return np.column_stack(blocks)

    def decode(self, latent: np.ndarray) -> pl.DataFrame:
        """Give rows of the table back."""
        made, at = [], 0
        for name in self.frame.columns:
            column = self.frame[name]
            if name in self.numbers:
                values = self._back(column, latent[:, at])
                at += 1
                if column.null_count():
                    values = np.where(
                        self._levels(name, latent[:, at]), np.nan, values.astype(float)
                    )
                    at += 1
                made.append(like(column, values))
                continue
            made.append(pl.Series(name, self._levels(name, latent[:, at]), column.dtype))
            at += 1
        return pl.DataFrame(made)

    def _levels(self, name: str, latent: np.ndarray) -> list[object]:
        values, edges = self.shares[name]
        at = np.clip(np.searchsorted(edges, ndtr(latent), side="right") - 1, 0, len(values) - 1)
        return [values[i] for i in at]

    def _number(self, column: pl.Series, rng: np.random.Generator) -> np.ndarray:
        values = column.cast(pl.Float64).to_numpy()
        known = values[~np.isnan(values)]
        known = known if len(known) else np.zeros(1)
        filled = np.where(np.isnan(values), rng.choice(known, len(values)), values)
        if self.how == "standard":
            return (filled - known.mean()) / (known.std() or 1.0)
        order = np.lexsort((rng.random(len(filled)), filled))
        ranks = np.empty(len(filled))
        ranks[order] = np.arange(len(filled))
        return score((ranks + 0.5) / len(filled))

    def _back(self, column: pl.Series, latent: np.ndarray) -> np.ndarray:
        known = column.drop_nulls().cast(pl.Float64).to_numpy()
        known = known if len(known) else np.zeros(1)
        if self.how == "standard":
            return latent * (known.std() or 1.0) + known.mean()
        return np.quantile(known, ndtr(latent))


def score(share: np.ndarray) -> np.ndarray:
    """Give normal scores, finite ones."""
    return ndtri(np.clip(share, 1e-6, 1 - 1e-6))
