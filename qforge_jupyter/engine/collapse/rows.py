"""Rows of one side with a random number for each, of which samples are taken."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import frame_of
from qforge_jupyter.engine.collapse.columns import Choice
from qforge_jupyter.engine.collapse.keys import Words, smallest


@dataclass(frozen=True)
class Rows:
    """Compared columns of one side, and for each row its content, its key and its bucket."""

    frame: pl.DataFrame = field(repr=False)
    words: Words = field(repr=False)
    keys: Words = field(repr=False)
    buckets: NDArray[np.int64] = field(repr=False)
    n_buckets: int

    def sample(self, n: int) -> Rows:
        """Take the rows with the smallest keys."""
        return self.at(smallest(self.keys, n))

    def at(self, places: NDArray[np.int64]) -> Rows:
        """Take the rows at these places."""
        return Rows(
            self.frame[places],
            self.words[places],
            self.keys[places],
            self.buckets[places],
            self.n_buckets,
        )

    def joined(self, other: Rows) -> Rows:
        """Lay later rows after these."""
        return Rows(
            pl.concat([self.frame, other.frame]),
            np.concatenate([self.words, other.words]),
            np.concatenate([self.keys, other.keys]),
            np.concatenate([self.buckets, other.buckets]),
            self.n_buckets,
        )


def alike(frame: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    """Give both sides the same types, so that equal content has equal hashes."""
    return frame_of(
        (
            frame.get_column(each.name).cast(pl.String)
            if each.by == "length"
            else each.values(frame)
        ).alias(f"c{index}")
        for index, each in enumerate(choice.chosen)
    )
