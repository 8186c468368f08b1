"""Entropy stability: there is as much variety as there should be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.layout import Layout
from qforge_jupyter.engine.collapse.neighborhood import FIFTH, Neighborhood
from qforge_jupyter.engine.collapse.readings import Reading
from qforge_jupyter.engine.collapse.views import Side, View
from qforge_jupyter.results.uncertainty import NotApplicable

QUESTION = "Is there as much variety as there should be?"

Floats = NDArray[np.float64]
#: A column's entropy may rise so many times as far as it may fall: a little noise lifts values
#: off the grid they lay on, and no variety is lost.
RISE = 4.0


def read(view: View) -> list[Reading] | NotApplicable:
    """Compare entropies of columns, of the correlations' spectrum and of a kernel's."""
    readings = _of_columns(view) + _of_spectrum(view) + _of_kernel(view)
    if view.neighborhood is not None:
        reach = _reach(view.neighborhood, view.dealt)
        readings.append(Reading("log distance to the fifth neighbor", reach, 0.15, "signed", "low"))
    return readings


def _of_columns(view: View) -> list[Reading]:
    sides = (view.candidate, view.reference)
    own, other = (
        _entropy(view.layout, shares, side.n)
        for shares, side in zip(view.shares, sides, strict=True)
    )
    values = own - other
    off = np.maximum(-values, values / RISE)
    worst = int(off[0].argmax())
    return [
        Reading("entropy, mean of columns (nats)", values.mean(1), 0.06, "signed"),
        Reading("entropy, worst column (nats)", off.max(1), 0.15, at=view.titles[worst]),
    ]


def _entropy(layout: Layout, shares: Floats, n: Floats) -> Floats:
    """Entropy with the correction of Miller (1955) and Madow for the cells that were seen."""
    logs = np.log(np.where(shares > 0, shares, 1.0))
    n_seen = layout.sums((shares > 0).astype(float))
    found: Floats = layout.sums(-shares * logs) + (n_seen - 1) / (2 * np.maximum(n, 1)[:, None])
    return found


def _of_spectrum(view: View) -> list[Reading]:
    candidate, reference = (_spectrum(each) for each in view.correlations)
    ranks = [_effective_rank(each) for each in (candidate, reference)]
    volumes = [np.log(each + 0.05).mean(1) for each in (candidate, reference)]
    return [
        Reading("log effective rank", np.log(ranks[0] / ranks[1]), 0.06, "signed"),
        Reading("log volume of the correlations", volumes[0] - volumes[1], 0.08, "signed"),
    ]


def _spectrum(correlations: Floats) -> Floats:
    found: Floats = np.maximum(np.linalg.eigvalsh(correlations), 0)
    return found


def _effective_rank(eigenvalues: Floats) -> Floats:
    """Exponential of the entropy of the eigenvalues (Roy and Vetterli, EUSIPCO 2007)."""
    shares = eigenvalues / np.maximum(eigenvalues.sum(1, keepdims=True), 1e-12)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    found: Floats = np.exp(-(shares * logs).sum(1))
    return found


def _of_kernel(view: View) -> list[Reading]:
    """Vendi score of order 2: one over the mean kernel (Pasarkar and Dieng, AISTATS 2024)."""
    means = [_mean_kernel(each) for each in (view.candidate, view.reference)]
    return [Reading("log Vendi score of order 2", np.log(means[1] / means[0]), 0.10, "signed")]


def _mean_kernel(side: Side) -> Floats:
    n_waves = side.waves.shape[1] // 2
    squares = side.waves[:, :n_waves] ** 2 + side.waves[:, n_waves:] ** 2
    # The mean over pairs of rows leaves each row's kernel with itself, which is 1, out.
    m = np.maximum(side.m, 2)[:, None]
    unbiased = (squares * m - 1) / (m - 1)
    found: Floats = np.maximum(unbiased[:, : n_waves // 2].mean(1), 0) + 0.01
    return found


def _reach(neighborhood: Neighborhood, dealt: Floats) -> Floats:
    """Compare the mean log distance from a row to the fifth nearest of its own side."""
    own, others = neighborhood.sides(dealt)
    alike = others == own[:, :, None]
    seen = np.zeros(own.shape, dtype=np.uint8)
    logs = np.broadcast_to(neighborhood.log_distances[:, -1], own.shape).copy()
    for place in range(alike.shape[2]):
        seen += alike[:, :, place]
        is_fifth = alike[:, :, place] & (seen == FIFTH)
        np.copyto(logs, neighborhood.log_distances[None, :, place], where=is_fifth)
    n_own = own.sum(1)
    total = logs.sum(1, dtype=np.float64)
    of_own = (logs * own).sum(1, dtype=np.float64)
    apart: Floats = of_own / np.maximum(n_own, 1) - (total - of_own) / np.maximum(
        own.shape[1] - n_own, 1
    )
    return apart
