"""Correlation preservation: columns hang together as they should."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.readings import Reading
from qforge_jupyter.engine.collapse.views import View
from qforge_jupyter.results.uncertainty import NotApplicable

QUESTION = "Do columns hang together as they should?"


Floats = NDArray[np.float64]
#: Share of a feature's variance that counts as unexplained whatever the others say.
UNEXPLAINED = 0.05


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
        _unexplained(view, names),
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


def _unexplained(view: View, names: list[str]) -> Reading:
    """Compare the log volume that the other columns leave each column.

    A close relation that is blown up moves no correlation far and yet multiplies what is left.
    """
    called = list(dict.fromkeys(names))
    places = [np.array([i for i, name in enumerate(names) if name == each]) for each in called]
    own, other = (_left(each, places) for each in view.correlations)
    apart = np.abs(own - other)
    worst = called[int(apart[0].argmax())]
    return Reading(
        "log of what other columns leave unexplained, worst column",
        apart.max(1),
        0.4,
        at=worst,
        columns=(worst,),
    )


def _left(correlations: Floats, places: list[NDArray[np.int64]]) -> Floats:
    """Log determinant of each column's features given all others, by the root of their number."""
    damped = correlations + UNEXPLAINED * np.eye(correlations.shape[1])
    precision = np.linalg.inv(damped)
    found: Floats = np.stack(
        [
            -np.linalg.slogdet(precision[:, at[:, None], at[None, :]])[1] / len(at) ** 0.5
            for at in places
        ],
        axis=1,
    )
    return found
