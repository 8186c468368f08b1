"""Rows that lie far from every row of the reference."""

from __future__ import annotations

from dataclasses import dataclass

from qforge_jupyter.engine.collapse.localizing.blocks import Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores, nobody
from qforge_jupyter.results.uncertainty import NotApplicable

SAID = "far from every reference row"


@dataclass(frozen=True)
class _Isolation:
    case: RowCase

    def score(self, block: Block) -> Scores:
        return self.case.nearness(block, self.case.reference)[1]

    def blame(self, block: Block) -> Blamed:
        return nobody(block)


def prepare(case: RowCase) -> _Isolation | NotApplicable:
    """Decline where there are too few rows to be near to."""
    return case.too_few() or _Isolation(case)
