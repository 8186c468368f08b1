"""Every row by itself, and every class, or bin of a number, in its share everywhere."""

from qforge_jupyter.engine.splitters._grouping import units_of_rows as units
from qforge_jupyter.engine.splitters._placing import place

IS_ORDERED = False
__all__ = ["IS_ORDERED", "place", "units"]
