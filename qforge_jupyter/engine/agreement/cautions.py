"""What to know when one reads the coefficients and the labels of a question."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qforge_jupyter.engine.agreement.coefficients import AC1, Found, alpha_name
from qforge_jupyter.engine.agreement.consensus import Consensus
from qforge_jupyter.engine.agreement.pairs import LABELERS_AT_MOST
from qforge_jupyter.engine.agreement.ratings import Ratings
from qforge_jupyter.results.interval import Interval

#: From this share on one label is so frequent that alpha and kappa say little ...
FREQUENT = 0.8
#: ... where AC1 lies this far above.
APART = 0.2
#: A matrix of error rates wants so many ratings for each of its cells.
RATINGS_A_CELL = 2


def cautions_of(
    name: str, ratings: Ratings, found: Found, consensus: Consensus | None = None
) -> tuple[str, ...]:
    """Say what may mislead: one frequent label, too few ratings, no convergence.

    Parameters
    ----------
    name
        Of the question; empty where there is but one.
    ratings, found, consensus
        What was read, and found.

    Examples
    --------
    >>> import polars as pl
    >>> from qforge_jupyter.engine.agreement.dawid_skene import dawid_skene
    >>> from qforge_jupyter.engine.agreement.ratings import read_ratings
    >>> frame = pl.DataFrame({"item": [1, 1, 2, 2], "labeler": [1, 2] * 2, "value": list("aabb")})
    >>> ratings = read_ratings(frame)
    >>> cautions_of("", ratings, {}, dawid_skene(ratings))
    ('There are 4 ratings for 4 error rates: one-coin needs fewer.',)

    """
    where = f"{name}: " if name else ""
    return tuple(where + said for said in _said(ratings, found, consensus))


def _said(ratings: Ratings, found: Found, consensus: Consensus | None) -> Iterator[str]:
    if share := _frequent(ratings, found):
        yield (
            f"One label makes {100 * share:.0f} % of the ratings: alpha and kappa are low then "
            "although labelers mostly say the same; AC1 is made for that case."
        )
    if ratings.n_labelers > LABELERS_AT_MOST:
        yield f"Pairs are those of the {LABELERS_AT_MOST} labelers with the most ratings."
    if consensus is None:
        return
    cells = ratings.n_labelers * ratings.n_categories * (ratings.n_categories - 1)
    if consensus.confusion is not None and len(ratings) < RATINGS_A_CELL * cells:
        yield f"There are {len(ratings):,} ratings for {cells:,} error rates: one-coin needs fewer."
    if not consensus.is_converged:
        yield f"The labels had not settled after {consensus.n_iterations:,} iterations."


def _frequent(ratings: Ratings, found: Found) -> float:
    """Give the share of the most frequent label where it explains a low alpha, else 0."""
    alpha, ac1 = found.get(alpha_name(ratings.scale.level)), found.get(AC1)
    if not (isinstance(alpha, Interval) and isinstance(ac1, Interval)):
        return 0.0
    share = float(np.bincount(ratings.categories).max() / len(ratings))
    is_apart = ac1.value > alpha.value + APART
    return share if ratings.scale.level == "nominal" and share >= FREQUENT and is_apart else 0.0
