"""A classifier that tries to tell the sides apart, cross-fitted over buckets.

Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017. It sees coarse cells,
so that what is told apart is more than rounding. Of two folds the statistics are almost the
same number under the null (each is the product of both folds' fluctuations), so their mean is
judged by the spread of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Rows of each side at most.
ROWS = 5_000
#: Fewer rows of a side than this teach nothing.
LEAST_ROWS = 60


@dataclass(frozen=True)
class Ranked:
    """Cross-fitted scores as sums of ranks by bucket.

    Parameters
    ----------
    fold
        The fold in which each bucket is judged, ``[K]``.
    n, ranks
        Rows of each bucket, and the sum of their ranks within the fold, ``[K]``.
    """

    fold: NDArray[np.int64] = field(repr=False)
    n: Floats = field(repr=False)
    ranks: Floats = field(repr=False)

    def areas(self, dealt: Floats) -> Floats:
        """Give the area under the ROC curve for each dealing: the mean of both folds, ``[b]``.

        The draws from the null (all but what came) are those of one fold.
        """
        found = []
        for fold in (0, 1):
            own = dealt * (self.fold == fold)
            n, m = own @ self.n, ((1 - dealt) * (self.fold == fold)) @ self.n
            found.append(((own @ self.ranks) / np.maximum(n, 1) - (n + 1) / 2) / np.maximum(m, 1))
        return np.stack(found)


@dataclass(frozen=True)
class Told:
    """The rows that were told apart: their cells, their side, and out-of-fold scores."""

    cells: NDArray[np.uint16] = field(repr=False)
    is_candidate: NDArray[np.bool_] = field(repr=False)
    scores: Floats = field(repr=False)


def tell_apart(  # noqa: PLR0913 — what a cross-fitted classifier needs
    inputs: NDArray[np.float32],
    is_candidate: NDArray[np.bool_],
    buckets: NDArray[np.int64],
    n_buckets: tuple[int, int],
    *,
    is_level: NDArray[np.bool_],
    seed: int,
) -> tuple[Ranked, Floats]:
    """Fit on each half of the buckets, score the other.

    Parameters
    ----------
    inputs
        Rows of both sides, one value a column, ``[n, d]``; NaN where nothing is.
    is_candidate
        Which rows are the candidate's.
    buckets, n_buckets
        The bucket of each row, and how many either side has; two of each are filled.
    is_level
        Which columns are levels without an order, ``[d]``.

    Returns
    -------
    ranked, scores
        What the null is drawn from, and each row's probability of being the candidate's.

    """
    from scipy.stats import rankdata
    from sklearn.ensemble import HistGradientBoostingClassifier

    chance = np.random.default_rng([seed, 0xC257])
    total = sum(n_buckets)
    fold = np.zeros(total, dtype=np.int64)
    for side in (is_candidate, ~is_candidate):
        filled = np.unique(buckets[side])
        fold[filled] = chance.permutation(np.arange(len(filled)) % 2)
    scores = np.zeros(len(inputs))
    ranks = np.zeros(total)
    for held in (0, 1):
        judged = fold[buckets] == held
        model = HistGradientBoostingClassifier(
            max_iter=60,
            learning_rate=0.1,
            max_leaf_nodes=12,
            min_samples_leaf=10,
            l2_regularization=1.0,
            early_stopping=False,
            categorical_features=is_level if is_level.any() else None,
            random_state=int(chance.integers(2**31)),
        )
        model.fit(inputs[~judged], is_candidate[~judged])
        scores[judged] = model.predict_proba(inputs[judged])[:, 1]
        ranks += np.bincount(buckets[judged], weights=rankdata(scores[judged]), minlength=total)
    n = np.bincount(buckets, minlength=total).astype(float)
    return Ranked(fold, n, ranks), scores
