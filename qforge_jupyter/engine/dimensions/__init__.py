"""The dimensions of quality: one file each.

A dimension is a module with ``measure(case) -> Measure | NotApplicable``. What
it asks of rows are checks; the scoring counts them all in one pass. To add a
dimension, add a file (and its weight to a scorecard).
"""

from qforge_jupyter.registry import Family

DIMENSIONS = Family("dimension", __name__)
