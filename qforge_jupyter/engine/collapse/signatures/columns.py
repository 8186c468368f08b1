"""What single columns say: place, spread, shape, tails, grids, levels, nulls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.signatures.summaries import (
    beyond,
    log_ratio,
    pressed,
    told,
    told_each,
)
from qforge_jupyter.engine.collapse.signatures.traces import Traces

Floats = NDArray[np.float64]
#: Ranks of the reference at which both sides' numbers are compared.
RANKS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
#: Share below which a level is rare.
RARE = 0.05


def of_columns(traces: Traces) -> dict[str, Floats]:
    """Summarise what the columns say: numbers, levels and nulls apart."""
    layout = traces.layout
    parts = np.split(np.arange(len(layout.column)), layout.starts[1:])
    numbers, levels = [], []
    for column, cells in enumerate(parts):
        counts = traces.counts[:, cells[:-1]]
        if column == traces.target or counts.sum(1).min() < 1:
            continue
        if layout.is_number[column]:
            numbers.append(_number(counts, layout.scores[cells[:-1]]))
        else:
            levels.append(_level(counts))
    return {
        "numbers": told_each(np.array(numbers).reshape(-1, N_NUMBER)),
        "levels": told_each(np.array(levels).reshape(-1, N_LEVEL)),
        "nulls": _nulls(traces),
        "kinds": np.array([len(numbers) > 0, len(levels) > 0], dtype=float) / 4,
    }


#: Effects of a number, and of a category.
N_NUMBER = 9 + len(RANKS)
N_LEVEL = 5


def _number(counts: Floats, scores: Floats) -> Floats:
    """Give the effects of one number; the cells are in their order."""
    totals = counts.sum(1)
    shares = counts / totals[:, None]
    noise = float(np.sqrt((1 / totals).sum()))
    means = shares @ scores
    apart = scores - means[:, None]
    squares = (shares * apart**2).sum(1)
    tails = (shares * apart**4).sum(1) / np.maximum(squares, 0.02) ** 2
    below = np.cumsum(shares, axis=1)
    distance = np.abs(below[0] - below[1])
    rough, occupied = _roughness(counts), _occupied(counts)
    return np.concatenate(
        [
            pressed(beyond(abs(means[0] - means[1]), noise / 2), 0.1)[None],
            pressed(beyond(log_ratio(squares[0], squares[1], 0.01), 1.4 * noise), 0.2)[None],
            pressed(beyond(log_ratio(tails[0], tails[1], 0.5), 3 * noise), 0.2)[None],
            pressed(beyond(distance.max(), noise / 2), 0.1)[None],
            pressed(beyond(shares.max(1)[0] - shares.max(1)[1], noise / 2), 0.05)[None],
            pressed(rough[0] - rough[1], 0.05)[None],
            pressed(log_ratio(occupied[0], occupied[1], 0.5), 0.2)[None],
            pressed(_outer(shares, below, noise), 0.3),
            pressed(beyond(_moves(below, scores), noise), 0.1),
        ]
    )


def _roughness(counts: Floats) -> Floats:
    """Say how much neighboring cells differ beyond chance, as a share of all rows."""
    steps = np.diff(counts, axis=1) ** 2 - counts[:, 1:] - counts[:, :-1]
    found: Floats = np.sign(steps.sum(1)) * np.sqrt(np.abs(steps.sum(1))) / counts.sum(1)
    return found


def _occupied(counts: Floats) -> Floats:
    """Say in how many cells so few rows would lie as the smaller side has."""
    n = counts.sum(1).min()
    shares = counts / counts.sum(1, keepdims=True)
    found: Floats = (1 - (1 - shares) ** n).sum(1)
    return found


def _outer(shares: Floats, below: Floats, noise: float) -> Floats:
    """Compare the shares beyond ranks of the reference: outer 2 % and outer 10 %."""
    found = []
    for share in (0.02, 0.1):
        is_outer = (below[1] <= share / 2) | (below[1] - shares[1] >= 1 - share / 2)
        own, other = (shares * is_outer).sum(1)
        error = 2 * noise * np.sqrt(max(other, share / 4)) / (other + share / 10)
        found.append(beyond(log_ratio(own, other, share / 10), error / 2))
    return np.array(found)


def _moves(below: Floats, scores: Floats) -> Floats:
    """Say how far each rank moved, outwards counted positive on both sides of the middle."""
    ranks = np.array(RANKS)
    at = [np.minimum(np.searchsorted(each, ranks), len(scores) - 1) for each in below]
    moved: Floats = (scores[at[0]] - scores[at[1]]) * np.sign(ranks - 0.5 + 1e-9)
    # Which end is which is a matter of units, so the ends count in order of their effect.
    half = len(RANKS) // 2
    low, high = moved[:half], moved[half + 1 :][::-1]
    sides = (low, high) if abs(low).sum() >= abs(high).sum() else (high, low)
    return np.concatenate([sides[0], abs(moved[half : half + 1]), sides[1][::-1]])


def _level(counts: Floats) -> Floats:
    """Give the effects of one category."""
    totals = counts.sum(1)
    shares = counts / totals[:, None]
    noise = float(np.sqrt((1 / totals).sum()))
    pooled = shares.mean(0)
    chance = 0.8 * noise * np.sqrt(pooled * (1 - pooled)).sum() / 2
    entropies = [-(each[each > 0] * np.log(each[each > 0])).sum() for each in shares]
    is_rare = (shares[1] < RARE) & (shares[1] > 0)
    own, other = (shares * is_rare).sum(1)
    error = noise * np.sqrt(max(other, 0.005)) / (other + 0.005)
    gone = shares[1][shares[0] == 0].sum()
    expected = (shares[1] * np.exp(-shares[1] * totals[0]))[counts[1] > 0].sum()
    return np.array(
        [
            pressed(max(0.0, np.abs(shares[0] - shares[1]).sum() / 2 - chance), 0.05),
            pressed(beyond(entropies[0] - entropies[1], noise / 2), 0.1),
            pressed(beyond(log_ratio(own, other, 0.005), error), 0.3),
            pressed(max(0.0, gone - 2 * expected), 0.02),
            pressed(beyond(shares.max(1)[0] - shares.max(1)[1], noise / 2), 0.05),
        ]
    )


def _nulls(traces: Traces) -> Floats:
    share = traces.counts[:, traces.layout.is_null] / np.maximum(traces.n, 1)[:, None]
    pooled = share.mean(0)
    chance = np.sqrt(pooled * (1 - pooled) * (1 / np.maximum(traces.n, 1)).sum())
    off = beyond(share[0] - share[1], chance + 1e-9)
    changed = np.array([(off > 0).mean(), (off < 0).mean()])
    return np.concatenate([pressed(told(off), 0.05), changed])
