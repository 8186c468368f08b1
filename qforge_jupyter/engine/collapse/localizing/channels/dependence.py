"""Rows whose columns do not go together as the reference's do, column by column.

The inverse covariance of the normal scores gives every column as a linear
function of the others; a row's score is the norm of what these do not explain,
its Mahalanobis length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import N_FOLDS, Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores, worst_two
from qforge_jupyter.engine.collapse.localizing.choosing import strongest
from qforge_jupyter.results.uncertainty import NotApplicable

SAID = "columns that do not go together"
#: Share of its variance that every feature is given on top.
RIDGE = 0.05


@dataclass(frozen=True)
class _Fit:
    chosen: NDArray[np.int64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    precision: NDArray[np.float64]

    def residuals(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give what the others do not explain of each feature, in standard deviations."""
        standard = (features[:, self.chosen] - self.centre) / self.scale
        residuals: NDArray[np.float64] = standard @ self.precision
        residuals /= np.sqrt(np.diag(self.precision))
        return residuals


@dataclass(frozen=True)
class _Dependence:
    fits: tuple[_Fit, ...]
    column_of_feature: NDArray[np.int64]
    n_columns: int

    def score(self, block: Block) -> Scores:
        scores = np.zeros(len(block))
        for fold, fit in enumerate(self.fits):
            asked = block.fold == fold
            scores[asked] = np.linalg.norm(fit.residuals(block.features[asked]), axis=1)
        return scores

    def blame(self, block: Block) -> Blamed:
        worst = np.zeros((len(block), self.n_columns))
        for fold, fit in enumerate(self.fits):
            asked = np.flatnonzero(block.fold == fold)
            residuals = np.abs(fit.residuals(block.features[asked]))
            for feature, column in enumerate(self.column_of_feature[fit.chosen]):
                worst[asked, column] = np.maximum(worst[asked, column], residuals[:, feature])
        return worst_two(worst)


def prepare(case: RowCase) -> _Dependence | NotApplicable:
    """Invert the covariance of the reference, once without each fold."""
    few = case.too_few()
    if few is not None:
        return few
    if len(case.names) < 2:
        return NotApplicable("there is one column only")
    sample, other = case.reference.sample, case.candidate.sample
    plain, fits = case.plain_features, []
    for fold in range(N_FOLDS):
        rows = sample.features[sample.fold != fold]
        seen = other.features[other.fold != fold]
        chosen = plain[strongest(seen[:, plain], rows[:, plain])]
        fits.append(_fit(rows[:, chosen].astype(np.float64), chosen))
    return _Dependence(tuple(fits), case.column_of_feature, len(case.names))


def _fit(rows: NDArray[np.float64], chosen: NDArray[np.int64]) -> _Fit:
    n_rows, width = rows.shape
    centre, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    standard = (rows - centre) / scale
    covariance = standard.T @ standard / n_rows
    covariance[np.diag_indices(width)] += RIDGE + 0.5 * width / n_rows
    return _Fit(chosen, centre, scale, np.linalg.inv(covariance))
