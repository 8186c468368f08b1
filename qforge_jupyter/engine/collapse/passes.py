"""One side of a check, read batch by batch in bounded memory.

The first pass gives each row its key and its bucket by its content, keeps the rows with the
smallest keys as a sample, and the marks by which copies are counted. When both sides' samples
have taught the code of the columns, the second pass counts cells bucket by bucket. Of a row,
a byte is kept between the passes, its bucket; beyond `KEPT_ROWS` nothing is kept, and rows are
dealt anew, to the same buckets. Where an order is declared, its column is held as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collapse.along import Axis
from qforge_jupyter.engine.collapse.columns import Choice
from qforge_jupyter.engine.collapse.copying import Marks, MarksSeen
from qforge_jupyter.engine.collapse.keys import Keys, Words, contents
from qforge_jupyter.engine.collapse.moments import Folding, Sums, buckets_of
from qforge_jupyter.engine.collapse.rows import Rows, alike
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.cell_hash import mix

#: Rows of a side that are kept to be looked at one by one, where both are as large.
SAMPLED_ROWS = 100_000
#: Rows of a side whose buckets are kept between the passes.
KEPT_ROWS = 1 << 24
#: The bucket of rows that are left out of the sums.
NONE = np.uint8(255)
#: Called with the rows that were read.
Tell = Callable[[int], None]


@dataclass(frozen=True)
class Dealing:
    """How the rows of one side are read and dealt.

    Parameters
    ----------
    choice
        The compared columns.
    groups
        A column whose equal values are dealt together.
    axis
        The order whose segments are dealt.
    n_buckets, of_buckets
        Buckets of this side, and of both.
    share
        Share of the rows that is summed; the same rows whatever their order.
    seed
        Of the keys.
    is_together
        Whether equal rows are dealt together, where neither groups nor an order say how.

    """

    choice: Choice
    groups: str
    axis: Axis | None
    n_buckets: int
    of_buckets: int
    share: float
    seed: int
    is_together: bool = False

    @property
    def names(self) -> list[str]:
        """Columns that are read."""
        extra = [self.groups] if self.groups else []
        if self.axis is not None:
            extra.append(self.axis.name)
        return list(dict.fromkeys([*(each.name for each in self.choice.chosen), *extra]))

    def rows(self, frame: pl.DataFrame, keys: Keys) -> Rows:
        """Give each row its content, key and bucket."""
        words = contents(alike(frame, self.choice))
        own = keys.of(words)
        dealt = self._buckets(frame, words if self.is_together else own)
        return Rows(frame, words, own, dealt, self.n_buckets)

    def dealt(self, rows: Rows) -> NDArray[np.uint8]:
        """Give the bucket of each row, and `NONE` where it is not summed."""
        buckets = rows.buckets.astype(np.uint8)
        return buckets if self.share >= 1 else np.where(self._is_summed(rows), buckets, NONE)

    def _is_summed(self, rows: Rows) -> NDArray[np.bool_]:
        """Choose a share of the rows: whole groups, and runs of consecutive rows."""
        if self.axis is not None:
            return self.axis.is_summed(rows.frame, rows.buckets)
        keys = rows.keys
        if self.groups:
            keys = mix(contents(rows.frame.select(exact(self.groups))), plus=self.seed)
        found: NDArray[np.bool_] = keys < np.uint64(min(self.share, 1.0) * (2**64 - 2**11))
        return found

    def _buckets(self, frame: pl.DataFrame, keys: Words) -> NDArray[np.int64]:
        if self.axis is not None:
            return self.axis.segments(frame)
        by = contents(frame.select(exact(self.groups))) if self.groups else keys
        return buckets_of(by, self.n_buckets)


@dataclass(frozen=True)
class Side:
    """One side after the first pass.

    Parameters
    ----------
    table, dealing
        What was read, and how.
    sample
        The rows with the smallest keys, in their order.
    marks
        What copies are counted by, of all rows.
    n_rows
        Rows that are summed.
    buckets
        The bucket of each row, ``uint8``; `NONE` where it is not summed. None where there are
        too many rows to keep them.

    """

    table: Table
    dealing: Dealing
    sample: Rows
    marks: Marks
    n_rows: int
    buckets: NDArray[np.uint8] | None = field(repr=False)

    @classmethod
    def read(
        cls,
        table: Table,
        dealing: Dealing,
        tell: Tell,
        *,
        sampled: int | None = None,
        marked: int | None = None,
    ) -> Side:
        """Read the rows for the first time.

        Parameters
        ----------
        table, dealing
            What is read, and how.
        tell
            Called with the rows that were read.
        sampled, marked
            Rows that are sampled, where both sides are as large, and whose marks are held at
            most; so many as a check needs if nothing else is said.

        """
        keys, marks = Keys(dealing.seed), MarksSeen(dealing.n_buckets, marked)
        # As many rows a bucket on either side: what the buckets hold has to be alike.
        rows_each = SAMPLED_ROWS if sampled is None else sampled
        seen = _Smallest(round(2 * rows_each * dealing.n_buckets / dealing.of_buckets))
        buckets: list[NDArray[np.uint8]] = []
        n_rows = 0
        for frame in table.batches(dealing.names):
            rows = dealing.rows(frame, keys)
            marks.add(rows.words, rows.buckets.astype(np.uint8))
            own = dealing.dealt(rows)
            is_summed = own != NONE
            seen.add(rows if is_summed.all() else rows.at(np.flatnonzero(is_summed)))
            n_rows += int(is_summed.sum())
            if table.n_rows <= KEPT_ROWS:
                buckets.append(own)
            tell(frame.height)
        kept = np.concatenate(buckets) if buckets else None
        return cls(table, dealing, seen.rows(), marks.marks(), n_rows, kept)

    def sums(self, folding: Folding, tell: Tell) -> Sums:
        """Read the rows again and sum them, bucket by bucket."""
        n_buckets = self.dealing.n_buckets
        counts = folding.none(n_buckets)
        for frame, buckets in self._summed(tell):
            counts = counts.merged(folding.count(folding.encoder.encode(frame), buckets, n_buckets))
        sample = self.sample
        return folding.relate(
            counts, folding.encoder.encode(sample.frame), sample.buckets, n_buckets
        )

    def _summed(self, tell: Tell) -> Iterator[tuple[pl.DataFrame, NDArray[np.int64]]]:
        start, keys = 0, Keys(self.dealing.seed)
        for frame in self.table.batches(self.dealing.names):
            if self.buckets is None:
                buckets = self.dealing.dealt(self.dealing.rows(frame, keys))
            else:
                buckets = self.buckets[start : start + frame.height]
            start += frame.height
            is_summed = buckets != NONE
            held = frame if is_summed.all() else frame.filter(pl.Series(is_summed))
            yield held, buckets[is_summed].astype(np.int64)
            tell(frame.height)


class _Smallest:
    """The rows with the smallest keys of all that came so far."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Rows | None = None
        self._limit: np.uint64 | None = None

    def add(self, rows: Rows) -> None:
        if self._limit is not None:
            rows = rows.at(np.flatnonzero(rows.keys < self._limit))
        held = rows if self._held is None else self._held.joined(rows)
        self._held = held.sample(self._most)
        if len(self._held.keys) == self._most:
            self._limit = self._held.keys[-1]

    def rows(self) -> Rows:
        if self._held is None:
            raise ValueError("no rows were read")
        return self._held
