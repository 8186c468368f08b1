"""Reweight: keep each row with a probability in proportion to its density ratio.

Rejection instead of weights, since a table has no place for weights, and without putting a
row back, since repeated rows would be damage of another kind.
"""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "resample by the density ratio"
NEEDS = "a classifier that tells the sides apart; some of the rows are lost"
TAKES_ROWS = False
IS_OF_ALL_ROWS = False
#: At least this share of the rows is kept; higher weights count as the highest that allows it.
LEAST_KEPT = 0.4
LEVELS = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3)


def apply(case: FixCase) -> Repair | NotApplicable:
    """Thin out rows that the candidate has too many of."""
    ratios = case.ratios
    if isinstance(ratios, NotApplicable):
        return ratios
    if not max(ratios.too_many().least, ratios.missing().least):
        return NotApplicable("no share of the rows stands out from the reference's own")
    tops = (max(float(np.quantile(ratios.own, level)), 1e-9) for level in LEVELS)
    shares = [np.minimum(ratios.own / top, 1) for top in tops]
    chosen = next((each for each in shares if each.mean() >= LEAST_KEPT), shares[-1])
    keep = case.chance("reweight").random(case.n) < chosen
    n = int((~keep).sum())
    sentence = f"{case.n - n:,} of {case.n:,} rows are kept, in proportion to their density ratio"
    return case.kept(keep, sentence)
