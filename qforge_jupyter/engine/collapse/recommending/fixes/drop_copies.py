"""Drop copies: leave out rows that stand in the reference, but for what is alike by nature."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.collapse.keys import multiplicities
from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "drop rows copied from the reference"
NEEDS = "a hash of every row; rows that are left out are lost"
TAKES_ROWS = False


def apply(case: FixCase) -> Repair | NotApplicable:
    """Leave out rows that equal a row of the reference which is there once."""
    own, other = case.words
    times, _ = multiplicities(other)
    keep = ~np.isin(own, other[times == 1])
    n = int((~keep).sum())
    if not n:
        return NotApplicable("no row equals a row that the reference has once")
    return case.kept(keep, f"{n:,} of {case.n:,} rows stand in the reference and are left out")
