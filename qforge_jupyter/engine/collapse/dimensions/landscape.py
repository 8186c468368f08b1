"""Loss landscape: the loss has the curvature and the optimum that it has on the reference."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.engine.collapse.dimensions._probes import probes
from qforge_jupyter.engine.collapse.readings import Reading
from qforge_jupyter.engine.collapse.views import View
from qforge_jupyter.results.uncertainty import NotApplicable

QUESTION = "Has the loss the curvature and the optimum that it has on the reference?"


def read(view: View) -> list[Reading] | NotApplicable:
    """Compare the Hessian's spectrum, and what the candidate's optimum costs on the reference."""
    tops, dimensions, costs = [], [], []
    for probe in probes(view):
        candidate, reference = (np.maximum(np.linalg.eigvalsh(each), 0) for each in probe.hessians)
        tops.append(np.log((candidate[:, -1] + 0.1) / (reference[:, -1] + 0.1)))
        sizes = [(each / (each + 0.1)).sum(1) for each in (candidate, reference)]
        dimensions.append(np.log((sizes[0] + 0.1) / (sizes[1] + 0.1)))
        own, other = probe.solutions()
        step = own - other
        cost = (step[:, None, :] @ probe.hessians[1] @ step[:, :, None])[:, 0, 0]
        costs.append(np.maximum(cost, 0) / probe.variances[1])
    if not tops:
        return NotApplicable("fewer than two columns can be compared")
    return [
        Reading("log of the steepest curvature", np.mean(tops, axis=0), 0.12, "signed"),
        Reading("log effective dimension", np.mean(dimensions, axis=0), 0.06, "signed"),
        Reading("loss added by the candidate's optimum", np.sqrt(np.mean(costs, axis=0)), 0.20),
    ]
