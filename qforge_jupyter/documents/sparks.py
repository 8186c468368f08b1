"""Heights as characters: a picture in one line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence

SPARK_WIDTH = 60
_HEIGHTS = " .:-=+*#%@"


def spark(values: Sequence[float], most: float) -> str:
    """Draw one character for each value; every value above 0 is seen.

    Examples
    --------
    >>> spark([0, 1, 10], 10)
    ' .@'

    """
    return "".join(
        _HEIGHTS[math.ceil((len(_HEIGHTS) - 1) * value / most) if most else 0] for value in values
    )
