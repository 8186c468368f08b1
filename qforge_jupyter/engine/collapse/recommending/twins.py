"""Rows that are, or nearly are, rows of the reference or other rows: counted, and pointed at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.columns import Choice
from qforge_jupyter.engine.collapse.copying import TOLERATED, Marks, find_copies
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.keys import contents, row_keys
from qforge_jupyter.engine.collapse.moments import BUCKETS, buckets_of
from qforge_jupyter.engine.collapse.near_copies import (
    NearCopies,
    Nearest,
    Placed,
    near_copies,
    near_repeats,
    nearest,
    with_near,
)
from qforge_jupyter.engine.collapse.rows import alike
from qforge_jupyter.results.collapse import Copying

Places = NDArray[np.int64]
#: Rows of either side among which near copies are counted.
LOOKED_AT = 20_000
NONE: Places = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Twins:
    """All rows of the reference, as something that rows can be copies of.

    Which rows are copies is not learned: so it is asked of the whole reference, also of the
    half that judges.
    """

    encoder: Encoder
    choice: Choice
    seed: int
    marks: Marks = field(repr=False)
    placed: Placed = field(repr=False)

    @classmethod
    def of(cls, reference: pl.DataFrame, encoder: Encoder, choice: Choice, seed: int) -> Twins:
        """Hash and place the rows of the reference."""
        return cls(encoder, choice, seed, *_both(reference, encoder, choice, seed))

    def count(self, frame: pl.DataFrame, part: float = 1.0) -> Copying:
        """Count copies among rows that are a ``part`` of all rows, drawn at random."""
        marks, placed = _both(frame, self.encoder, self.choice, self.seed)
        some = [each.sample(LOOKED_AT) for each in (placed, self.placed)]
        parts = [len(each.keys) / max(len(all_.keys), 1)
                 for each, all_ in zip(some, (placed, self.placed), strict=True)]  # fmt: skip
        found = find_copies(marks, self.marks)
        # Of rows with a twin, a sample shows those only whose twin it has as well.
        found = replace(
            found,
            share_repeated=min(1.0, found.share_repeated / part),
            least_repeated=min(1.0, found.least_repeated / part),
        )
        return with_near(found, some[0], some[1], (part * parts[0], parts[1]))

    def share_copied(self, frame: pl.DataFrame) -> float:
        """Give the share of rows that are rows of the reference."""
        words = contents(alike(frame, self.choice))
        return float(np.isin(words, self.marks.words).mean()) if len(words) else 0.0

    def copied(self, frame: pl.DataFrame) -> Places:
        """Point at rows that nearly are rows of the reference: as many as are not natural.

        At none where no more of them are proven than the check tolerates.
        """
        placed = self._placed(frame)
        found = near_copies(placed, self.placed)
        if found.least <= TOLERATED:
            return NONE
        return _surplus(nearest(placed, self.placed, is_within=False), found)

    def repeated(self, frame: pl.DataFrame) -> Places:
        """Point at rows that nearly are other rows, all of each lot but one."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        placed = self._placed(frame)
        found = near_repeats(placed, self.placed)
        if found.least <= TOLERATED:
            return NONE
        own = nearest(placed, placed, is_within=True)
        rows = _surplus(own, found)
        n = len(own.ratios)
        links = coo_array((np.ones(len(rows)), (rows, own.places[rows])), shape=(n, n))
        _, lots = connected_components(links, directed=False)
        _, first = np.unique(lots, return_index=True)
        return np.setdiff1d(np.arange(n), first)

    def _placed(self, frame: pl.DataFrame) -> Placed:
        return _both(frame, self.encoder, self.choice, self.seed)[1]


def _both(frame: pl.DataFrame, encoder: Encoder, choice: Choice, seed: int) -> tuple[Marks, Placed]:
    words = contents(alike(frame, choice))
    keys = row_keys(words, seed)
    buckets = buckets_of(keys, BUCKETS // 2)
    marks = Marks(words, buckets.astype(np.uint8), BUCKETS // 2, len(words))
    return marks, Placed(encoder.encode(frame).metric, keys, buckets)


def _surplus(own: Nearest, found: NearCopies) -> Places:
    """Take the rows that are nearest to another, as many as go beyond what is natural."""
    share = float((own.ratios < found.ratio).mean())
    n = round(len(own.ratios) * found.told * max(0.0, share - found.natural) / found.room)
    return np.argsort(own.ratios, kind="stable")[:n]
