"""All pairs of rows within a Euclidean distance, each once, found exactly.

Rows are sorted by the one column in which the fewest others lie within the
distance: two rows further apart in a single column are further apart in all of
them, so that each is compared by FAISS with those of its window only. The
result is that of comparing every pair; the time is quadratic where one window
holds most rows, and too long a search is refused before it begins.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.splitters import Codes
from qforge_jupyter.errors import CallError, blaming
from qforge_jupyter.results.progress import Progress

Points = NDArray[np.float32]
Pairs = tuple[Codes, Codes]
#: Rows that are compared with their window at a time, and pairs that are held at most.
QUERY_ROWS, MOST_PAIRS = 2_048, 20_000_000
#: Multiplications of a search that is not begun: about ten minutes of one core (measured).
MOST_WORK = 3e12


def near_numbers(values: Points, within: float, say: Progress) -> Iterator[Pairs]:
    """Give the pairs of rows within a distance, block by block.

    Raises
    ------
    CallError
        There are too many rows to be compared.

    Examples
    --------
    >>> line = np.array([[0.0], [3.0], [0.1]], dtype=np.float32)
    >>> [(a.tolist(), b.tolist()) for a, b in near_numbers(line, 0.2, lambda *_: None)]
    [([0], [2])]

    """
    import faiss

    if not len(values):
        return
    # Single precision: what is within by a rounding counts as within.
    radius = float(np.nextafter(np.float32(within) ** 2 * np.float32(1 + 1e-6), np.float32(np.inf)))
    reach = float(np.sqrt(radius)) * (1 + 1e-6)
    column, order = _narrowest(values, reach)
    sorted_ = np.ascontiguousarray(values[order])
    keys = sorted_[:, column].astype(np.float64)
    widest = int((np.searchsorted(keys, keys + reach, side="right") - np.arange(len(keys))).max())
    n_queries = int(np.clip(MOST_PAIRS // widest, 1, QUERY_ROWS))
    starts = np.arange(0, len(keys), n_queries)
    last = np.minimum(starts + n_queries, len(keys)) - 1
    ends = np.searchsorted(keys, keys[last] + reach, side="right")
    _refuse_too_many(float((ends - starts).sum()) * n_queries * values.shape[1], len(values))
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        say(start, len(keys), "rows compared")
        index = faiss.IndexFlatL2(values.shape[1])
        index.add(sorted_[start:end])
        limits, _, found = index.range_search(sorted_[start : start + n_queries], radius)
        borders = limits.astype(np.int64)
        counts = borders[1:] - borders[:-1]
        first = np.repeat(np.arange(len(counts)), counts)
        is_later = found > first  # each pair once; nobody is near to itself
        yield order[start + first[is_later]], order[start + found[is_later]]
    say(len(keys), len(keys), "rows compared")


def _narrowest(values: Points, reach: float) -> tuple[int, Codes]:
    """Find the column in which the fewest rows lie within reach, and sort by it."""
    widths = []
    for column in range(values.shape[1]):
        keys = np.sort(values[:, column].astype(np.float64))
        widths.append(int((np.searchsorted(keys, keys + reach, side="right")).sum()))
    best = int(np.argmin(widths))
    return best, np.argsort(values[:, best], kind="stable")


def _refuse_too_many(work: float, n_rows: int) -> None:
    if work > MOST_WORK:
        with blaming("similar"):
            raise CallError(
                f"{n_rows:,} rows so near each other in every single column cannot be compared in "
                f"ten minutes, by {work / MOST_WORK:.1f} times: take a smaller distance or fewer "
                "rows, or add a column that tells them apart"
            )
