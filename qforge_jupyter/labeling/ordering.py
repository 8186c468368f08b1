"""Which rows come first: by a column of priorities, and within it by the order of the body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qforge_jupyter.errors import DataError, blaming
from qforge_jupyter.labeling.informing import aligned
from qforge_jupyter.labeling.items import Items
from qforge_jupyter.labeling.priority import STEP, Numbers, levels_of, within
from qforge_jupyter.labeling.suggested import Suggested

if TYPE_CHECKING:
    from qforge_jupyter.labeling.opening import Wanted


def is_by_disagreement(wanted: Wanted) -> bool:
    """Say whether what people answer decides what comes first."""
    order = wanted.plan.order
    is_uninformed = wanted.scores is None and wanted.suggestions is None
    is_uninformed &= order == "most informative first"
    return order == "disagreement first" or is_uninformed


def ordered(wanted: Wanted, items: Items, suggested: Suggested | None) -> Numbers:
    """Give each row its priority by ``order``.

    Raises
    ------
    DataError
        The order needs scores and none came.

    """
    n, order = items.frame.height, wanted.plan.order
    if order == "random":
        return np.random.default_rng(wanted.seed).permutation(n).astype(np.float64)
    if order in ("lowest score first", "most informative first") and wanted.scores is not None:
        with blaming("order"):
            scores = aligned(items, wanted.scores)
        return -scores if order == "lowest score first" else scores
    if order == "most informative first" and suggested is not None:
        return suggested.scores
    if order == "lowest score first":
        with blaming("order"):
            raise DataError(
                "'lowest score first' needs scores: give a table of keys and numbers with --scores"
            )
    return np.zeros(n, dtype=np.float64)


def levels_wanted(wanted: Wanted) -> Numbers | None:
    """Give each row its level by the column of priorities; None without one."""
    if wanted.plan.ranked is None:
        return None
    with blaming("priority"):
        return levels_of(wanted.frame, wanted.plan.ranked)


def queued(wanted: Wanted, levels: Numbers | None, priority: Numbers) -> Numbers:
    """Let the order decide among rows of one level."""
    if levels is None:
        return priority
    return levels * STEP if is_by_disagreement(wanted) else within(levels, priority)
