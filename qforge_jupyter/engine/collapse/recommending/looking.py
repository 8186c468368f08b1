"""One look at a candidate: the check's score with an interval, without its pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.checking import judge_all
from qforge_jupyter.engine.collapse.judging import WEIGHTS, conclude, overall, score_of
from qforge_jupyter.engine.collapse.preparing import prepare
from qforge_jupyter.engine.collapse.readings import Judged, likely_excesses
from qforge_jupyter.results.collapse import Copying, Word
from qforge_jupyter.results.progress import silent

Floats = NDArray[np.float64]
#: Draws from the null; the score needs its mean and spread only.
DRAWS = 79


@dataclass(frozen=True)
class Look:
    """What a check says of a candidate.

    Parameters
    ----------
    score, low, high
        Of the eight dimensions, and the ends of a 95 % interval.
    word
        The verdict by the dimensions alone.

    """

    score: float
    low: float
    high: float
    word: Word


def look(case: CollapseCase) -> Look:
    """Score a candidate by the dimensions alone; copies are counted apart."""
    case = replace(case, progress=silent)
    prepared = prepare(case)
    judged, declined = judge_all(case, prepared, max(DRAWS, math.ceil(4 / case.false_alarms)))
    found = conclude(judged, declined, NO_COPIES, n=prepared.n, false_alarms=case.false_alarms)
    low, high = np.quantile(_likely_scores(judged), (0.025, 0.975))
    return Look(
        found.score,
        min(float(low), found.score),
        max(float(high), found.score),
        found.word,
    )


#: Of a look at the dimensions alone.
NO_COPIES = Copying(0, 0, 0, 0, 0, 0, 1)


def _likely_scores(judged: Sequence[Judged]) -> Floats:
    """Score what could have come as well, by the joint draws of all statistics."""
    worst: dict[str, Floats] = {}
    for each in judged:
        found = likely_excesses(each)
        worst[each.dimension] = np.maximum(worst.get(each.dimension, found), found)
    held = [(name, worst[name]) for name in WEIGHTS if name in worst]
    draws = range(len(held[0][1]))
    return np.array([overall((name, float(each[i])) for name, each in held) for i in draws])


def mark_of(copying: Copying) -> float:
    """Score copies on the scale of the dimensions: 80 where they begin to matter."""
    return score_of(copying.worst / copying.tolerated)
