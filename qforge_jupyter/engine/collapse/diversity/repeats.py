"""How many rows a table is worth when rows repeat each other or count unequally."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.estimates import Estimate, mean_of
from qforge_jupyter.engine.collapse.keys import Words, multiplicities

Floats = NDArray[np.float64]


def effective_size(words: Words, weights: Floats | None = None) -> float:
    """Give ``(Σw)² / Σw²`` over different contents, each with the weights of all its rows.

    Without weights that is ``n² / Σ multiplicity²``: rows repeated r times are worth n/r.

    Examples
    --------
    >>> effective_size(np.array([1, 1, 2, 2], dtype=np.uint64))
    2.0
    >>> effective_size(np.array([1, 2], dtype=np.uint64), np.array([3.0, 1.0]))
    1.6

    """
    held = np.ones(len(words)) if weights is None else weights
    sums = pl.DataFrame({"word": words, "weight": held}).group_by("word").agg(pl.sum("weight"))
    total = sums["weight"].to_numpy()
    return float(total.sum() ** 2 / max((total**2).sum(), 1e-300))


def effective_share(words: Words, buckets: NDArray[np.integer], size: int) -> Estimate:
    """Give the effective size of a sample of ``size`` rows, as a share of it.

    All rows give the chance that two of them are equal, so tables of different sizes are
    compared at the same one.

    Examples
    --------
    >>> words = np.repeat(np.arange(100, dtype=np.uint64), 4)
    >>> effective_share(words, np.arange(400) % 10, 400).value
    0.25

    """
    n = len(words)
    if n < 2:
        return Estimate(1.0, 0.0, 1.0)
    times, _ = multiplicities(words)
    met = (times - 1) / (n - 1)
    worth = 1 / (1 + (size - 1) * float(met.mean()))
    added = -2 * (size - 1) * worth**2 * (met - met.mean())
    return mean_of(added, worth, buckets)
