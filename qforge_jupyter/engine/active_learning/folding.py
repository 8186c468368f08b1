"""Folds by the splitters: what a row's content and the seed decide, whatever the order of rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import free_name
from qforge_jupyter.engine.active_learning.labels import Labels
from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.engine.splitting import SplitCase, split
from qforge_jupyter.frames import Table

Codes = NDArray[np.int64]


def folds_of(  # noqa: PLR0913 — each is one question of the caller
    frame: pl.DataFrame,
    labels: Labels,
    n_folds: int,
    *,
    group: Sequence[str] = (),
    keys: Sequence[str] = (),
    seed: int,
) -> Codes:
    """Give each labeled row its fold, classes alike in all; -1 for the others.

    Parameters
    ----------
    frame
        All rows.
    labels
        Their classes.
    n_folds
        How many.
    group
        Columns whose combined value stays in one fold.
    keys
        Columns that name a row; its whole content otherwise.
    seed
        Of the split.

    Examples
    --------
    >>> frame = pl.DataFrame({"x": range(40), "tier": ["a", "b"] * 20})
    >>> from qforge_jupyter.engine.active_learning.labels import read_labels
    >>> found = folds_of(frame, read_labels(frame, "tier"), 4, seed=1)
    >>> len(found), int(found.max()), bool((np.bincount(found) >= 8).all())
    (40, 3, True)

    """
    known = labels.known
    mark = free_name("class", frame.columns)
    rows = frame[known].with_columns(pl.Series(mark, labels.codes[known]).cast(pl.String))
    plan = SplitPlan(folds=n_folds, stratify=[mark], group=list(group), key=list(keys))
    made = split(SplitCase(Table.of_frame("labeled", rows), plan, seed=seed))
    found = np.full(frame.height, -1, dtype=np.int64)
    found[known] = made.assignment["fold_1"].fill_null(-1).to_numpy()
    return found
