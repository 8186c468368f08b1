"""Rows that break how three columns hang together where no two of them do.

Every column is cut at its median into +1 and -1. Where the mean product of
three of them differs between the sides beyond chance, a row is suspect by the
sign of its own product. The triples are chosen on the other folds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import N_FOLDS, Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores
from qforge_jupyter.results.uncertainty import NotApplicable

SAID = "three columns that do not fit"
#: Features among which triples are looked for: 40 make 9,880 of them.
MOST_FEATURES = 40
MOST_ROWS = 8_000
MOST_TRIPLES = 1
#: Two of a triple's columns may be correlated so far.
MOST_BOUND = 0.3
#: Standard errors from which on a difference is followed; the weights decide what it counts.
LEAST_Z = 3.5
Triple = tuple[int, int, int, float]


@dataclass(frozen=True)
class _Triples:
    chosen: NDArray[np.int64]
    medians: NDArray[np.float32]
    means: NDArray[np.float32]
    by_fold: tuple[tuple[Triple, ...], ...]
    column_of_feature: NDArray[np.int64]

    def signs(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cut at the medians of the reference, and centre."""
        cut = np.where(features[:, self.chosen] > self.medians, 1, -1).astype(np.float32)
        return cut - self.means

    def score(self, block: Block) -> Scores:
        signs, scores = self.signs(block.features), np.zeros(len(block))
        for fold, triples in enumerate(self.by_fold):
            asked = block.fold == fold
            for a, b, c, z in triples:
                scores[asked] += z * (signs[:, a] * signs[:, b] * signs[:, c])[asked]
        return scores

    def blame(self, block: Block) -> Blamed:
        blamed = np.full((len(block), 2), -1, dtype=np.int64)
        for fold, triples in enumerate(self.by_fold):
            for a, b, _, _ in triples[:1]:
                pair = self.column_of_feature[self.chosen[[a, b]]]
                blamed[block.fold == fold] = pair
        return blamed


def prepare(case: RowCase) -> _Triples | NotApplicable:
    """Look for triples that differ, once without each fold."""
    few = case.too_few()
    if few is not None:
        return few
    mine, theirs = (side.sample.take(slice(MOST_ROWS)) for side in (case.candidate, case.reference))
    if len(case.names) < 3:
        return NotApplicable(f"there are {len(case.names)} columns, and it takes three")
    plain = case.plain_features
    spread = theirs.features[:, plain].std(axis=0)
    chosen = np.sort(plain[np.argsort(-spread, kind="stable")[:MOST_FEATURES]])
    medians = np.median(theirs.features[:, chosen], axis=0)
    none = np.zeros(len(chosen), dtype=np.float32)
    uncentred = _Triples(chosen, medians, none, (), case.column_of_feature)
    means = uncentred.signs(theirs.features).mean(axis=0)
    cut = _Triples(chosen, medians, means, (), case.column_of_feature)
    first, second = cut.signs(mine.features), cut.signs(theirs.features)
    columns = case.column_of_feature[chosen]
    by_fold = tuple(
        _different(first[mine.fold != fold], second[theirs.fold != fold], columns)
        for fold in range(N_FOLDS)
    )
    if not any(by_fold):
        return NotApplicable("no three columns hang together otherwise than in the reference")
    return _Triples(chosen, medians, means, by_fold, case.column_of_feature)


def _different(
    first: NDArray[np.float32], second: NDArray[np.float32], columns: NDArray[np.int64]
) -> tuple[Triple, ...]:
    """Give the triple whose mean product differs most, with the standard errors of it."""
    a, b = np.triu_indices(first.shape[1], 1)
    moments = [_moments(each, a, b) for each in (first, second)]
    difference = moments[0][0] - moments[1][0]
    error = np.sqrt(moments[0][1] + moments[1][1] + 1e-3 / len(first) + 1e-3 / len(second))
    is_new = np.arange(first.shape[1]) > b[:, None]
    # What two columns have to do with each other is for other channels to judge.
    loose = columns[:, None] != columns
    for signs in (first, second):
        loose &= _correlations(signs) <= MOST_BOUND
    is_new &= loose[a, b][:, None] & loose[a] & loose[b]
    z = np.where(is_new, difference / error, 0.0)
    order = np.argsort(-np.abs(z).ravel(), kind="stable")[:MOST_TRIPLES]
    places = [divmod(int(place), z.shape[1]) for place in order]
    return tuple(
        (int(a[pair]), int(b[pair]), c, float(z[pair, c]))
        for pair, c in places
        if abs(z[pair, c]) >= LEAST_Z
    )


def _correlations(signs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give the size of the correlation of each pair; 0 with what does not vary."""
    standard = (signs - signs.mean(axis=0)) / (signs.std(axis=0) + 1e-6)
    sizes: NDArray[np.float64] = np.abs(standard.T @ standard / len(signs)).astype(np.float64)
    return sizes


def _moments(
    signs: NDArray[np.float32], a: NDArray[np.int64], b: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the mean of each triple's product, and the variance of that mean."""
    pairs = signs[:, a] * signs[:, b]
    mean = (pairs.T @ signs / len(signs)).astype(np.float64)
    square = ((pairs**2).T @ (signs**2) / len(signs)).astype(np.float64)
    return mean, np.maximum(square - mean**2, 0) / len(signs)
