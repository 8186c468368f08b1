"""Drop copies: leave out rows that stand in the reference, but for what is alike by nature.

Rows that nearly are rows of it go with them, where there are more of these than by nature.
"""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.collapse.keys import multiplicities
from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "drop rows copied from the reference"
NEEDS = "a hash of every row and the rows nearest to it; rows that are left out are lost"
TAKES_ROWS = False
IS_OF_ALL_ROWS = True


def apply(case: FixCase) -> Repair | NotApplicable:
    """Leave out rows that equal a row of the reference which is there once, or nearly do."""
    own, other = case.words, case.twins.marks.words
    times, _ = multiplicities(other)
    keep = ~np.isin(own, other[times == 1])
    n = int((~keep).sum())
    keep[case.twins.copied(case.candidate)] = False
    n_near = int((~keep).sum()) - n
    if not n + n_near:
        return NotApplicable(
            "no row equals a row that the reference has once, and no more rows than by nature "
            "nearly do"
        )
    near = f", and {n_near:,} that nearly do," if n_near else ""
    return case.kept(
        keep, f"{n:,} of {case.n:,} rows stand in the reference{near} and are left out"
    )
