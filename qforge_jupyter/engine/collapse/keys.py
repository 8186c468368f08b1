"""A random number for each row that its content decides, not its place.

Equal rows get different numbers by counting them, so the rows of a table draw independent
numbers, and the order in which they stand changes nothing.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.frames.cell_hash import mix, struct_cells

Words = NDArray[np.uint64]
#: Rows over which occurrences of one content are counted.
BLOCK = 1 << 24


def contents(rows: pl.DataFrame) -> Words:
    """Hash each row's content into 64 bits, the same on both sides.

    Examples
    --------
    >>> a, b, c = contents(pl.DataFrame({"x": [1, 2, 1]}))
    >>> bool(a == c), bool(a == b)
    (True, False)

    """
    first, second = struct_cells(rows)
    return mix(first + mix(second))


def multiplicities(words: Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Say how often each word occurs, and which of its occurrences each one is.

    Examples
    --------
    >>> words = np.array([7, 9, 7, 7], dtype=np.uint64)
    >>> [each.tolist() for each in multiplicities(words)]
    [[3, 1, 3, 3], [0, 0, 1, 2]]

    """
    order = np.argsort(words, kind="stable")
    held = words[order]
    is_new = np.concatenate([[True], held[1:] != held[:-1]])[: len(held)]
    starts = np.flatnonzero(is_new)
    sizes = np.diff(np.append(starts, len(held)))
    times = np.empty(len(words), dtype=np.int64)
    which = np.empty(len(words), dtype=np.int64)
    times[order] = np.repeat(sizes, sizes)
    which[order] = np.arange(len(held)) - np.repeat(starts, sizes)
    return times, which


def row_keys(words: Words, seed: int) -> Words:
    """Draw a random number for each row from its content and its occurrence."""
    return Keys(seed).of(words)


class Keys:
    """Draws the same numbers for rows that come batch by batch.

    Occurrences are counted over blocks of `BLOCK` rows, so that memory stays bounded; within
    a block, the order of the rows changes nothing.

    Examples
    --------
    >>> words = np.array([7, 9, 7, 7, 9], dtype=np.uint64)
    >>> keys = Keys(seed=1)
    >>> parts = [keys.of(words[:2]), keys.of(words[2:])]
    >>> bool((np.sort(np.concatenate(parts)) == np.sort(row_keys(words, 1))).all())
    True

    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._block = 0
        self._n = 0
        #: Words of earlier batches of the block, in sorted runs.
        self._runs: list[Words] = []

    def of(self, words: Words) -> Words:
        """Draw a number for each row of the next batch."""
        if self._n and self._n + len(words) > BLOCK:
            self._block, self._n, self._runs = self._block + 1, 0, []
        order = np.argsort(words, kind="stable")
        held = words[order]
        before = np.arange(len(held)) - np.searchsorted(held, held)
        for run in self._runs:
            before += np.searchsorted(run, held, "right") - np.searchsorted(run, held)
        which = np.empty(len(words), dtype=np.uint64)
        which[order] = before.astype(np.uint64) + np.uint64(self._block << 32)
        self._keep(held)
        return mix(words + mix(which, plus=self._seed), plus=self._seed)

    def _keep(self, held: Words) -> None:
        self._n += len(held)
        self._runs.append(held)
        # Runs double in length, so each word is merged a few times only.
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            self._runs[-2:] = [np.sort(np.concatenate(self._runs[-2:]), kind="stable")]


def smallest(keys: Words, n: int) -> NDArray[np.int64]:
    """Give the places of the ``n`` smallest keys, by key: a sample that the content decides.

    Examples
    --------
    >>> smallest(np.array([5, 1, 3], dtype=np.uint64), 2).tolist()
    [1, 2]

    """
    if n < len(keys):
        chosen = np.argpartition(keys, n)[:n]
        return chosen[np.argsort(keys[chosen], kind="stable")]
    return np.argsort(keys, kind="stable")
