"""From a score of any scale to how seldom the reference reaches it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

#: The exponential tail begins at this share of the null, and goes on so far below 1 / n.
TAIL, FURTHEST = 0.1, 1e-3
#: Evidence beyond this many nats counts as much.
MOST_EVIDENCE = 9.0


def evidence(scores: Scores, null: Scores) -> Scores:
    """Give -log of the share of the null that is as high, in nats and at most 9.

    In the highest tenth of the null and beyond, an exponential tail of the same
    mean excess goes on where single values of the null would be too coarse.

    Parameters
    ----------
    scores
        Of the rows to be judged.
    null
        Of rows of the reference, judged alike.

    Examples
    --------
    >>> null = np.arange(99.0)
    >>> evidence(np.array([49.0, 98.0, 500.0]), null).round(1).tolist()
    [0.7, 4.6, 9.0]

    """
    ordered = np.sort(null)
    n = len(ordered)
    below = np.searchsorted(ordered, scores, "left")
    at_or_below = np.searchsorted(ordered, scores, "right")
    share = (2 * n - below - at_or_below + 1) / (2 * n + 2)
    n_tail = max(5, round(TAIL * n))
    start = ordered[-n_tail] if n >= n_tail else ordered[0]
    bulk = (np.quantile(ordered, 0.9) - np.quantile(ordered, 0.5)) / np.log(5)
    excess = max(float((ordered[-n_tail:] - start).mean()), 0.5 * float(bulk), 1e-9)
    tail = n_tail / n * np.exp(-np.maximum(scores - start, 0) / excess)
    extended = np.maximum(np.minimum(share, tail), FURTHEST / n)
    share = np.where(scores > start, extended, share)
    return np.clip(-np.log(share), 0.0, MOST_EVIDENCE)
