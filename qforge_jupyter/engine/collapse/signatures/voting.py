"""Which mode of damage a signature shows: a vote of the nearest known cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from qforge_jupyter.results.signatures import Likeness

#: Cases that vote.
VOTERS = 10
#: A vote counts with this power of the similarity.
POWER = 8
#: Similarity of the nearest case below which a signature is like nothing known: about one in
#: fifty of the development cases is, whose mode is known from other tables.
UNLIKE = 0.72


def vote(nearest: Sequence[tuple[str, float]]) -> tuple[Likeness, ...]:
    """Let the nearest known cases vote, the likeliest mode first; nothing where all are far.

    Parameters
    ----------
    nearest
        Mode and similarity of cases.

    Examples
    --------
    >>> [mode.mode for mode in vote([("drift", 0.9), ("rounded", 0.8), ("drift", 0.7)])]
    ['drift', 'rounded']
    >>> vote([("drift", 0.2)])
    ()

    """
    voters = sorted(nearest, key=lambda each: -each[1])[:VOTERS]
    if not voters or voters[0][1] < UNLIKE:
        return ()
    weights: dict[str, float] = defaultdict(float)
    best: dict[str, float] = {}
    counts: dict[str, int] = defaultdict(int)
    for mode, similarity in voters:
        weights[mode] += max(similarity, 0.0) ** POWER
        best.setdefault(mode, similarity)
        counts[mode] += 1
    total = sum(weights.values())
    ordered = sorted(weights, key=lambda mode: (-weights[mode], mode))
    return tuple(
        Likeness(mode, weights[mode] / total, counts[mode], len(voters), best[mode])
        for mode in ordered
    )
