"""Draw with replacement: the replicates of a bootstrap, in bounded memory.

All ways are exact. Whole resamples come a block at a time. Sums come from
multinomial counts where values repeat; of many values they come from pieces of
2¹⁴: how many draws fall into each piece is multinomial, and inside it random
bits are positions, so that all stays in the processor's cache. Order statistics
come from those of uniform draws and need no resample at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.results.progress import Progress

Floats = NDArray[np.float64]

#: Draws held at once where one resample has fewer: half a megabyte of positions.
BLOCK_DRAWS = 1 << 16
#: Values in a piece; a power of two, so that 14 random bits are a position.
PIECE_BITS = 14
#: Counts pay where values repeat so often on average.
REPEATS = 8


def generator(seed: int) -> np.random.Generator:
    """Make the generator of all draws: SFC64, the fastest of NumPy's."""
    return np.random.Generator(np.random.SFC64(seed))


def draw_statistic(
    values: Floats,
    statistic: Callable[[Floats], Floats],
    n_resamples: int,
    rng: np.random.Generator,
    progress: Progress,
) -> Floats:
    """Compute a statistic of whole resamples, a block of them at a time.

    Parameters
    ----------
    values
        n values, or n rows of several.
    statistic
        Takes (resamples, n) or (resamples, n, several), gives one number each.
    n_resamples, rng, progress
        As everywhere.

    """
    n = len(values)
    at_once = max(1, BLOCK_DRAWS // n)
    replicates = np.empty(n_resamples)
    for start in range(0, n_resamples, at_once):
        progress(start, n_resamples, "resamples")
        size = min(at_once, n_resamples - start)
        positions = rng.integers(0, n, (size, n))
        replicates[start : start + size] = statistic(values.take(positions, axis=0, mode="clip"))
    progress(n_resamples, n_resamples, "resamples")
    return replicates


def draw_sums(
    values: Floats, *, squares: bool, n_resamples: int, rng: np.random.Generator, progress: Progress
) -> tuple[Floats, Floats]:
    """Draw the sum of n values, and of their squares if asked for."""
    if len(values) >= REPEATS**2 * 16:
        distinct, counts = np.unique(values, return_counts=True)
        if len(distinct) * REPEATS <= len(values):
            return draw_sums_of_counts(distinct, counts, n_resamples, rng)
    if len(values) > BLOCK_DRAWS:
        return _draw_sums_of_pieces(
            values, squares=squares, n_resamples=n_resamples, rng=rng, progress=progress
        )
    n, at_once = len(values), BLOCK_DRAWS // len(values)
    sums, sums_of_squares = np.zeros(n_resamples), np.zeros(n_resamples)
    for start in range(0, n_resamples, at_once):
        progress(start, n_resamples, "resamples")
        block = slice(start, min(start + at_once, n_resamples))
        drawn = values.take(rng.integers(0, n, (block.stop - start, n)), mode="clip")
        sums[block] = drawn.sum(axis=1)
        if squares:
            sums_of_squares[block] = np.einsum("ij,ij->i", drawn, drawn)
    progress(n_resamples, n_resamples, "resamples")
    return sums, sums_of_squares


def _draw_sums_of_pieces(
    values: Floats, *, squares: bool, n_resamples: int, rng: np.random.Generator, progress: Progress
) -> tuple[Floats, Floats]:
    n, pieces, start = len(values), [], 0
    while start < n:
        size = 1 << min(PIECE_BITS, (n - start).bit_length() - 1)
        pieces.append(values[start : start + size])
        start += size
    shares = np.array([len(piece) for piece in pieces]) / n
    sums, sums_of_squares = np.zeros(n_resamples), np.zeros(n_resamples)
    for resample in range(n_resamples):
        progress(resample, n_resamples, "resamples")
        for piece, n_drawn in zip(pieces, rng.multinomial(n, shares).tolist(), strict=True):
            words = rng.bit_generator.random_raw((n_drawn + 3) // 4)
            positions = words.view(np.uint16)[:n_drawn] & np.uint16(len(piece) - 1)
            drawn = piece.take(positions, mode="clip")
            sums[resample] += drawn.sum()
            if squares:
                # einsum: BLAS would start threads for so little work.
                sums_of_squares[resample] += np.einsum("i,i->", drawn, drawn)
    progress(n_resamples, n_resamples, "resamples")
    return sums, sums_of_squares


def draw_sums_of_counts(
    distinct: Floats, counts: NDArray[np.int64], n_resamples: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw the same where values repeat: how often each is drawn is multinomial."""
    n = int(counts.sum())
    at_once = max(1, 16 * BLOCK_DRAWS // len(distinct))
    powers = np.stack([distinct, distinct**2], axis=1)
    parts = [
        rng.multinomial(n, counts / n, size=min(at_once, n_resamples - start)) @ powers
        for start in range(0, n_resamples, at_once)
    ]
    drawn = np.concatenate(parts).astype(np.float64, copy=False)
    return drawn[:, 0], drawn[:, 1]


def draw_ranks(
    ordered: Floats, ranks: Sequence[int], n_resamples: int, rng: np.random.Generator
) -> Floats:
    """Draw order statistics of resamples without drawing the resamples.

    A resample of sorted data is uniform draws U, each read as the value at
    ⌊nU⌋. Its order statistics are those of the uniforms, which follow Beta
    distributions, one conditional on the one below it (H. A. David & H. N.
    Nagaraja, Order Statistics, 3rd ed. 2003, §2.5).

    Parameters
    ----------
    ordered
        The n values, sorted.
    ranks
        Ranks wanted, ascending, counted from 0.
    n_resamples, rng
        As everywhere.

    Returns
    -------
    numpy.ndarray
        One row for each resample, one column for each rank.

    """
    n, below, floor = len(ordered), -1, np.zeros(n_resamples)
    drawn = np.empty((n_resamples, len(ranks)))
    for column, rank in enumerate(ranks):
        floor = floor + (1 - floor) * rng.beta(rank - below, n - rank, n_resamples)
        positions = np.minimum((n * floor).astype(np.int64), n - 1)
        drawn[:, column] = ordered[positions]
        below = rank
    return drawn
