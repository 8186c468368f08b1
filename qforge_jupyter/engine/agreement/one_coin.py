"""The one-coin model: one number for each labeler instead of a matrix."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.agreement.consensus import Consensus, vote_shares
from qforge_jupyter.engine.agreement.expectation import Step, iterate, normalized
from qforge_jupyter.engine.agreement.ratings import Floats, Ratings
from qforge_jupyter.results.progress import Progress, silent

_LEAST = 1e-300


def one_coin(
    ratings: Ratings,
    *,
    tolerance: float = 1e-9,
    max_iterations: int = 500,
    progress: Progress = silent,
) -> Consensus:
    """Estimate true labels, class priors and one accuracy for each labeler.

    The model of Dawid and Skene with error rates that are the same for all
    categories: a labeler is right with one probability, and errs evenly (Y. Zhang,
    X. Chen, D. Zhou & M. I. Jordan, Spectral Methods Meet EM, Journal of Machine
    Learning Research 17, 102, 2016). For few ratings of each labeler, where
    a whole matrix cannot be known.

    Parameters
    ----------
    ratings, tolerance, max_iterations, progress
        As for `dawid_skene`.

    Examples
    --------
    >>> import polars as pl
    >>> from qforge_jupyter.engine.agreement.ratings import read_ratings
    >>> rows = [(i, l, "ab"[i % 2 if l < 2 else 0]) for i in range(20) for l in range(3)]
    >>> frame = pl.DataFrame(rows, schema=["item", "labeler", "value"], orient="row")
    >>> one_coin(read_ratings(frame)).quality.round(3).tolist()
    [1.0, 1.0, 0.5]

    """
    n_labelers, q, n_items = ratings.n_labelers, ratings.n_categories, ratings.n_items
    cells = ratings.items * q + ratings.categories
    n_given = np.bincount(ratings.labelers, minlength=n_labelers)

    def accuracy_of(posteriors: Floats) -> Floats:
        right = posteriors.ravel()[cells]
        return np.asarray(np.bincount(ratings.labelers, right, n_labelers) / n_given)

    def step(posteriors: Floats) -> Step:
        right = np.clip(accuracy_of(posteriors), 0, 1)
        hit = np.log(np.maximum(right, _LEAST))
        miss = np.log(np.maximum((1 - right) / max(1, q - 1), _LEAST))
        scores = np.bincount(cells, (hit - miss)[ratings.labelers], n_items * q)
        scores = scores.reshape(n_items, q)
        scores += np.bincount(ratings.items, miss[ratings.labelers], n_items)[:, None]
        return normalized(scores + np.log(np.maximum(posteriors.mean(axis=0), _LEAST)))

    posteriors, trace, is_converged = iterate(
        vote_shares(ratings), step, tolerance * len(ratings), max_iterations, progress
    )
    return Consensus(
        "one-coin",
        posteriors,
        posteriors.mean(axis=0),
        accuracy_of(posteriors),
        None,
        trace,
        is_converged,
    )
