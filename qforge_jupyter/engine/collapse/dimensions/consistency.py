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
    distances = _distances(view)
    worst = view.titles[int(distances[0].argmax())]
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


def _distances(view: View) -> Floats:
    layout, pooled = view.layout, view.pooled
    below = layout.running(pooled)
    weights = pooled / (below * np.maximum(1 - below, 0) + 2e-3)
    darling = layout.sums(layout.running(view.apart) ** 2 * weights)
    chi = layout.sums(view.apart**2 / (pooled + 2e-3))
    found: Floats = np.sqrt(np.maximum(np.where(layout.is_number, darling, chi), 0))
    return found
