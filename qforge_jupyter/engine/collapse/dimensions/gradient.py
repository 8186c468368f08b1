"""Gradient health: a training step goes where it goes on the reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.dimensions._probes import PENALTY, Probe, probes, solved
from qforge_jupyter.engine.collapse.readings import Reading
from qforge_jupyter.engine.collapse.views import View
from qforge_jupyter.results.uncertainty import NotApplicable

QUESTION = "Would a training step on the candidate go where it goes on the reference?"


Floats = NDArray[np.float64]


def read(view: View) -> list[Reading] | NotApplicable:
    """Compare first gradients, and the gradient on the candidate at the reference's optimum."""
    turned, lengths, scores = [], [], []
    for probe in probes(view):
        candidate, reference = probe.slopes
        squares = [(each**2).sum(1) for each in (candidate, reference)]
        inner = (candidate * reference).sum(1)
        damping = 0.02
        turned.append((squares[0] + squares[1] - 2 * inner) / (sum(squares) + 2 * damping))
        lengths.append(0.5 * np.log((squares[0] + damping) / (squares[1] + damping)))
        scores.append(_score(probe))
    if not turned:
        return NotApplicable("fewer than two columns can be compared")
    return [
        Reading("first gradients apart", np.mean(turned, axis=0), 0.06),
        Reading("log length of the first gradient", np.mean(lengths, axis=0), 0.2, "signed"),
        Reading("gradient left at the reference's optimum", np.mean(scores, axis=0), 0.12),
    ]


def _score(probe: Probe) -> Floats:
    """Length of the score on the candidate in the metric of the reference's Hessian."""
    _, reference = probe.solutions()
    moved = (probe.hessians[0] @ reference[:, :, None])[:, :, 0] + PENALTY * reference
    left = moved - probe.slopes[0]
    squares = (left * solved(probe.hessians[1], left)).sum(1)
    length: Floats = np.sqrt(np.maximum(squares, 0) / probe.variances[1])
    return length
