"""Deduplicate: leave out repeated rows, but for what the reference repeats by nature.

Rows that nearly repeat another go with them, where there are more of these than by nature.
"""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.collapse.keys import multiplicities
from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "drop repeated rows"
NEEDS = "a hash of every row and the rows nearest to it; rows that are left out are lost"
TAKES_ROWS = False
IS_OF_ALL_ROWS = True


def apply(case: FixCase) -> Repair | NotApplicable:
    """Keep of equal rows as many as the reference would have among so many rows."""
    own, other = case.words, case.twins.marks.words
    _, which = multiplicities(own)
    known, counts = np.unique(other, return_counts=True)
    at = np.minimum(np.searchsorted(known, own), len(known) - 1)
    times = np.where(known[at] == own, counts[at], 0)
    natural = np.maximum(1, np.ceil(times * len(own) / len(other)))
    keep = which < natural
    n = int((~keep).sum())
    keep[case.twins.repeated(case.candidate)] = False
    n_near = int((~keep).sum()) - n
    if not n + n_near:
        return NotApplicable("no row is repeated, or nearly so, more often than in the reference")
    near = f", and {n_near:,} nearly do," if n_near else ""
    return case.kept(keep, f"{n:,} of {case.n:,} rows repeat others{near} and are left out")
