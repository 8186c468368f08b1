"""How well one column alone predicts another, cross-fitted.

The column is cut into at most 64 bins of equal counts (a category is its own
bin, what is missing is another); each half of the rows is predicted by what
the other half holds in the same bin. For a number it is the R² of its ranks
(so that a monotone transform counts as the thing itself), for classes the area
under the ROC curve of the class that is told worst.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Codes = NDArray[np.int64]

LEAST_BINS, MOST_BINS, ROWS_A_BIN = 4, 64, 10
MOST_CLASSES = 20
#: Whole numbers with at most so many values are classes.
FEWEST_NUMBERS = 10


@dataclass(frozen=True)
class Target:
    """What is to be predicted: classes as codes, or ranks between 0 and 1."""

    values: NDArray[np.float64]
    n_classes: int = 0

    @property
    def measure(self) -> str:
        """Name of the strength."""
        return "AUC" if self.n_classes else "R² of the ranks"


def read_target(column: pl.Series) -> Target | str:
    """Read a column without nulls as a target, or say why it is none.

    Examples
    --------
    >>> read_target(pl.Series(["a", "b", "a"])).n_classes
    2
    >>> read_target(pl.Series([1.0, 1.0]))
    'the target does not vary'

    """
    n_values = column.n_unique()
    if n_values < 2:
        return "the target does not vary"
    dtype = column.dtype
    is_number = dtype.is_numeric() or dtype.is_temporal()
    if is_number and n_values > FEWEST_NUMBERS:
        ranks = column.rank("average").to_numpy().astype(np.float64)
        return Target(ranks / len(ranks))
    if not (is_number or dtype in (pl.Boolean, pl.String, pl.Categorical, pl.Enum)):
        return f"the target is {dtype}, wanted a number, a truth value or text"
    if n_values > MOST_CLASSES:
        return f"the target has {n_values} classes, wanted at most {MOST_CLASSES} or a number"
    codes = column.cast(pl.String).rank("dense").to_numpy().astype(np.float64) - 1
    return Target(codes, n_values)


def bins(column: pl.Series) -> Codes | None:
    """Cut a column into bins; None where it has too many values that have no order.

    Examples
    --------
    >>> bins(pl.Series([0.1, None, 0.2])).tolist()
    [0, 2, 1]

    """
    dtype = column.dtype
    if dtype.is_temporal():
        column, dtype = column.to_physical(), pl.Int64()
    if dtype.is_numeric():
        values = column.cast(pl.Float64).to_numpy()
        known = values[~np.isnan(values)]
        if not len(known):
            return None
        n_bins = min(MOST_BINS, max(LEAST_BINS, len(known) // ROWS_A_BIN))
        edges = np.unique(np.quantile(known, np.linspace(0, 1, n_bins + 1)[1:-1], method="lower"))
        codes = np.searchsorted(edges, values, side="left").astype(np.int64)
        codes[np.isnan(values)] = len(edges) + 1
        return np.asarray(np.unique(codes, return_inverse=True)[1], dtype=np.int64)
    if dtype not in (pl.Boolean, pl.String, pl.Categorical, pl.Enum):
        return None
    texts = column.cast(pl.String)
    if texts.n_unique() > min(1_000, max(MOST_BINS, len(texts) // 4)):
        return None
    ranks = texts.rank("dense")
    return ranks.fill_null((ranks.max() or 0) + 1).to_numpy().astype(np.int64) - 1  # type: ignore[operator]  # a rank is a number


def monotone(column: pl.Series, target: Target) -> float:
    """Give the squared rank correlation of two numbers; 1 for any monotone transform.

    Examples
    --------
    >>> monotone(pl.Series([1.0, 10.0, 100.0]), Target(np.array([3.0, 2.0, 1.0])))
    1.0

    """
    if target.n_classes or not column.dtype.is_numeric():
        return 0.0
    ranks = column.fill_nan(None) if column.dtype.is_float() else column
    known = ranks.is_not_null().to_numpy()
    if known.mean() < 0.5 or known.sum() < 3:
        return 0.0
    x = ranks.drop_nulls().rank("average").to_numpy().astype(np.float64)
    y = pl.Series(target.values[known]).rank("average").to_numpy().astype(np.float64)
    x, y = x - x.mean(), y - y.mean()
    spread = float((x**2).sum() * (y**2).sum())
    return round(float((x * y).sum()) ** 2 / spread, 12) if spread else 0.0


def strength(codes: Codes, target: Target, shuffled: Codes) -> float:
    """Predict each half from the other and say how well.

    Parameters
    ----------
    codes
        The bin of each row.
    target
        What is to be predicted.
    shuffled
        The rows in random order: every second one of a bin goes into each half.

    Examples
    --------
    >>> codes = np.arange(100) // 10
    >>> strength(codes, Target(codes / 10.0), np.random.default_rng(0).permutation(100))
    1.0

    """
    n_bins = int(codes.max()) + 1
    halves = np.zeros(len(codes), dtype=np.bool_)
    halves[shuffled[np.argsort(codes[shuffled], kind="stable")][::2]] = True
    both = []
    for half in (halves, ~halves):
        if target.n_classes:
            both.append(_worst_auc(codes, target, half, n_bins))
        else:
            both.append(_explained(codes, target.values, half, n_bins))
    return float(np.mean(both))


def _explained(
    codes: Codes, values: NDArray[np.float64], half: NDArray[np.bool_], n_bins: int
) -> float:
    learned, judged = values[half], values[~half]
    counts = np.bincount(codes[half], minlength=n_bins)
    sums = np.bincount(codes[half], learned, minlength=n_bins)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), learned.mean())
    total = float(((judged - judged.mean()) ** 2).sum())
    if total == 0:
        return 0.0
    return 1 - float(((judged - means[codes[~half]]) ** 2).sum()) / total


def _worst_auc(codes: Codes, target: Target, half: NDArray[np.bool_], n_bins: int) -> float:
    """Area under the curve of the class that is told worst; from counts by bin."""
    n = target.n_classes
    joint = codes * n + target.values.astype(np.int64)
    learned = np.bincount(joint[half], minlength=n_bins * n).reshape(n_bins, n)
    judged = np.bincount(joint[~half], minlength=n_bins * n).reshape(n_bins, n)
    totals = learned.sum(axis=1)
    prior = learned.sum(axis=0) / max(1, learned.sum())
    scores = np.where(totals[:, None] > 0, learned / np.maximum(totals, 1)[:, None], prior)
    areas = []
    for each in range(n):
        positive = judged[:, each]
        negative = judged.sum(axis=1) - positive
        if not (positive.any() and negative.any()):
            continue
        levels, at = np.unique(scores[:, each], return_inverse=True)
        above = np.bincount(at, positive, minlength=len(levels))
        below = np.bincount(at, negative, minlength=len(levels))
        before = np.cumsum(below) - below
        areas.append(float((above * (before + below / 2)).sum() / (above.sum() * below.sum())))
    return min(areas, default=0.5)
