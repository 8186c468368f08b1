"""The rows of one side, encoded: in blocks, as a sample, and named by their content.

Which fold a row is in and whether it is drawn is decided by its content and by
how many equal rows stand before it, never by its place: the order of the rows
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collapse.columns import Choice
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.keys import Words, contents, row_keys, smallest
from qforge_jupyter.engine.collapse.rows import alike
from qforge_jupyter.frames.cell_hash import mix
from qforge_jupyter.frames.table import Table

Floats = NDArray[np.floating[Any]]
Places = NDArray[np.int64]

#: Every row is judged by models that have not seen it: those of the other folds.
N_FOLDS = 4
#: Rows of a side on which counts and models rest at most.
SAMPLE_ROWS = 20_000
BATCH_ROWS = 100_000


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

    """

    is_reference: bool
    places: Places = field(repr=False)
    cells: NDArray[np.uint16] = field(repr=False)
    features: NDArray[np.float32] = field(repr=False)
    metric: NDArray[np.float32] = field(repr=False)
    fold: NDArray[np.int8] = field(repr=False)

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
        )


@dataclass(frozen=True, eq=False)
class Side:
    """One side of the comparison.

    Parameters
    ----------
    table
        Its rows.
    encoder
        Fitted on both sides.
    words
        For each row a word that its content decides; equal rows have equal ones.
    is_reference
        Which side it is.
    seed
        Of folds and samples.

    """

    table: Table
    encoder: Encoder = field(repr=False)
    words: Words = field(repr=False)
    is_reference: bool
    seed: int = 42

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return self.table.n_rows

    def blocks(self) -> Iterator[Block]:
        """Give every row, in order."""
        start = 0
        for frame in self.table.batches(size=BATCH_ROWS):
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
            self._folds[places],
        )

    @cached_property
    def metric(self) -> NDArray[np.float32]:
        """Where each row lies, of all rows."""
        return np.concatenate(
            [self.encoder.encode(frame).metric for frame in self.table.batches(size=BATCH_ROWS)]
        )

    @cached_property
    def keys(self) -> Words:
        """For each row a word that is as good as random, the same in every order of the rows."""
        return row_keys(self.words, self.seed)

    @cached_property
    def _folds(self) -> NDArray[np.int8]:
        return (mix(self.keys, plus=1) % np.uint64(N_FOLDS)).astype(np.int8)

    @cached_property
    def sample(self) -> Block:
        """Give at most ``SAMPLE_ROWS`` drawn rows, in an order that their content decides."""
        drawn = smallest(self.keys, SAMPLE_ROWS)
        return self.of(drawn)

    def of(self, places: Places) -> Block:
        """Encode some rows, in the order in which they are asked for."""
        ascending = np.sort(places)
        block = self.encode(rows_at(self.table, ascending), ascending)
        return block.take(np.searchsorted(ascending, places))


def words_of(table: Table, choice: Choice) -> Words:
    """Hash what the rows hold in the columns that are compared."""
    names = [each.name for each in choice.chosen]
    batches = table.batches(size=BATCH_ROWS)
    found = [
        contents(alike(batch.select(exact(name) for name in names), choice)) for batch in batches
    ]
    return np.concatenate(found)


def rows_at(table: Table, places: Places) -> pl.DataFrame:
    """Give some rows as they are, in the order of the table; ``places`` ascend."""
    if "frame" in table.__dict__:
        return table.frame[places]
    found, start = [], 0
    for frame in table.batches(size=BATCH_ROWS):
        low, high = np.searchsorted(places, (start, start + frame.height))
        found.append(frame[places[low:high] - start])
        start += frame.height
    return pl.concat(found)
