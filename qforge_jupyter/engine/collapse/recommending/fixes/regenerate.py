"""Regenerate: draw the most damaged columns anew from the others, as the reference has them."""

from __future__ import annotations

from qforge_jupyter.engine.collapse.recommending.blaming import damaged_columns
from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.engine.collapse.recommending.drawing import draw_rows
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "regenerate the worst columns from the others"
NEEDS = "a regression tree a column; the values of these columns are lost"
TAKES_ROWS = False
IS_OF_ALL_ROWS = False


def apply(case: FixCase) -> Repair | NotApplicable:
    """Draw up to half of the columns anew, one after the other, the least damaged first."""
    d = len(case.encoder.columns)
    if d < 2:
        return NotApplicable("there are no other columns to draw from")
    worst = damaged_columns(case, max(1, d // 2))
    if not worst:
        return NotApplicable("no column differs from the reference beyond chance")
    chance = case.chance("regenerate")
    cells, columns = case.own.cells.copy(), {}
    given = [index for index in range(d) if index not in worst]
    for index in reversed(worst):
        at = draw_rows(case.encoder, cells, case.other.cells, index, given, chance)
        cells[:, index] = case.other.cells[at, index]
        name = case.encoder.columns[index].name
        columns[name] = case.value_of(name, at)
        given.append(index)
    return case.rewritten(columns, f"{', '.join(columns)}: drawn anew from the other columns")
