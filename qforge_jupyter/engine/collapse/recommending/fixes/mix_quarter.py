"""Mix: replace a quarter of the rows by real ones."""

from __future__ import annotations

from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.engine.collapse.recommending.mixing import mix

TITLE = "replace a quarter of the rows by real ones"
NEEDS = "real rows, which enter the table"
TAKES_ROWS = True
IS_OF_ALL_ROWS = False


def apply(case: FixCase) -> Repair:
    """Replace rows drawn at random."""
    return mix(case, 0.25)
