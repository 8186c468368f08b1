"""What a model that never saw a row's label says of that label, by row."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.labels import Labels
from qforge_jupyter.engine.active_learning.predicting import Predictions


def judged_rows(
    labels: Labels, predictions: Predictions | None, folds: NDArray[np.int64] | None
) -> pl.DataFrame:
    """Give every label that was predicted from the others, with its probability.

    Returns
    -------
    polars.DataFrame
        ``row``, ``given``, ``predicted`` (the likeliest class) and ``self_confidence`` (the
        probability of the given label), in the order of the rows; about ten bytes a row.

    Examples
    --------
    >>> from qforge_jupyter.engine.active_learning.committee import Predicted
    >>> labels = Labels(("a", "b"), np.array([0, 1, -1]))
    >>> said = Predicted(np.array([[[0.75, 0.25], [0.5, 0.5], [0.1, 0.9]]] * 2), 0.5)
    >>> judged_rows(labels, Predictions(said, labels.codes > -2), np.array([0, 1, -1])).rows()
    [(0, 'a', 'a', 0.75), (1, 'b', 'a', 0.5)]

    """
    names = pl.Series(labels.classes, dtype=pl.Enum(labels.classes))
    none = np.empty(0, dtype=np.int64)
    if predictions is None or folds is None:
        at, probabilities = none, np.empty((0, len(labels.classes)))
    else:
        at = np.flatnonzero(predictions.is_judged & (labels.codes >= 0) & (folds >= 0))
        probabilities = predictions.probabilities[at]
    codes = labels.codes[at]
    predicted = probabilities.argmax(axis=1) if len(at) else none
    return pl.DataFrame({
        "row": pl.Series(at, dtype=pl.UInt32),
        "given": names.gather(codes),
        "predicted": names.gather(predicted),
        "self_confidence": pl.Series(probabilities[np.arange(len(at)), codes], dtype=pl.Float32),
    })  # fmt: skip
