"""What whole rows say: copies, neighbors, how far out they lie, how they are told apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.signatures.summaries import log_ratio, pressed
from qforge_jupyter.engine.collapse.signatures.traces import Traces

Floats = NDArray[np.float64]
#: Ranks at which both sides' rows are compared.
RANKS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


def of_rows(traces: Traces) -> dict[str, Floats]:
    """Compare the rows of both sides."""
    return {
        "copies": _copies(traces.copying),
        "told": _told(traces),
        "neighbors": _neighbors(traces),
        "far": _far(traces),
    }


def _copies(copying: Floats) -> Floats:
    """Weigh copies so that much copying outweighs what else a signature says."""
    copied, naturally, least_copied, repeated, natural, least_repeated = copying
    off = np.array([copied - naturally, repeated - natural, least_copied, least_repeated])
    found: Floats = pressed(np.where(np.abs(off) < 0.01, 0, off), 0.05)
    return found


def _told(traces: Traces) -> Floats:
    """Say which share of each side's rows the classifier puts where."""
    if not len(traces.scores):
        return np.zeros(2 * len(RANKS) + 1)
    logits = np.log((traces.scores + 0.01) / (1.01 - traces.scores))
    own, other = logits[traces.is_own], logits[~traces.is_own]
    # The share of candidates below ranks of the reference, and the other way round.
    ranks = np.array(RANKS)
    curve = np.searchsorted(np.sort(own), np.quantile(other, ranks)) / len(own) - ranks
    spread = np.quantile(own, ranks) - np.quantile(other, ranks)
    area = curve.mean()
    return np.concatenate([pressed(curve, 0.1), pressed(spread, 0.5), [area]])


def _neighbors(traces: Traces) -> Floats:
    if not len(traces.near_own):
        return np.zeros(22 + 6 * 3)
    share = traces.is_near.mean()
    counts = np.arange(11)
    shares = [
        np.bincount(np.minimum(traces.near_own[side], 10), minlength=11) / max(side.sum(), 1)
        for side in (traces.is_near, ~traces.is_near)
    ]
    # What chance gives where the rows are of one distribution.
    chance = np.array([_binomial(int(k), 10, float(share)) for k in counts])
    homes = np.concatenate([pressed(each - chance, 0.05) for each in shares])
    ranks = np.array([0.01, 0.05, 0.25, 0.5, 0.75, 0.95])
    logs = [traces.reaches, traces.reaches[:, [0]] - traces.reaches[:, [1]]]
    told = [logs[0][:, 1], logs[0][:, 2], logs[1][:, 0]]
    apart = [
        np.quantile(each[traces.is_near], ranks) - np.quantile(each[~traces.is_near], ranks)
        for each in told
    ]
    return np.concatenate([homes, pressed(np.concatenate(apart), 0.2)])


def _binomial(k: int, n: int, share: float) -> float:
    from math import comb

    return comb(n, k) * share**k * (1 - share) ** (n - k)


def _far(traces: Traces) -> Floats:
    """Compare how far out rows lie: in their farthest number, and in all of them."""
    layout = traces.layout
    at = np.flatnonzero(layout.is_number)
    if not len(at) or not len(traces.cells):
        return np.zeros(2 * len(RANKS) + 4)
    scores = np.stack([layout.scores[layout.starts[i] + traces.cells[:, i]] for i in at], axis=1)
    ranks = np.array(RANKS)
    found = []
    for each in (np.abs(scores).max(1), np.sqrt((scores**2).mean(1))):
        own, other = np.sort(each[traces.is_own]), np.sort(each[~traces.is_own])
        below = np.searchsorted(own, np.quantile(other, ranks)) / len(own)
        found.append(pressed(below - ranks, 0.05))
        tails = [
            1 - np.searchsorted(own, np.quantile(other, rank)) / len(own) for rank in (0.9, 0.98)
        ]
        found.append(pressed(log_ratio(tails, [0.1, 0.02], 0.004), 0.5))
    return np.concatenate(found)
