"""Low score: the rows of the lowest quality first, by the last scoring or a column of scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool
from qforge_jupyter.results.uncertainty import NotApplicable

NEEDS_MODEL = False
REASON = "its quality score is low"


def worth(pool: Pool, n: int) -> NDArray[np.float64] | NotApplicable:  # noqa: ARG001
    """Give what the score lacks to the highest one; 0 where there is no score."""
    if pool.quality is None or not np.isfinite(pool.quality).any():
        return NotApplicable("no row has a score: score the table first, or name a column of them")
    quality = np.where(np.isfinite(pool.quality), pool.quality, np.nan)
    span = max(1.0, float(np.nanmax(np.abs(quality))))
    lack = np.nanmax(quality) - quality
    return np.nan_to_num(lack / span) * pool.weights  # type: ignore[no-any-return]
