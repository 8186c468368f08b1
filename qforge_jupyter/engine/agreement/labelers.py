"""What each labeler did: how much, how often confirmed, how good."""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.agreement.consensus import Consensus
from qforge_jupyter.engine.agreement.ratings import Ratings

SCHEMA = {
    "labeler": pl.String,
    "n_ratings": pl.Int64,
    "confirmed": pl.Float64,
    "quality": pl.Float64,
}


def labelers_of(ratings: Ratings, consensus: Consensus | None = None) -> pl.DataFrame:
    """Count the ratings of each labeler and how often others say the same.

    Parameters
    ----------
    ratings
        Of one question.
    consensus
        Gives the quality of each labeler.

    Returns
    -------
    polars.DataFrame
        labeler, n_ratings, confirmed (share of the other ratings of the same
        items that are equal, averaged over items that others rated), quality.

    Examples
    --------
    >>> from qforge_jupyter.engine.agreement.ratings import read_ratings
    >>> frame = pl.DataFrame({"item": [1, 1, 2], "labeler": [1, 2, 1], "value": list("aab")})
    >>> labelers_of(read_ratings(frame)).rows()
    [('1', 2, 1.0, None), ('2', 1, 1.0, None)]

    """
    sizes = np.bincount(ratings.items, minlength=ratings.n_items)[ratings.items]
    cells = ratings.items * ratings.n_categories + ratings.categories
    _, place, counts = np.unique(cells, return_inverse=True, return_counts=True)
    has_others = sizes > 1
    same = (counts[place] - 1) / np.maximum(1, sizes - 1)
    n = ratings.n_labelers
    judged = np.bincount(ratings.labelers, has_others, n)
    sums = np.bincount(ratings.labelers, same * has_others, n)
    confirmed = np.divide(sums, judged, out=np.full(n, np.nan), where=judged > 0)
    quality = np.full(n, np.nan) if consensus is None else consensus.quality
    return pl.DataFrame(
        {
            "labeler": ratings.labeler_names.cast(pl.String),
            "n_ratings": np.bincount(ratings.labelers, minlength=n),
            "confirmed": pl.Series(confirmed).fill_nan(None),
            "quality": pl.Series(quality).fill_nan(None),
        },
        schema=SCHEMA,
    )
