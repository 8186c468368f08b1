"""Rows of one group stay together; a row without a group stands alone."""

from __future__ import annotations

from qforge_jupyter.engine.splitters import Rows, Units
from qforge_jupyter.engine.splitters._grouping import units_of_columns
from qforge_jupyter.engine.splitters._placing import place

IS_ORDERED = False
__all__ = ["IS_ORDERED", "place", "units"]


def units(rows: Rows) -> Units:
    """Make a unit of each group."""
    return units_of_columns(rows, [each.column for each in rows.plan.groupings])
