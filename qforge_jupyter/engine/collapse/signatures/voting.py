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


def vote(
    nearest: Sequence[tuple[str, float]], remembered: Sequence[tuple[str, float]] = ()
) -> tuple[Likeness, ...]:
    """Let the nearest known cases vote, the likeliest mode first; nothing where all are far.

    Parameters
    ----------
    nearest
        Mode and similarity of cases that ship.
    remembered
        The same of cases that somebody named; a mode that ships may have the same name, and
        they are told apart.

    Examples
    --------
    >>> [mode.mode for mode in vote([("drift", 0.9), ("rounded", 0.8), ("drift", 0.7)])]
    ['drift', 'rounded']
    >>> vote([("drift", 0.2)])
    ()

    """
    cases = [(mode, False, near) for mode, near in nearest]
    cases += [(mode, True, near) for mode, near in remembered]
    voters = sorted(cases, key=lambda each: -each[2])[:VOTERS]
    if not voters or voters[0][2] < UNLIKE:
        return ()
    weights: dict[tuple[str, bool], float] = defaultdict(float)
    best: dict[tuple[str, bool], float] = {}
    counts: dict[tuple[str, bool], int] = defaultdict(int)
    for name, is_remembered, similarity in voters:
        mode = (name, is_remembered)
        weights[mode] += max(similarity, 0.0) ** POWER
        best.setdefault(mode, similarity)
        counts[mode] += 1
    total = sum(weights.values())
    ordered = sorted(weights, key=lambda mode: (-weights[mode], mode))
    return tuple(
        Likeness(mode[0], weights[mode] / total, counts[mode], len(voters), best[mode], mode[1])
        for mode in ordered
    )
