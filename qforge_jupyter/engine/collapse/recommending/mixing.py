"""Put rows of the reference in the place of rows of the candidate, at the same number of rows.

Keeping real rows beside synthetic ones bounds the damage of training on one's own output
(Gerstgrasser et al., "Is model collapse inevitable?", 2024).
"""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.collapse.recommending.adding import with_rows
from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair


def mix(case: FixCase, share: float) -> Repair:
    """Replace a share of the rows, drawn at random; as many as the reference has at most."""
    chance = case.chance("mix")
    n = min(round(share * case.n), case.reference.height)
    real = np.sort(chance.permutation(case.reference.height)[:n])
    keep = np.sort(chance.permutation(case.n)[: case.n - n])
    sentence = f"{n:,} of {case.n:,} rows are replaced by rows of the reference"
    return with_rows(case, keep, case.reference[real], sentence)
