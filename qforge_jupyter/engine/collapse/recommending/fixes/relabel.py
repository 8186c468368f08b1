"""Relabel: draw the target anew from the other columns, as the reference has it."""

from __future__ import annotations

from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.engine.collapse.recommending.drawing import draw_rows
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "draw the target anew from the other columns"
NEEDS = "a regression tree, and that the check named the target; all labels are lost"
TAKES_ROWS = False
IS_OF_ALL_ROWS = False


def apply(case: FixCase) -> Repair | NotApplicable:
    """Give each row the label of a row of the reference that is like it."""
    if not case.target:
        return NotApplicable("no target was named")
    names = [each.name for each in case.encoder.columns]
    if case.target not in {each.name for each in case.written} or len(names) < 2:
        return NotApplicable(f"the target {case.target} cannot be drawn from other columns")
    index = names.index(case.target)
    given = [each for each in range(len(names)) if each != index]
    at = draw_rows(
        case.encoder, case.own.cells, case.other.cells, index, given, case.chance("relabel")
    )
    labels = {case.target: case.value_of(case.target, at)}
    return case.rewritten(labels, f"{case.target} is drawn anew from the other columns")
