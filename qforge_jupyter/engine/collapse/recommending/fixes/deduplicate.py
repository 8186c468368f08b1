"""Deduplicate: leave out repeated rows, but for what the reference repeats by nature."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.collapse.keys import multiplicities
from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "drop repeated rows"
NEEDS = "a hash of every row; rows that are left out are lost"
TAKES_ROWS = False


def apply(case: FixCase) -> Repair | NotApplicable:
    """Keep of equal rows as many as the reference would have among so many rows."""
    own, other = case.words
    _, which = multiplicities(own)
    known, counts = np.unique(other, return_counts=True)
    at = np.minimum(np.searchsorted(known, own), len(known) - 1)
    times = np.where(known[at] == own, counts[at], 0)
    natural = np.maximum(1, np.ceil(times * len(own) / len(other)))
    keep = which < natural
    n = int((~keep).sum())
    if not n:
        return NotApplicable("no row is repeated more often than in the reference")
    return case.kept(keep, f"{n:,} of {case.n:,} rows repeat others and are left out")
