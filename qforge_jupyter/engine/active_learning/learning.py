"""What is learned of a table before anything is suggested: labels, matrices, predictions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.asked import Asked
from qforge_jupyter.engine.active_learning.describing import Description, describe_columns
from qforge_jupyter.engine.active_learning.folding import folds_of
from qforge_jupyter.engine.active_learning.labels import Labels, read_labels
from qforge_jupyter.engine.active_learning.matrices import Matrices, make_matrices
from qforge_jupyter.engine.active_learning.predicting import Predictions, predict_out_of_sample
from qforge_jupyter.errors import DataError
from qforge_jupyter.results.progress import Progress, silent

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Learned:
    """A table as the model sees it, and what the model says.

    Parameters
    ----------
    labels
        Classes that can be learned; rows of rarer ones count as unlabeled for the model.
    given
        Classes as they stand in the table.
    folds
        Fold of each row; -1 where it has none; None where there are too few labels.
    predictions
        None where nothing can be learned.
    notes
        What to know.

    """

    described: Description
    matrices: Matrices
    given: Labels
    labels: Labels
    folds: Codes | None
    predictions: Predictions | None
    notes: tuple[str, ...] = field(default=())


def learn_table(  # noqa: PLR0913 — what a call brings
    frame: pl.DataFrame,
    asked: Asked,
    *,
    name: str,
    is_strict: bool,
    seed: int,
    device: str = "cpu",
    progress: Progress = silent,
) -> Learned:
    """Read labels, describe rows, and predict each from the labels of the others.

    Parameters
    ----------
    frame, asked, name
        The rows, what to suggest, and what the table is called.
    is_strict
        Whether out-of-sample predictions must be possible, as for label errors.
    seed, device, progress
        As everywhere.

    Raises
    ------
    DataError
        No column describes a row; or, where it is strict, there are too few labels.

    """
    given = read_labels(frame, asked.target)
    described = describe_columns(frame, columns=asked.columns, others=asked.others)
    usable = given.of_at_least(asked.folds)
    if is_strict:
        _need_labels(given, usable, asked, name)
    matrices = make_matrices(frame, described, seed=seed, device=device)
    notes = _notes(described, given, usable, asked)
    if len(usable.classes) > 1:
        folds = folds_of(frame, usable, asked.folds, group=asked.group, keys=asked.keys, seed=seed)
        said = predict_out_of_sample(matrices, usable, folds, seed=seed, progress=progress)
        return Learned(described, matrices, given, usable, folds, said, notes)
    said_ = None
    if len(given.classes) > 1:
        # Too few labels to try the model, enough to have one.
        none = np.full(frame.height, -1, dtype=np.int64)
        said_ = predict_out_of_sample(matrices, given, none, seed=seed, progress=progress)
        few = f"some class has fewer than {asked.folds} labels"
        notes += (f"How good the model is cannot be told: {few}.",)
    return Learned(described, matrices, given, given, None, said_, notes)


def _need_labels(given: Labels, usable: Labels, asked: Asked, name: str) -> None:
    n_labels, target = len(given.known), asked.target[:60]
    if not n_labels:
        raise DataError(
            f"No row of {name} has a label in {target!r}: suspected errors need labels, so label "
            "some rows first, or write --find next"
        )
    if len(given.classes) == 1:
        raise DataError(
            f"All {n_labels:,} labels in {target!r} are of one class and two were wanted: label "
            "rows of another class first"
        )
    if len(usable.classes) < 2:
        raise DataError(
            f"{target!r} has {n_labels:,} labels, and fewer than two classes have {asked.folds}, "
            f"one for each of {asked.folds} folds: label more rows, or ask for fewer --folds"
        )


def _notes(described: Description, given: Labels, usable: Labels, asked: Asked) -> tuple[str, ...]:
    notes = []
    if described.left_out:
        shown = "; ".join(f"{name} ({why})" for name, why in described.left_out[:8])
        more = len(described.left_out) - 8
        notes.append(f"Not learned from: {shown}{f' and {more} more' if more > 0 else ''}.")
    n_rare = len(given.classes) - len(usable.classes)
    if n_rare and len(usable.classes) > 1:
        n_rows = len(given.known) - len(usable.known)
        rare = "1 class that has" if n_rare == 1 else f"{n_rare:,} classes that each have"
        labels = "label" if n_rows == 1 else "labels"
        notes.append(f"Not judged: {n_rows:,} {labels} of {rare} fewer than {asked.folds} labels.")
    return tuple(notes)
