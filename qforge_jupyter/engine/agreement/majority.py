"""Majority: the label that most labelers gave; ties stay open."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.agreement.consensus import TIED, Consensus, vote_shares
from qforge_jupyter.engine.agreement.ratings import Ratings


def majority(ratings: Ratings) -> Consensus:
    """Give each item the label that most labelers gave it.

    A labeler's quality is the share of the labels given that are the majority's,
    over items without a tie.

    Parameters
    ----------
    ratings
        Of one question.

    Examples
    --------
    >>> import polars as pl
    >>> from qforge_jupyter.engine.agreement.ratings import read_ratings
    >>> frame = pl.DataFrame({"item": [1, 1, 2], "labeler": [1, 2, 1], "value": ["a", "b", "b"]})
    >>> ratings = read_ratings(frame)
    >>> majority(ratings).labels(ratings)["label"].to_list()
    [None, 'b']

    """
    shares = vote_shares(ratings)
    best = shares.max(axis=1)
    is_settled = (shares >= best[:, None] - TIED).sum(axis=1) == 1
    counts = is_settled[ratings.items]
    labelers, n_labelers = ratings.labelers[counts], ratings.n_labelers
    is_same = shares.argmax(axis=1)[ratings.items[counts]] == ratings.categories[counts]
    judged = np.bincount(labelers, minlength=n_labelers)
    right = np.bincount(labelers, weights=is_same, minlength=n_labelers)
    quality = np.divide(right, judged, out=np.full(n_labelers, np.nan), where=judged > 0)
    return Consensus("majority", shares, shares.mean(axis=0), quality)
