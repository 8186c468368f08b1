"""What runs measured of the rows that a dashboard looks at, read once for a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qforge_jupyter.labeling.judged import model_of
from qforge_jupyter.labeling.rows import Rows
from qforge_jupyter.labeling.scored import bands_of, suspected, tiers_of
from qforge_jupyter.store.commits import KeptCommit
from qforge_jupyter.store.opening import Store

#: The last run that scored a version and the content that it scored; the same of suggestions.
LastRuns = tuple[tuple[str, str], tuple[str, str]]
_SHOWN = 10


@dataclass(frozen=True)
class Measured:
    """Scores, suspected labels, and what a model says of each label.

    Parameters
    ----------
    tiers
        Rows by band, and how their scores are spread.
    bands
        The band of each row; None where the last score was of other rows.
    suspected
        Labels that a model doubts.
    model
        How well it predicts the labels, example by example.

    """

    tiers: dict[str, Any]
    bands: pl.Series | None = field(repr=False)
    suspected: dict[str, Any] | None
    model: dict[str, Any]


def measure(
    store: Store, rows: Rows, commits: Sequence[KeptCommit], last_runs: LastRuns
) -> Measured:
    """Read what the last score and the last `suggest` found.

    Parameters
    ----------
    store
        The open store.
    rows
        Of the version that is looked at.
    commits
        The versions of the dataset, the latest first.
    last_runs
        Which runs those are.

    """
    (score, scored), (suggest, suggested) = last_runs
    head = next((one.fingerprint for one in commits if one.id == rows.commit), "")
    return Measured(
        tiers_of(store, score, is_of_head=scored == head),
        bands_of(store, score, rows) if scored == head else None,
        _suspected(store, suggested, rows),
        model_of(store, suggest, rows),
    )


def _suspected(store: Store, content: str, rows: Rows) -> dict[str, Any] | None:
    lines = suspected(store, content)
    if not lines.height:
        return None
    first = [
        [rows.key(int(row)), str(given), str(proposed), round(float(probability), 3)]
        for row, given, proposed, probability in lines.head(_SHOWN).iter_rows()
        if int(row) < rows.frame.height
    ]
    return {"n": lines.height, "rows": first}
