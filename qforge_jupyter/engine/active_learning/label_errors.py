"""Labels that are probably wrong, by confident learning on out-of-sample probabilities.

C. G. Northcutt, L. Jiang and I. L. Chuang, JAIR 70, 1373, 2021, as cleanlab does it. Beside it
stands what needs no theory: the loss of each label, by which the rows are ranked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.results.interval import Interval

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

N_RESAMPLES = 2_000


@dataclass(frozen=True)
class LabelErrors:
    """What is suspected of each judged row.

    Parameters
    ----------
    is_suspected
        Whether confident learning holds the label for wrong.
    self_confidence
        Probability of the given label, by a model that has not seen it.
    loss
        Its negative logarithm.
    proposed
        Place of the most probable class.
    certainty
        Probability of the proposed class.
    share
        Share of all labels that is expected to be wrong.

    """

    is_suspected: NDArray[np.bool_]
    self_confidence: Floats
    loss: Floats
    proposed: Codes
    certainty: Floats
    share: Interval

    @property
    def order(self) -> Codes:
        """Rows that are suspected, the worst first."""
        found = np.flatnonzero(self.is_suspected)
        ranked: Codes = found[np.argsort(-self.loss[found], kind="stable")]
        return ranked

    def confusion(self, codes: Codes, classes: tuple[str, ...]) -> pl.DataFrame:
        """Count the suspected labels by given and proposed class, the most frequent pair first."""
        at = np.flatnonzero(self.is_suspected)
        names = np.array(classes, dtype=object)
        pairs = pl.DataFrame({
            "given": pl.Series(names[codes[at]].tolist(), dtype=pl.String),
            "proposed": pl.Series(names[self.proposed[at]].tolist(), dtype=pl.String),
        })  # fmt: skip
        counted = pairs.group_by("given", "proposed").len("n")
        return counted.sort("n", "given", "proposed", descending=[True, False, False])

    def binned(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Count self-confidence in twenty bins, of all labels and of the suspected ones."""
        every, suspected = (
            np.histogram(each, bins=20, range=(0.0, 1.0))[0].tolist()
            for each in (self.self_confidence, self.self_confidence[self.is_suspected])
        )
        return tuple(every), tuple(suspected)


def find_label_errors(codes: Codes, probabilities: Floats, *, seed: int) -> LabelErrors:
    """Judge every label.

    Parameters
    ----------
    codes
        Given class of each row.
    probabilities
        Rows x classes, out of sample.
    seed
        Of the interval.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> truth = rng.integers(0, 2, 200)
    >>> said = np.where(np.eye(2)[truth] == 1, 0.95, 0.05)
    >>> given = truth.copy(); given[:10] = 1 - given[:10]
    >>> found = find_label_errors(given, said, seed=1)
    >>> sorted(found.order.tolist()), round(found.share.value, 2)
    ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0.05)

    """
    from cleanlab.filter import find_label_issues

    own = probabilities[np.arange(len(codes)), codes]
    proposed = probabilities.argmax(axis=1)
    # One process: what is counted takes less time than starting others.
    suspected = find_label_issues(codes, probabilities, filter_by="prune_by_noise_rate", n_jobs=1)
    # A label that the model itself proposes is not called wrong.
    suspected = np.asarray(suspected, dtype=np.bool_) & (proposed != codes)
    return LabelErrors(
        suspected,
        own,
        -np.log(own),
        proposed,
        probabilities.max(axis=1),
        expected_share(codes, probabilities, seed=seed),
    )


def expected_share(codes: Codes, probabilities: Floats, *, seed: int) -> Interval:
    """Estimate the share of wrong labels from the confident joint, with a bootstrap interval.

    A row counts as confidently of a class when its probability there reaches the mean
    probability that rows of this class have. The interval is of the sample alone (the counts are
    drawn again); it does not hold what the model gets systematically wrong.
    """
    n_classes = probabilities.shape[1]
    given = np.eye(n_classes)[codes]
    n_given = given.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        thresholds = (given * probabilities).sum(axis=0) / n_given
    thresholds = np.where(n_given > 0, thresholds, np.inf)
    confident = np.where(probabilities >= thresholds - 1e-6, probabilities, -1.0)
    said = np.where(confident.max(axis=1) >= 0, confident.argmax(axis=1), codes)
    is_told = confident.max(axis=1) >= 0
    # By given class: told to be another one, told to be this one, not told.
    kind = np.where(~is_told, 2, np.where(said != codes, 0, 1))
    counts = np.zeros((n_classes, 3))
    np.add.at(counts, (codes, kind), 1)
    drawn = np.random.default_rng(seed).multinomial(
        len(codes), (counts / counts.sum()).ravel(), N_RESAMPLES
    ).reshape(N_RESAMPLES, n_classes, 3)  # fmt: skip
    low, high = np.quantile(_shares(drawn.astype(np.float64)), (0.025, 0.975))
    value = float(_shares(counts[None])[0])
    return Interval(
        value, min(float(low), value), max(float(high), value), 0.95, "percentile", len(codes),
        "of the sample alone: what the model gets systematically wrong is not in it",
    )  # fmt: skip


def _shares(counts: Floats) -> Floats:
    """Weigh each class's share of confident contradictions by how frequent the class is."""
    told = counts[..., 0] + counts[..., 1]
    wrong = counts[..., 0] / np.where(told > 0, told, 1.0)
    of_class = counts.sum(axis=-1) / counts.sum(axis=(-2, -1))[..., None]
    found: Floats = (wrong * of_class).sum(axis=-1)
    return found
