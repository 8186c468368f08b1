"""The rows of one side, encoded: in blocks, as a sample, and named by their content.

Which fold a row is in and whether it is drawn is decided by its content and by
how many equal rows stand before it, never by its place: the order of the rows
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.frames.cell_hash import mix
from qforge_jupyter.frames.table import Table

Floats = NDArray[np.floating[Any]]
Places = NDArray[np.int64]
Words = NDArray[np.uint64]

#: Every row is judged by models that have not seen it: those of the other folds.
N_FOLDS = 4
#: Rows of a side on which counts and models rest at most.
SAMPLE_ROWS = 20_000
BATCH_ROWS = 100_000


class Encoded(Protocol):
    """Rows as numbers: see `Encoding`."""

    cells: NDArray[np.uint16]
    features: NDArray[np.float32]
    metric: NDArray[np.float32]


class Encoding(Protocol):
    """What turns rows into cells, features of models, and places in a metric space."""

    @property
    def columns(self) -> Sequence[Any]:
        """The columns compared; each has a ``name`` and a ``kind``."""

    @property
    def feature_names(self) -> Sequence[tuple[str, str | None]]:
        """Of each feature its column, and the level that it marks."""

    def encode(self, frame: pl.DataFrame) -> Encoded:
        """Encode some rows."""


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
    encoding
        Fitted on both sides.
    is_reference
        Which side it is.
    seed
        Of folds and samples.

    """

    table: Table
    encoding: Encoding = field(repr=False)
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
        encoded = self.encoding.encode(frame)
        return Block(
            self.is_reference,
            places,
            encoded.cells,
            encoded.features,
            encoded.metric,
            self._folds[places],
        )

    @cached_property
    def _read(self) -> tuple[Words, NDArray[np.float32]]:
        """Read all rows once: what names each by its content, and where it lies."""
        marks, metric = [], []
        for frame in self.table.batches(size=BATCH_ROWS):
            encoded = self.encoding.encode(frame)
            marks.append(_marks(encoded))
            metric.append(encoded.metric)
        if not marks:
            return np.empty(0, dtype=np.uint64), np.empty((0, 1), dtype=np.float32)
        return np.concatenate(marks), np.concatenate(metric)

    @property
    def marks(self) -> Words:
        """For each row a word that its content decides; equal rows have equal ones."""
        return self._read[0]

    @property
    def metric(self) -> NDArray[np.float32]:
        """Where each row lies, of all rows."""
        return self._read[1]

    @cached_property
    def keys(self) -> Words:
        """For each row a word that is as good as random, the same in every order of the rows."""
        marks = pl.Series(self.marks)
        nth = pl.DataFrame({"mark": marks}).select(pl.int_range(pl.len()).over("mark")).to_series()
        return mix(self.marks + mix(nth.to_numpy().astype(np.uint64), plus=self.seed + 1))

    @cached_property
    def _folds(self) -> NDArray[np.int8]:
        return (mix(self.keys, plus=1) % np.uint64(N_FOLDS)).astype(np.int8)

    @cached_property
    def sample(self) -> Block:
        """Give at most ``SAMPLE_ROWS`` drawn rows, in an order that their content decides."""
        order = np.argsort(self.keys, kind="stable")[:SAMPLE_ROWS]
        rows = self.rows(np.sort(order))
        return self.encode(rows, np.sort(order)).take(np.argsort(np.argsort(order)))

    def rows(self, places: Places) -> pl.DataFrame:
        """Give some rows as they are, in the order of the table; ``places`` ascend."""
        if "frame" in self.table.__dict__:
            return self.table.frame[places]
        found, start = [], 0
        for frame in self.table.batches(size=BATCH_ROWS):
            low, high = np.searchsorted(places, (start, start + frame.height))
            found.append(frame[places[low:high] - start])
            start += frame.height
        return pl.concat(found)


def _marks(encoded: Encoded) -> Words:
    """Hash what a row is encoded as.

    Cells tell every level of a category apart, the metric space numbers that share a cell.
    """
    marks = np.zeros(len(encoded.cells), dtype=np.uint64)
    metric = (encoded.metric + np.float32(0)).view(np.uint32)
    for words in (encoded.cells, metric):
        for column in range(words.shape[1]):
            marks = mix(marks + words[:, column].astype(np.uint64), plus=column + 1)
    return marks
