"""Linear models of columns from second moments: what a training step would see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.views import RIDGE, Side, View

Floats = NDArray[np.float64]
#: Columns that are predicted in turn where there is no target.
MOST_TARGETS = 8
#: A level is predicted where it has this deviation at least: from one row in twenty on.
LEAST_SPREAD = 0.2
#: Features a linear model reads at most.
MOST_INPUTS = 64
#: Weight of the penalty, as a share of the mean second moment.
PENALTY = 0.1


@dataclass(frozen=True)
class Probe:
    """One least-squares problem under every dealing: inputs, wanted outputs, their moments."""

    name: str
    hessians: tuple[Floats, Floats] = field(repr=False)
    slopes: tuple[Floats, Floats] = field(repr=False)
    variances: tuple[Floats, Floats] = field(repr=False)

    def solutions(self) -> tuple[Floats, Floats]:
        """Ridge solutions on the candidate and on the reference, ``[b, q]``."""
        found = [
            solved(hessian, slope)
            for hessian, slope in zip(self.hessians, self.slopes, strict=True)
        ]
        return found[0], found[1]


def solved(hessian: Floats, slope: Floats) -> Floats:
    """Solve the damped equations of every dealing, ``[b, q]``."""
    damped = hessian + PENALTY * np.eye(hessian.shape[1])
    found: Floats = np.linalg.solve(damped, slope[:, :, None])[:, :, 0].astype(np.float64)
    return found


def probes(view: View) -> Iterator[Probe]:
    """Predict the target, or columns in turn, from the others."""
    names = view.names
    scores = [i for i, (_, label) in enumerate(names) if label == "score"]
    spreads = view.pooled_features[1]
    firsts = [
        i
        for i, (_, label) in enumerate(names)
        if label not in ("score", "null") and spreads[i] >= LEAST_SPREAD
    ]
    wanted = [i for i in range(len(names)) if names[i][0] == view.target and names[i][1] != "null"]
    if view.target and wanted:
        targets = wanted[:MOST_TARGETS]
    else:
        spread = [*scores, *firsts]
        step = max(1, len(spread) // MOST_TARGETS)
        targets = spread[::step][:MOST_TARGETS]
    for target in targets:
        inputs = [i for i in range(len(names)) if names[i][0] != names[target][0]]
        if inputs:
            step = max(1, -(-len(inputs) // MOST_INPUTS))
            yield _probe(view, target, inputs[::step])


def _probe(view: View, target: int, inputs: list[int]) -> Probe:
    both = (view.candidate, view.reference)
    # One center and scale for both sides, whatever the dealing: what differs stays visible.
    center, scale = view.pooled_features
    moments = [_about(side, center, scale) for side in both]
    at = np.array(inputs)
    return Probe(
        " = ".join(view.names[target]).removesuffix(" = score"),
        tuple(each[:, at[:, None], at[None, :]] for each in moments),  # type: ignore[arg-type]
        tuple(each[:, at, target] for each in moments),  # type: ignore[arg-type]
        tuple(np.maximum(each[:, target, target], RIDGE) for each in moments),  # type: ignore[arg-type]
    )


def _about(side: Side, center: Floats, scale: Floats) -> Floats:
    """Second moments about a center, in units of a scale."""
    off = side.features - center
    about = side.covariance + off[:, :, None] * off[:, None, :]
    found: Floats = about / (scale[:, None] * scale[None, :])
    return found
