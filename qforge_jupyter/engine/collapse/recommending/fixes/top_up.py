"""Top up: add rows of the reference in regions that the candidate lacks.

Where there are too few of them, rows between two near ones follow: each value is taken from
one of the two.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.recommending.adding import with_rows
from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.engine.collapse.recommending.neighbors import pairs_of_near_rows
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "top up missing regions with real rows"
NEEDS = "a classifier that tells the sides apart; real rows enter the table"
TAKES_ROWS = True
IS_OF_ALL_ROWS = False


def apply(case: FixCase) -> Repair | NotApplicable:
    """Add rows where the candidate is thin until it is as dense there as the reference."""
    ratios = case.ratios
    if isinstance(ratios, NotApplicable):
        return ratios
    missing = ratios.missing()
    if not missing.least:
        return NotApplicable("no region of the reference is missing beyond chance")
    region = np.flatnonzero(ratios.other >= missing.edge)
    short = (missing.own - missing.other) / max(1 - missing.own, 0.1)
    n = min(case.n, round(case.n * short))
    chance = case.chance("top-up")
    real = np.sort(chance.permutation(region)[:n])
    parts = [case.reference[real]]
    if n > len(real) and len(region) > 1:
        parts.append(_between(case, region, n - len(real), chance))
    added = pl.concat(parts)
    sentence = f"{len(real):,} rows of the reference are added where the candidate has too few"
    if len(parts) > 1:
        sentence += f", and {added.height - len(real):,} between them"
    return with_rows(case, np.arange(case.n), added, sentence)


def _between(
    case: FixCase, region: np.ndarray, n: int, chance: np.random.Generator
) -> pl.DataFrame:
    """Make rows of two near ones each."""
    first, second = pairs_of_near_rows(case.other.metric[region], n, chance)
    columns = []
    for name in case.reference.columns:
        at = np.where(chance.random(n) < 0.5, region[first], region[second])
        columns.append(case.reference.get_column(name)[at])
    return pl.DataFrame(columns)
