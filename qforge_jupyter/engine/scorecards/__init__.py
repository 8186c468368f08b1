"""Ready scorecards: one file each, ``build(table) -> Scorecard``.

To add a card, add a file; its name is the name after ``by``.
"""

from qforge_jupyter.registry import Family

SCORECARDS = Family("scorecard", __name__)
