"""Spectral coherence: the characteristic functions agree, frequency by frequency.

The rows of a table have no order, so no transform runs along them unless one is declared. What
is transformed is the distribution: of each column over the axis of its normal scores, and of
whole rows over random directions of the space in which distances are measured. Where an order
is declared, power and coherency along it are compared too, octave by octave.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.along import Along
from qforge_jupyter.engine.collapse.readings import Reading
from qforge_jupyter.engine.collapse.views import View
from qforge_jupyter.results.uncertainty import NotApplicable

QUESTION = "Do the characteristic functions agree, frequency by frequency?"

Floats = NDArray[np.float64]
#: Angular frequencies over normal scores, and the weight of each.
FREQUENCIES = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0])


def read(view: View) -> list[Reading] | NotApplicable:
    """Compare the spectra of columns and of rows."""
    readings = []
    at = np.flatnonzero(view.layout.is_number)
    if len(at):
        apart = _apart(view)[:, at]
        worst = view.titles[at[int(apart[0].argmax())]]
        readings += [
            Reading("spectrum of columns", np.sqrt((apart**2).mean(1)), 0.06),
            Reading("spectrum of columns, worst column", apart.max(1), 0.12, at=worst),
        ]
    for index, title in enumerate(("coarse", "fine")):
        readings.append(Reading(f"spectrum of rows, {title}", _kernel_distance(view, index), 0.05))
    if view.along is not None:
        readings += _along(view, view.along)
    return readings


def _along(view: View, along: Along) -> list[Reading]:
    powers, coherencies = along.compared(view.dealt)
    loudest = np.sqrt((powers**2).mean(1))
    worst = view.titles[along.columns[int(loudest[0].argmax())]]
    called = f"along {along.name}"
    readings = [
        Reading(f"power {called}", np.sqrt((powers**2).mean((1, 2))), 0.2),
        Reading(f"power {called}, worst column", loudest.max(1), 0.4, at=worst),
    ]
    if coherencies.shape[2]:
        readings.append(Reading(f"coherence {called}", np.sqrt((coherencies**2).mean((1, 2))), 0.1))
    return readings


def _apart(view: View) -> Floats:
    squares = np.zeros((len(view.apart), len(view.columns)))
    for frequency in FREQUENCIES:
        for wave in (np.cos, np.sin):
            squares += view.layout.sums(view.apart * wave(frequency * view.layout.scores)) ** 2
    found: Floats = np.sqrt(squares / len(FREQUENCIES))
    return found


def _kernel_distance(view: View, index: int) -> Floats:
    """Maximum mean discrepancy of one bandwidth, from its random Fourier features."""
    apart = view.candidate.waves - view.reference.waves
    n_waves = apart.shape[1] // 2
    squares = apart[:, :n_waves] ** 2 + apart[:, n_waves:] ** 2
    half = n_waves // 2
    found: Floats = np.sqrt(squares[:, index * half : (index + 1) * half].mean(1))
    return found
