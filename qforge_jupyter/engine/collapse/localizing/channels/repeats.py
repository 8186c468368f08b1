"""Rows that lie nearer to another row of their own side than the reference's rows do.

The distance to the nearest row of the same side is held against that to the
tenth row of the reference. Equal rows are found by a hash over all rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from qforge_jupyter.engine.collapse.localizing.blocks import Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores, nobody
from qforge_jupyter.engine.collapse.localizing.channels.copies import shortness, usual_distance
from qforge_jupyter.results.uncertainty import NotApplicable

SAID = "repeats another row"


@dataclass(frozen=True)
class _Repeats:
    case: RowCase
    scale: float

    def score(self, block: Block) -> Scores:
        own = self.case.reference if block.is_reference else self.case.candidate
        first, _ = self.case.nearness(block, own)
        _, last = self.case.nearness(block, self.case.reference)
        return shortness(first, last, self.scale)

    def blame(self, block: Block) -> Blamed:
        return nobody(block)


def prepare(case: RowCase) -> _Repeats | NotApplicable:
    """Measure how far the reference's rows lie from each other."""
    scale = usual_distance(case)
    return scale if isinstance(scale, NotApplicable) else _Repeats(case, scale)
