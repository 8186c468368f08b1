"""What a check leaves behind that its signature is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.layout import Layout
from qforge_jupyter.engine.collapse.neighborhood import FIFTH
from qforge_jupyter.engine.collapse.preparing import Prepared
from qforge_jupyter.engine.collapse.readings import Judged
from qforge_jupyter.results.collapse import Copying

Floats = NDArray[np.float64]
#: Shares and bounds of `Copying` that a signature reads.
COPYING = (
    "share_copied", "natural_copied", "least_copied",
    "share_repeated", "natural_repeated", "least_repeated",
)  # fmt: skip


@dataclass(frozen=True)
class Traces:
    """Arrays without names or units; the candidate comes before the reference everywhere.

    Parameters
    ----------
    effects
        By the statistic's name: effect in tolerances, signed; its lower bound in tolerances; and
        its distance from chance in standard deviations of the null.
    n
        Rows of both sides.
    counts, layout
        Rows in each cell of each column, ``[2, C]``, and what the cells mean.
    target
        Place of the column that is predicted; -1 for none.
    features, covariances
        Column and meaning (0 score, 1 level, 2 null) of each related feature, ``[2, p]``, and
        their covariances on both sides, ``[2, p, p]``.
    cells, is_own, scores
        A sample of rows of both sides: cells, side, and what the classifier says of each.
    near_own, reaches, is_near
        A sample of rows: neighbors of the candidate's among ten, log distances of the first, the
        fifth and the last neighbor, ``[n, 3]``, and side.
    copying
        As `COPYING` lists them.

    """

    effects: dict[str, tuple[float, float, float]]
    n: Floats = field(repr=False)
    counts: Floats = field(repr=False)
    layout: Layout = field(repr=False)
    target: int
    features: NDArray[np.int64] = field(repr=False)
    covariances: Floats = field(repr=False)
    cells: NDArray[np.uint16] = field(repr=False)
    is_own: NDArray[np.bool_] = field(repr=False)
    scores: Floats = field(repr=False)
    near_own: NDArray[np.int64] = field(repr=False)
    reaches: Floats = field(repr=False)
    is_near: NDArray[np.bool_] = field(repr=False)
    copying: Floats = field(repr=False)


def traces_of(
    prepared: Prepared, judged: Sequence[Judged], copying: Copying, target: str
) -> Traces:
    """Gather the traces of a check that is done."""
    names = [each.name for each in prepared.encoder.columns]
    told = prepared.told
    rows = np.zeros((0, len(names)), dtype=np.uint16)
    near = _near(prepared)
    return Traces(
        {each.name: _effect(each) for each in judged},
        np.array([_of_sides(prepared, prepared.sums.n)[i].item() for i in (0, 1)]),
        _of_sides(prepared, prepared.sums.cells),
        prepared.encoder.layout,
        names.index(target) if target in names else -1,
        _features(prepared, names),
        _covariances(prepared),
        rows if told is None else told.cells,
        np.zeros(0, dtype=bool) if told is None else told.is_candidate,
        np.zeros(0) if told is None else told.scores,
        *near,
        np.array([getattr(copying, name) for name in COPYING]),
    )


def _effect(judged: Judged) -> tuple[float, float, float]:
    off = judged.value - judged.expected
    return off / judged.tolerance, judged.excess, off / judged.spread


def _of_sides(prepared: Prepared, sums: Floats) -> Floats:
    own, other = sums[: prepared.n_own], sums[prepared.n_own :]
    return np.stack([own.sum(0), other.sum(0)])


def _features(prepared: Prepared, names: list[str]) -> NDArray[np.int64]:
    every = [prepared.encoder.feature_names[index] for index in prepared.kept]
    meanings = {"score": 0, "null": 2}
    is_number = {each.name: each.is_number for each in prepared.encoder.columns}
    return np.array(
        [
            [names.index(name) for name, _ in every],
            # A level may be called "score" or "null" too.
            [meanings.get(label, 1) if is_number[name] else 1 for name, label in every],
        ],
        dtype=np.int64,
    ).reshape(2, -1)


def _covariances(prepared: Prepared) -> Floats:
    m = np.maximum(_of_sides(prepared, prepared.sums.m), 1)
    means = _of_sides(prepared, prepared.sums.features) / m[:, None]
    products = _of_sides(prepared, prepared.sums.products) / m[:, None, None]
    found: Floats = products - means[:, :, None] * means[:, None, :]
    return found


def _near(prepared: Prepared) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_]]:
    found = prepared.neighborhood
    if found is None:
        return np.zeros(0, dtype=np.int64), np.zeros((0, 3)), np.zeros(0, dtype=bool)
    own = found.buckets < prepared.n_own
    logs = found.log_distances
    places = [0, min(FIFTH, logs.shape[1]) - 1, logs.shape[1] - 1]
    asked = own[found.nearest[:, :10]].sum(1).astype(np.int64)
    return asked, logs[:, places].astype(np.float64), own
