"""What keeps a candidate that is not shown to be damaged from being called fit.

Nothing found is no proof: damage may be there that so few rows cannot show, and an effect may
stand out whose size, or whose cause, is still open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from qforge_jupyter.engine.collapse.readings import POWER, Floats, Judged

#: Dimensions without which there is no saying that a candidate is fit.
CORE = ("distribution", "correlation", "generalization")
#: Effects in tolerances, of moderate damage (score 39) and of strong damage (score 20).
MODERATE, STRONG = 2.5, 4.0
#: So many open questions are said.
SAID = 5


@dataclass(frozen=True)
class Open:
    """A question that so many rows leave open, and the rows a side that would settle it."""

    said: str
    n_needed: int


def unsettled(judged: Sequence[Judged], worst: Floats, n: int, false_alarms: float) -> list[Open]:
    """Name what is open, what takes most rows first.

    Parameters
    ----------
    judged
        Statistics beside their null.
    worst
        The largest of their distances from the null under each dealing, of what came first.
    n
        Rows of the smaller side.
    false_alarms
        Share of sound candidates that may be called collapsed.

    """
    limit = float(np.quantile(worst[1:], 1 - false_alarms))
    found = [*_without_power(judged, n), *_standing_out(judged, worst, limit, n)]
    return sorted(found, key=lambda each: -each.n_needed)[:SAID]


def _without_power(judged: Sequence[Judged], n: int) -> Iterator[Open]:
    """Look where damage would not have been found.

    Moderate damage has to be within reach of the typical statistic of each core dimension,
    strong damage within that of each statistic that alone sees its kind.
    """
    for name in CORE:
        own = [each for each in judged if each.dimension == name]
        needed = n * median(_lack(each, MODERATE) for each in own) ** 2 if own else 0
        if needed > n:
            yield Open(f"{name}: moderate damage could have gone unseen", _rows(needed))
    for each in judged:
        needed = n * _lack(each, STRONG) ** 2
        if each.reading.is_sole and needed > n:
            said = f"{_called(each)} would only be found from {each.least:.2g} on"
            yield Open(f"{said}, tolerated {each.tolerance:.2g}", _rows(needed))


def _lack(judged: Judged, strength: float) -> float:
    """Give how far too wide the null is for an effect of so many tolerances to be found.

    Beyond the tolerance, what is found falls with the root of the rows.
    """
    return (judged.least - judged.tolerance) / (judged.tolerance * (strength - 1))


def _standing_out(judged: Sequence[Judged], worst: Floats, limit: float, n: int) -> Iterator[Open]:
    """Look for effects that are seen and neither shown to matter nor shown not to."""
    p_value = float((worst >= worst[0]).mean())
    for each in judged:
        z = float(each.z[0])
        if each.excess >= 1:
            # Not jointly significant, or the verdict were another.
            said = f"{_called(each)} seems to be beyond {each.tolerance:.2g}, what is tolerated"
            said += f"; chance looks as bad somewhere in {p_value:.1%} of sound candidates"
            yield Open(said, max(_rows(n * ((limit + POWER) / z) ** 2), n + 1))
        elif z > limit and each.high > MODERATE * each.tolerance:
            said = f"{_called(each)} is off by {each.low:.2g} to {each.high:.2g}"
            yield Open(f"{said}, tolerated {each.tolerance:.2g}", _rows(n * _too_wide(each) ** 2))


def _too_wide(judged: Judged) -> float:
    """Give how far bounds are too wide to lie beyond the tolerance or below moderate damage."""
    middle, reach = (judged.high + judged.low) / 2, (judged.high - judged.low) / 2
    room = max(middle - judged.tolerance, MODERATE * judged.tolerance - middle)
    return max(reach / room, 1.0)


def _called(judged: Judged) -> str:
    return f"{judged.dimension}: {judged.name}{f' ({judged.at})' if judged.at else ''}"


def _rows(needed: float) -> int:
    return int(np.ceil(needed))
