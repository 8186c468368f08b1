"""What the rows of a side hold, in nine bytes of each: a word in order, and the fold."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collapse.columns import Choice
from qforge_jupyter.engine.collapse.keys import Keys, Words, contents, smallest
from qforge_jupyter.engine.collapse.rows import alike
from qforge_jupyter.frames.cell_hash import mix
from qforge_jupyter.frames.table import Table

Places = NDArray[np.int64]

#: Every row is judged by models that have not seen it: those of the other folds.
N_FOLDS = 4
#: Rows that are judged at once: who stops keeps those that were.
BATCH_ROWS = 20_000
#: Rows whose places and keys are held, so that samples can be taken.
DRAWN_ROWS = 1 << 20


@dataclass(frozen=True, eq=False)
class Contents:
    """What one side holds.

    Parameters
    ----------
    words
        A word for each row that its content decides, equal rows having equal ones; in order.
    folds
        The fold of each row, ``int8``.
    places, keys
        The rows with the smallest keys, by these, and the keys: as good as random, and the same
        in every order of the rows.

    """

    words: Words = field(repr=False)
    folds: NDArray[np.int8] = field(repr=False)
    places: Places = field(repr=False)
    keys: Words = field(repr=False)

    @classmethod
    def read(cls, table: Table, choice: Choice, seed: int) -> Contents:
        """Read the columns that are compared, batch by batch."""
        names = [each.name for each in choice.chosen]
        drawing = Keys(seed)
        words, folds = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int8)]
        places, drawn, start = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64), 0
        for frame in table.batches(names, BATCH_ROWS):
            own = contents(alike(frame, choice))
            keys = drawing.of(own)
            words.append(own)
            folds.append((mix(keys, plus=1) % np.uint64(N_FOLDS)).astype(np.int8))
            places = np.append(places, np.arange(start, start + frame.height))
            drawn = np.append(drawn, keys)
            start += frame.height
            if len(drawn) > 2 * DRAWN_ROWS:
                kept = smallest(drawn, DRAWN_ROWS)
                places, drawn = places[kept], drawn[kept]
        every = np.concatenate(words)
        every.sort()
        kept = smallest(drawn, DRAWN_ROWS)
        return cls(every, np.concatenate(folds), places[kept], drawn[kept])

    def equal_rows(self, words: Words) -> NDArray[np.int64]:
        """Count for each word how often a row holds it.

        Examples
        --------
        >>> none = np.zeros(0, dtype=np.int64)
        >>> held = Contents(np.array([7, 7, 9], dtype=np.uint64), none, none, none)
        >>> held.equal_rows(np.array([9, 7, 8], dtype=np.uint64)).tolist()
        [1, 2, 0]

        """
        last = np.searchsorted(self.words, words, "right")
        return (last - np.searchsorted(self.words, words)).astype(np.int64)


def rows_at(table: Table, places: Places, names: list[str]) -> pl.DataFrame:
    """Give some rows as they are, in the order of the table; ``places`` ascend."""
    if "frame" in table.__dict__:
        found: pl.DataFrame = table.frame[places].select(exact(name) for name in names)
        return found
    parts, start = [], 0
    for frame in table.batches(names, BATCH_ROWS):
        low, high = np.searchsorted(places, (start, start + frame.height))
        parts.append(frame[places[low:high] - start])
        start += frame.height
    return pl.concat(parts)
