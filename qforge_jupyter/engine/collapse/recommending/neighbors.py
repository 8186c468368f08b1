"""Rows of the reference beside rows near them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
#: Of so many nearest one is drawn.
NEAREST = 5
#: Rows among which neighbors are looked for.
MOST_ROWS = 20_000


def pairs_of_near_rows(
    metric: NDArray[np.float32], n: int, chance: np.random.Generator
) -> tuple[Places, Places]:
    """Draw ``n`` rows, each as often as the others, and beside each one of its nearest.

    Examples
    --------
    >>> metric = np.array([[0.0], [0.1], [5.0], [5.1]], dtype=np.float32)
    >>> first, second = pairs_of_near_rows(metric[:2], 4, np.random.default_rng(0))
    >>> sorted(first.tolist()), bool((first != second).all())
    ([0, 0, 1, 1], True)

    """
    import faiss

    drawn = chance.permutation(len(metric))[:MOST_ROWS]
    rounds = -(-n // len(drawn))
    first = np.concatenate([chance.permutation(len(drawn)) for _ in range(rounds)])[:n]
    k = min(NEAREST + 1, len(drawn))
    index = faiss.IndexFlatL2(metric.shape[1])
    index.add(metric[drawn])
    _, found = index.search(metric[drawn], k)
    # The row itself stands among its nearest, first but for equal rows: it is passed over.
    others = found[:, 1:] if k > 1 else found
    is_self = others == np.arange(len(drawn))[:, None]
    others = np.where(is_self, found[:, :1], others)
    second = others[first, chance.integers(others.shape[1], size=n)]
    return drawn[first].astype(np.int64), drawn[second].astype(np.int64)
