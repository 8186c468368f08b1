"""Groups stay together, and every part holds the classes alike."""

from qforge_jupyter.engine.splitters._placing import place
from qforge_jupyter.engine.splitters.group import units

IS_ORDERED = False
__all__ = ["IS_ORDERED", "place", "units"]
