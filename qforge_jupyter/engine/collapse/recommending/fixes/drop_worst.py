"""Drop the worst: leave out the rows that are least likely under the reference."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "drop the rows least like the reference"
NEEDS = "a classifier that tells the sides apart; rows that are left out are lost"
TAKES_ROWS = False
IS_OF_ALL_ROWS = False


def apply(case: FixCase) -> Repair | NotApplicable:
    """Leave out as many as there are beyond what the reference has of such rows."""
    ratios = case.ratios
    if isinstance(ratios, NotApplicable):
        return ratios
    found = ratios.too_many()
    n = int((found.own - found.other) * case.n) if found.least else 0
    if not n:
        return NotApplicable("no share of the rows stands out from the reference's own")
    keep = np.ones(case.n, dtype=bool)
    keep[np.argsort(ratios.own, kind="stable")[:n]] = False
    return case.kept(keep, f"{n:,} of {case.n:,} rows, the least like the reference, are left out")
