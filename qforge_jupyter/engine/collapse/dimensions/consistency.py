"""Statistical consistency: how columns and regions differ, weighed where values are rare."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.readings import Reading
from qforge_jupyter.engine.collapse.views import View
from qforge_jupyter.results.uncertainty import NotApplicable

QUESTION = "How far do columns and regions differ, weighed where the tails are?"

Floats = NDArray[np.float64]


def read(view: View) -> list[Reading] | NotApplicable:
    """Read distances that weigh rare values up, of columns and of regions of several columns."""
    distances = np.stack([_distance(view, i) for i in range(len(view.columns))], axis=1)
    worst = view.columns[int(distances[0].argmax())].chosen.title
    apart = np.abs(view.candidate.leaves - view.reference.leaves).sum(2) / 2
    pooled = (view.candidate.leaves + view.reference.leaves) / 2 + 1e-3
    chi = ((view.candidate.leaves - view.reference.leaves) ** 2 / pooled).sum(2)
    return [
        Reading("Anderson–Darling or χ distance", np.sqrt((distances**2).mean(1)), 0.08),
        Reading("Anderson–Darling or χ distance, worst column", distances.max(1), 0.20, at=worst),
        Reading("total variation of regions", apart.mean(1), 0.06),
        Reading("total variation of regions, worst partition", apart.max(1), 0.12),
        Reading("χ distance of regions", np.sqrt(chi.mean(1)), 0.15),
    ]


def _distance(view: View, index: int) -> Floats:
    candidate, reference = view.cells_of(index)
    pooled = view.pooled(index)
    if not view.columns[index].is_number:
        chi: Floats = np.sqrt(((candidate - reference) ** 2 / (pooled + 2e-3)).sum(1))
        return chi
    below = np.cumsum(pooled)
    apart = np.cumsum(candidate - reference, axis=1)
    weights = pooled / (below * (1 - below) + 2e-3)
    found: Floats = np.sqrt((apart**2 * weights).sum(1))
    return found
