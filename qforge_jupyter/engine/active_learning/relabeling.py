"""From labels of several people to the rows that somebody should label once more."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.engine.active_learning.labels import Labels
from qforge_jupyter.engine.active_learning.learning import Learned
from qforge_jupyter.engine.active_learning.many_labelers import (
    LABEL,
    ROW,
    judge_labelers,
    majority_labels,
)
from qforge_jupyter.errors import DataError

#: A consensus that is rather wrong than right is suspected.
EVEN = 0.5


def judged_by_many(
    answers: pl.DataFrame, labels: Labels, learned: Learned, *, seed: int
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Rank the rows on which labelers, or the model, do not agree: least certain consensus first.

    Gives the rows, and what more the report holds.

    Raises
    ------
    DataError
        Nothing can be learned, or fewer than two labelers gave labels that can be.

    """
    predictions = learned.predictions
    said = answers.filter(pl.col(LABEL).is_in(list(labels.classes)))
    if predictions is None or said["labeler"].n_unique() < 2:
        raise DataError(
            "Labels of several are compared and fewer than two labelers gave labels of classes "
            "that can be learned: label more rows, or ask for fewer --folds"
        )
    is_judged = predictions.is_judged[said[ROW].to_numpy()]
    said = said.filter(pl.Series(is_judged))
    found = judge_labelers(said, predictions.probabilities, labels.classes, seed=seed)
    of_model = predictions.probabilities[found.rows]
    differs = (found.agreement < 1) | (of_model.argmax(axis=1) != found.consensus)
    at = np.flatnonzero(differs)
    order = at[np.argsort(found.quality[at], kind="stable")]
    classes = np.array(labels.classes, dtype=object)
    names = np.array([*found.names, None], dtype=object)
    most = majority_labels(said, len(labels.codes))
    quality = found.quality[order]
    rows = pl.DataFrame({
        "row": found.rows[order],
        "given": most[found.rows[order].tolist()],
        "proposed": pl.Series(classes[found.consensus[order]].tolist(), dtype=pl.String),
        "probability": of_model[order, found.consensus[order]],
        "self_confidence": quality,
        "loss": -np.log(np.clip(quality, 1e-6, None)),
        "score": 1.0 - quality,
        "n_labels": found.n_labels[order],
        "agreement": found.agreement[order],
        "asked_next": pl.Series(names[found.asked_next[order]].tolist(), dtype=pl.String),
    })  # fmt: skip
    reason = pl.format(
        "{}% of {} labels say {}, which is right with {}%",
        *((pl.col("agreement") * 100).round(0).cast(pl.Int64), "n_labels", "proposed"),
        (pl.col("self_confidence") * 100).round(0).cast(pl.Int64),
    )
    notes = learned.notes
    if n_other := answers.height - said.height:
        notes += (f"Not judged: {n_other:,} labels of classes too rare to be learned.",)
    return rows.with_columns(reason=reason), {
        "n_suspected": int((quality < EVEN).sum()),
        "share_wrong": found.share,
        "labelers": found.labelers,
        "notes": notes,
    }
