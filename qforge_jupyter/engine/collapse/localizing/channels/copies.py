"""Rows that lie nearer to a row of the reference than its own rows lie to each other.

The distance to the nearest row of the reference is held against that to the
tenth, which tells how dense it is there. Rows that equal one of the reference
are found by a hash over all rows of both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qforge_jupyter.engine.collapse.localizing.blocks import Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores, nobody
from qforge_jupyter.results.uncertainty import NotApplicable

SAID = "copied from the reference"
#: Share of the usual distance that counts as none.
NO_DISTANCE = 1e-3


def shortness(nearest: Scores, usual: Scores, scale: float) -> Scores:
    """Say how much nearer than usual a neighbour lies, as a logarithm.

    Examples
    --------
    >>> shortness(np.array([1.0, 0.1]), np.array([1.0, 1.0]), 1.0).round(2).tolist()
    [0.0, 2.29]

    """
    none = NO_DISTANCE * scale
    return np.log(usual + none) - np.log(nearest + none)


def usual_distance(case: RowCase) -> float | NotApplicable:
    """Give the median distance of the reference's rows to their tenth neighbour."""
    few = case.too_few()
    if few is not None:
        return few
    _, last = case.nearness(case.reference.sample, case.reference)
    known = last[np.isfinite(last) & (last > 0)]
    if not len(known):
        return NotApplicable("the rows of the reference lie at no distance from each other")
    return float(np.median(known))


@dataclass(frozen=True)
class _Copies:
    case: RowCase
    scale: float

    def score(self, block: Block) -> Scores:
        first, last = self.case.nearness(block, self.case.reference)
        return shortness(first, last, self.scale)

    def blame(self, block: Block) -> Blamed:
        return nobody(block)


def prepare(case: RowCase) -> _Copies | NotApplicable:
    """Measure how far the reference's rows lie from each other."""
    scale = usual_distance(case)
    return scale if isinstance(scale, NotApplicable) else _Copies(case, scale)
