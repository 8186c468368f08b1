"""Agreement of each two labelers."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

from qforge_jupyter.engine.agreement.cohen import cohen_kappa, joint_of
from qforge_jupyter.engine.agreement.patterns import CATEGORIES_AT_MOST
from qforge_jupyter.engine.agreement.ratings import Ratings
from qforge_jupyter.engine.agreement.weighting import Weighting

#: So many labelers are compared with each other, those with the most ratings.
LABELERS_AT_MOST = 20

SCHEMA = {
    "first": pl.String,
    "second": pl.String,
    "n_items": pl.Int64,
    "percent": pl.Float64,
    "kappa": pl.Float64,
    "reason": pl.String,
}


def pairs_of(ratings: Ratings) -> pl.DataFrame:
    """Compare each two labelers on the items that both rated.

    Parameters
    ----------
    ratings
        Of one question, at most one of each labeler for an item.

    Returns
    -------
    polars.DataFrame
        first, second, n_items, percent agreement, Cohen's kappa (with quadratic
        weights where the answers have an order), and why there is none. No rows
        where there are too many different values to set each two beside each other.

    Examples
    --------
    >>> from qforge_jupyter.engine.agreement.ratings import read_ratings
    >>> frame = pl.DataFrame({"item": [1, 1, 2, 2], "labeler": [1, 2] * 2, "value": list("aabb")})
    >>> pairs_of(read_ratings(frame)).row(0)
    ('1', '2', 2, 1.0, 1.0, '')

    """
    if ratings.n_categories > CATEGORIES_AT_MOST:
        return pl.DataFrame(schema=SCHEMA)
    busy = np.argsort(-np.bincount(ratings.labelers, minlength=ratings.n_labelers), kind="stable")[
        :LABELERS_AT_MOST
    ]
    busy = np.sort(busy)
    answers = np.full((len(busy), ratings.n_items), -1, dtype=np.int64)
    place = np.full(ratings.n_labelers, -1)
    place[busy] = np.arange(len(busy))
    is_shown = place[ratings.labelers] >= 0
    answers[place[ratings.labelers[is_shown]], ratings.items[is_shown]] = ratings.categories[
        is_shown
    ]
    names = ratings.labeler_names.cast(pl.String).to_list()
    is_ordered = ratings.scale.level != "nominal"
    weighting: Weighting = "quadratic" if is_ordered else "unweighted"
    lines = []
    for i, j in combinations(range(len(busy)), 2):
        is_both = (answers[i] >= 0) & (answers[j] >= 0)
        first, second = answers[i][is_both], answers[j][is_both]
        joint = joint_of(first, second, ratings.scale.points)
        kappa = float(cohen_kappa(joint, joint.weights, weighting)[0]) if len(first) else np.nan
        reason = "" if np.isfinite(kappa) else "both gave one category only"
        lines.append(
            (
                names[busy[i]],
                names[busy[j]],
                len(first),
                float((first == second).mean()) if len(first) else None,
                kappa if np.isfinite(kappa) else None,
                reason if len(first) else "no item was rated by both",
            )
        )
    return pl.DataFrame(lines, schema=SCHEMA, orient="row")
