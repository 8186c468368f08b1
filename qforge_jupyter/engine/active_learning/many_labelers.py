"""Labels of several people: which items to label once more and by whom, and how good each is.

CROWDLAB (Goh, Tkachenko and Mueller, 2022), as cleanlab does it: labelers are weighed by how
often they agree with others, a model by how well it predicts what they agree on.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.results.interval import Interval

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

N_RESAMPLES = 2_000
#: Columns of a table of answers.
ROW, LABELER, LABEL = "row", "labeler", "label"


@dataclass(frozen=True)
class ManyLabelers:
    """What is thought of the labels of several people.

    Parameters
    ----------
    rows
        Places of the rows that somebody labeled.
    consensus
        Place of the class that accounts best for all labels of each.
    quality
        How probable it is that this class is right.
    agreement, n_labels
        Share of the labels that are this class, and how many there are.
    asked_next
        Place of the best labeler who has not labeled the row; -1 where everybody has.
    labelers
        ``labeler``, ``n_labels``, ``agreement`` (with the consensus), ``quality`` and
        ``weakest`` (class that they label worst), the best first.
    share
        Share of the consensus labels that is expected to be wrong.

    """

    rows: Codes
    consensus: Codes
    quality: Floats
    agreement: Floats
    n_labels: Codes
    asked_next: Codes
    names: tuple[str, ...]
    labelers: pl.DataFrame
    share: Interval


def judge_labelers(
    answers: pl.DataFrame, probabilities: Floats, classes: tuple[str, ...], *, seed: int
) -> ManyLabelers:
    """Judge items, labels and labelers.

    Parameters
    ----------
    answers
        ``row``, ``labeler`` and ``label``, one line an answer; every label is a class.
    probabilities
        All rows x classes, by models that have not seen the row.
    classes
        In the order of the probabilities.
    seed
        Of the interval.

    """
    from cleanlab.multiannotator import get_label_quality_multiannotator

    rows, names, matrix = _matrix(answers, classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # labelers without shared items are told by their counts
        found = get_label_quality_multiannotator(matrix, probabilities[rows], verbose=False)
    items, people = found["label_quality"], found["annotator_stats"]
    quality = items["consensus_quality_score"].to_numpy(dtype=np.float64)
    # cleanlab sorts people by quality; here they are in the order of the columns.
    of_each = people.loc[range(len(names))]
    labelers = pl.DataFrame({
        "labeler": list(names),
        "n_labels": of_each["num_examples_labeled"].to_numpy(dtype=np.int64),
        "agreement": of_each["agreement_with_consensus"].to_numpy(dtype=np.float64),
        "quality": of_each["annotator_quality"].to_numpy(dtype=np.float64),
        "weakest": [classes[int(code)] for code in of_each["worst_class"]],
    })  # fmt: skip
    return ManyLabelers(
        rows,
        items["consensus_label"].to_numpy(dtype=np.int64),
        quality,
        items["annotator_agreement"].to_numpy(dtype=np.float64),
        items["num_annotations"].to_numpy(dtype=np.int64),
        _asked_next(matrix, labelers["quality"].to_numpy()),
        names,
        labelers.sort("quality", "labeler", descending=[True, False]),
        _share(quality, seed),
    )


def majority_labels(answers: pl.DataFrame, n_rows: int) -> pl.Series:
    """Give the label that most gave each row; null where there is a tie, or nobody spoke.

    Examples
    --------
    >>> answers = pl.DataFrame({"row": [0, 0, 1, 1], "labeler": list("abab"),
    ...                         "label": ["x", "x", "x", "y"]})
    >>> majority_labels(answers, 3).to_list()
    ['x', None, None]

    """
    counts = answers.group_by(ROW, LABEL).len("n")
    most = counts.filter(pl.col("n") == pl.col("n").max().over(ROW))
    alone = most.filter(pl.len().over(ROW) == 1).select(pl.col(ROW).cast(pl.Int64), LABEL)
    every = pl.DataFrame({ROW: range(n_rows)}, schema={ROW: pl.Int64})
    return every.join(alone, on=ROW, how="left", maintain_order="left")[LABEL]


def _matrix(
    answers: pl.DataFrame, classes: tuple[str, ...]
) -> tuple[Codes, tuple[str, ...], Floats]:
    """Lay answers out as items x labelers, NaN where somebody said nothing; the last counts."""
    places = {name: place for place, name in enumerate(classes)}
    names = answers[LABELER].unique().sort().to_list()
    nth = {name: place for place, name in enumerate(names)}
    rows = answers[ROW].unique().sort().to_numpy().astype(np.int64)
    matrix = np.full((len(rows), len(names)), np.nan)
    at = np.searchsorted(rows, answers[ROW].to_numpy())
    who = [nth[each] for each in answers[LABELER]]
    matrix[at, who] = [places[each] for each in answers[LABEL]]
    return rows, tuple(names), matrix


def _asked_next(matrix: Floats, quality: Floats) -> Codes:
    """Choose for each row the best labeler who has said nothing of it."""
    worth = np.where(np.isnan(matrix), quality, -1.0)
    best = worth.argmax(axis=1).astype(np.int64)
    return np.where(worth.max(axis=1) < 0, -1, best)


def _share(quality: Floats, seed: int) -> Interval:
    wrong = 1.0 - quality
    drawn = np.random.default_rng(seed).integers(0, len(wrong), (N_RESAMPLES, len(wrong)))
    low, high = np.quantile(wrong[drawn].mean(axis=1), (0.025, 0.975))
    value = float(wrong.mean())
    return Interval(
        value, min(float(low), value), max(float(high), value), 0.95, "percentile", len(wrong),
        "of the sample alone: what labelers and the model get wrong together is not in it",
    )  # fmt: skip
