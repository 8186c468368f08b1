"""Two result sets compared on their keys: errors, groups, verdict, what to simulate next."""

from qforge_jupyter.engine.comparing.comparing import compare, compared
from qforge_jupyter.engine.comparing.question import Question, read_tolerance
from qforge_jupyter.engine.comparing.sides import Side, side_of

__all__ = ["Question", "Side", "compare", "compared", "read_tolerance", "side_of"]
