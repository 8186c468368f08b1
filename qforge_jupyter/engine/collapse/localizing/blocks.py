"""The rows of one side, encoded: in blocks, as a sample, and as an index of the nearest.

Which fold a row is in and whether it is drawn is decided by its content and by
how many equal rows stand before it, never by its place: the order of the rows
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.columns import Choice
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.keys import Words, contents
from qforge_jupyter.engine.collapse.localizing.contents import (
    BATCH_ROWS,
    N_FOLDS,
    Contents,
    Places,
    rows_at,
)
from qforge_jupyter.engine.collapse.rows import alike
from qforge_jupyter.engine.near_index import NearIndex, training_places
from qforge_jupyter.frames.table import Table

__all__ = ["N_FOLDS", "SAMPLE_ROWS", "Block", "NearRows", "Side"]

#: Rows of a side on which counts and models rest at most.
SAMPLE_ROWS = 20_000
#: Numbers of a side that an index of its rows holds at most: 256 MB.
NEAR_NUMBERS = 1 << 26


@dataclass(frozen=True)
class Block:
    """Some rows of one side.

    Parameters
    ----------
    is_reference
        Whether they are of the reference.
    places
        Their row numbers.
    cells, features, metric
        As the encoding gives them.
    fold
        The fold of each.
    words
        What their contents decide, as of `Contents`.

    """

    is_reference: bool
    places: Places = field(repr=False)
    cells: NDArray[np.uint16] = field(repr=False)
    features: NDArray[np.float32] = field(repr=False)
    metric: NDArray[np.float32] = field(repr=False)
    fold: NDArray[np.int8] = field(repr=False)
    words: Words = field(repr=False)

    def __len__(self) -> int:
        return len(self.places)

    def take(self, chosen: NDArray[Any] | slice) -> Block:
        """Give some of the rows, by place in the block or by a mask."""
        return Block(
            self.is_reference,
            self.places[chosen],
            self.cells[chosen],
            self.features[chosen],
            self.metric[chosen],
            self.fold[chosen],
            self.words[chosen],
        )


@dataclass(frozen=True, eq=False)
class NearRows:
    """Rows of a side among which the nearest are looked up.

    Parameters
    ----------
    index
        Where they lie.
    places
        Which rows they are, ascending.

    """

    index: NearIndex
    places: Places = field(repr=False)

    def own(self, places: Places) -> Places:
        """Say which of these rows some rows of the side are, -1 where they are none."""
        at = np.minimum(np.searchsorted(self.places, places), len(self.places) - 1)
        return np.where(self.places[at] == places, at, -1)


@dataclass(frozen=True, eq=False)
class Side:
    """One side of the comparison.

    Parameters
    ----------
    table
        Its rows.
    choice
        The columns that are compared.
    encoder
        Fitted on both sides.
    contents
        What the rows hold.
    is_reference
        Which side it is.
    n_asked
        Rows whose nearest ones are looked up among these, about.
    seed
        Of folds and samples.

    """

    table: Table
    choice: Choice = field(repr=False)
    encoder: Encoder = field(repr=False)
    contents: Contents = field(repr=False)
    is_reference: bool
    n_asked: int
    seed: int = 42

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.contents.folds)

    @property
    def names(self) -> list[str]:
        """The columns that are read."""
        return [each.name for each in self.choice.chosen]

    def frames(self) -> Iterator[pl.DataFrame]:
        """Give the columns of every row, in order."""
        return self.table.batches(self.names, BATCH_ROWS)

    def blocks(self) -> Iterator[Block]:
        """Give every row, in order."""
        start = 0
        for frame in self.frames():
            yield self.encode(frame, np.arange(start, start + frame.height))
            start += frame.height

    def encode(self, frame: pl.DataFrame, places: Places) -> Block:
        """Encode some rows that stand at these places."""
        encoded = self.encoder.encode(frame)
        return Block(
            self.is_reference,
            places,
            encoded.cells,
            encoded.features,
            encoded.metric,
            self.contents.folds[places],
            contents(alike(frame, self.choice)),
        )

    @cached_property
    def near(self) -> NearRows:
        """Put the rows into an index: all, or so many drawn ones as memory is meant for."""
        width = self.sample.metric.shape[1]
        places = np.sort(self.contents.places[: max(SAMPLE_ROWS, NEAR_NUMBERS // width)])
        n = len(places)
        index = NearIndex.of(n, width, self.n_asked)
        if not index.is_exact:
            drawn = places[training_places(n, self.seed)]
            index.train(self.encoder.encode(self.rows_at(drawn)).metric, self.seed)
        start = 0
        for frame in self.frames():
            low, high = np.searchsorted(places, (start, start + frame.height))
            index.add(self.encoder.encode(frame[places[low:high] - start]).metric)
            start += frame.height
        return NearRows(index, places)

    @cached_property
    def sample(self) -> Block:
        """Give at most ``SAMPLE_ROWS`` drawn rows, in an order that their content decides."""
        return self.of(self.contents.places[:SAMPLE_ROWS])

    def of(self, places: Places) -> Block:
        """Encode some rows, in the order in which they are asked for."""
        ascending = np.sort(places)
        block = self.encode(self.rows_at(ascending), ascending)
        return block.take(np.searchsorted(ascending, places))

    def turned(self) -> Side:
        """Take this side for the other one; its index stays."""
        other = replace(self, is_reference=not self.is_reference)
        other.__dict__["near"] = self.near
        return other

    def rows_at(self, places: Places) -> pl.DataFrame:
        """Give the columns of some rows, in the order of the table; ``places`` ascend."""
        return rows_at(self.table, places, self.names)
