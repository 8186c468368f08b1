"""Dawid and Skene: labels and labelers' error rates together, by EM."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.agreement.consensus import Consensus, vote_shares
from qforge_jupyter.engine.agreement.expectation import Step, iterate, normalized
from qforge_jupyter.engine.agreement.patterns import CELLS_AT_MOST
from qforge_jupyter.engine.agreement.ratings import Floats, Ratings
from qforge_jupyter.errors import DataError
from qforge_jupyter.results.progress import Progress, silent

#: The logarithm of a probability of zero: finite, so that zero times it is zero.
_LEAST = 1e-300


def dawid_skene(
    ratings: Ratings,
    *,
    tolerance: float = 1e-9,
    max_iterations: int = 500,
    progress: Progress = silent,
) -> Consensus:
    """Estimate true labels, class priors and a confusion matrix for each labeler.

    A. P. Dawid & A. M. Skene, Maximum likelihood estimation of observer
    error-rates using the EM algorithm, Applied Statistics 28, 20, 1979: started
    from the shares of votes (eq. 3.1), then priors and error rates (eq. 2.3, 2.4)
    and posteriors (eq. 2.5) in turn. The log-likelihood never falls. Estimates
    are not smoothed.

    Parameters
    ----------
    ratings
        Of one question; a labeler may have rated an item several times.
    tolerance
        It has converged when the log-likelihood rises by less, per rating.
    max_iterations
        Then it stops and says that it has not converged.
    progress
        Told how far the work is.

    Raises
    ------
    DataError
        So many labelers and categories that the matrices need too much memory.

    Examples
    --------
    >>> import polars as pl
    >>> from qforge_jupyter.engine.agreement.ratings import read_ratings
    >>> rows = [(i, l, "ab"[i % 2 if l < 2 else 0]) for i in range(20) for l in range(3)]
    >>> frame = pl.DataFrame(rows, schema=["item", "labeler", "value"], orient="row")
    >>> found = dawid_skene(read_ratings(frame))
    >>> found.quality.round(3).tolist(), found.is_converged
    ([1.0, 1.0, 0.5], True)

    """
    from scipy.sparse import csr_array

    n_labelers, q = ratings.n_labelers, ratings.n_categories
    if n_labelers * q * q > CELLS_AT_MOST:
        raise DataError(
            f"There are {n_labelers:,} labelers with {q:,} categories, wanted at most "
            f"{CELLS_AT_MOST:,} cells of confusion: aggregate by one-coin or majority"
        )
    columns = ratings.labelers * q + ratings.categories
    votes = csr_array(
        (np.ones(len(ratings)), (ratings.items, columns)),
        shape=(ratings.n_items, n_labelers * q),
    )
    by_labeler = votes.T.tocsr()

    def confusion_of(posteriors: Floats) -> Floats:
        given = (by_labeler @ posteriors).reshape(n_labelers, q, q)
        rates = given.transpose(0, 2, 1)
        totals = rates.sum(axis=2, keepdims=True)
        even = np.full_like(rates, 1 / q)
        return np.asarray(np.divide(rates, totals, out=even, where=totals > 0))

    def step(posteriors: Floats) -> Step:
        logs = np.log(np.maximum(confusion_of(posteriors), _LEAST))
        priors = np.log(np.maximum(posteriors.mean(axis=0), _LEAST))
        scores = votes @ logs.transpose(0, 2, 1).reshape(n_labelers * q, q) + priors
        return normalized(scores)

    posteriors, trace, is_converged = iterate(
        vote_shares(ratings), step, tolerance * len(ratings), max_iterations, progress
    )
    priors, confusion = posteriors.mean(axis=0), confusion_of(posteriors)
    quality = np.diagonal(confusion, axis1=1, axis2=2) @ priors
    return Consensus("dawid-skene", posteriors, priors, quality, confusion, trace, is_converged)
