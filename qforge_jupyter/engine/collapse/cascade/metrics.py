"""What predictions are worth, and what each row adds to that.

The value of a metric is, to first order, a mean over the test rows; what each row adds to it
gives the error of the metric, and of the difference between two models on the same rows.
For the area under the ROC curve these are the placements of DeLong et al., Biometrics 1988.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: How the metrics are written.
TITLES = {
    "auc": "AUC",
    "accuracy": "accuracy",
    "r2": "R²",
    "mae": "MAE",
    "explained": "explained share",
}


@dataclass(frozen=True)
class Worth:
    """A metric, higher is better, with what each row adds, ``[n]`` of mean 0."""

    value: float
    added: Floats = field(repr=False)


def worth_of(metric: str, truth: Floats, predicted: Floats) -> Worth:
    """Judge predictions.

    Parameters
    ----------
    metric
        ``auc``, ``accuracy``, ``r2``, ``explained`` or ``mae``; the last is negated.
    truth
        Numbers, or the numbers of classes, ``[n]``.
    predicted
        Numbers, ``[n]``, or probabilities of classes, ``[n, K]``.

    Examples
    --------
    >>> sure = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    >>> truth = np.array([0.0, 0.0, 1.0, 1.0])
    >>> worth_of("auc", truth, sure).value, worth_of("accuracy", truth, sure).value
    (0.75, 0.75)

    """
    if metric == "auc":
        return _area(truth, predicted[:, 1])
    if metric == "accuracy":
        return _mean((predicted.argmax(axis=1) == truth).astype(float))
    if metric == "mae":
        return _mean(-np.abs(predicted - truth))
    if predicted.ndim == 1:
        return _explained((predicted - truth) ** 2, (truth - truth.mean()) ** 2)
    codes = truth.astype(int)
    shares = np.bincount(codes, minlength=predicted.shape[1]) / len(codes)
    losses = -np.log(predicted[np.arange(len(codes)), codes])
    return _explained(losses, -np.log(shares[codes]))


def _mean(values: Floats) -> Worth:
    return Worth(float(values.mean()), values - values.mean())


def _explained(losses: Floats, naive: Floats) -> Worth:
    """One minus the loss as a share of that of knowing the mean (or the shares) only."""
    whole = float(naive.mean())
    if whole <= 0:
        return Worth(0.0, np.zeros(len(losses)))
    value = 1 - float(losses.mean()) / whole
    return Worth(value, -(losses - (1 - value) * naive) / whole)


def _area(truth: Floats, scores: Floats) -> Worth:
    from scipy.stats import rankdata

    is_positive = truth == 1
    n, m = int(is_positive.sum()), int((~is_positive).sum())
    if not n or not m:
        return Worth(0.5, np.zeros(len(truth)))
    ranks = rankdata(scores)
    placed = np.empty(len(truth))
    placed[is_positive] = (ranks[is_positive] - rankdata(scores[is_positive])) / m
    placed[~is_positive] = 1 - (ranks[~is_positive] - rankdata(scores[~is_positive])) / n
    value = float(placed[is_positive].mean())
    weights = np.where(is_positive, len(truth) / n, len(truth) / m)
    return Worth(value, (placed - value) * weights)
