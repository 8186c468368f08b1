"""Correlation preservation: columns hang together as they should."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.readings import Reading
from qforge_jupyter.engine.collapse.views import View
from qforge_jupyter.results.uncertainty import NotApplicable

QUESTION = "Do columns hang together as they should?"


Floats = NDArray[np.float64]


def read(view: View) -> list[Reading] | NotApplicable:
    """Compare the correlations of normal scores and levels, pair by pair of columns."""
    names = [name for name, _ in view.names]
    first, second = np.triu_indices(len(names), k=1)
    called = np.array(names, dtype=object)
    across = called[first] != called[second]
    if not across.any():
        return NotApplicable("fewer than two columns can be compared")
    first, second = first[across], second[across]
    candidate, reference = (each[:, first, second] for each in view.correlations)
    apart = np.abs(candidate - reference)
    worst = int(apart[0].argmax())
    energies = [(each**2).sum(1) + 0.02 * len(first) ** 0.5 for each in (candidate, reference)]
    readings = _with_target(view, names)
    return [
        *readings,
        Reading("correlations, root mean square", np.sqrt((apart**2).mean(1)), 0.05),
        Reading(
            "correlations, worst pair",
            apart.max(1),
            0.25,
            at=f"{names[first[worst]]}, {names[second[worst]]}",
            columns=(names[first[worst]], names[second[worst]]),
        ),
        Reading("log energy of correlations", np.log(energies[0] / energies[1]), 0.25, "signed"),
        Reading("pattern of correlations", _turned(candidate, reference), 0.10),
    ]


def _with_target(view: View, names: list[str]) -> list[Reading]:
    """Compare how strongly the target hangs together with the other columns."""
    own = [i for i, name in enumerate(names) if name == view.target]
    others = [i for i, name in enumerate(names) if name != view.target]
    if not own or not others:
        return []
    rows, columns = (each.ravel() for each in np.meshgrid(own, others))
    candidate, reference = (each[:, rows, columns] for each in view.correlations)
    energies = [(each**2).sum(1) + 0.02 * len(others) ** 0.5 for each in (candidate, reference)]
    apart = np.sqrt(((candidate - reference) ** 2).mean(1))
    strength = np.log(energies[0] / energies[1])
    return [
        Reading("correlations with the target, root mean square", apart, 0.06),
        Reading("log energy of correlations with the target", strength, 0.25, "signed"),
    ]


def _turned(candidate: Floats, reference: Floats) -> Floats:
    """One minus the cosine between the correlations, damped where there are hardly any."""
    energies = (candidate**2).sum(1), (reference**2).sum(1)
    damping = 0.01 * candidate.shape[1]
    inner = (candidate * reference).sum(1)
    both = energies[0] + energies[1]
    turned: Floats = (both - 2 * inner) / (both + 2 * damping)
    return turned
