"""What the page draws of many errors: bins, quantiles of size, and a sample of points."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from qforge_jupyter.engine.comparing.measuring import Measuring
from qforge_jupyter.engine.comparing.sums import FEW_BAGS, Errors
from qforge_jupyter.engine.uncertainty.resampling import generator
from qforge_jupyter.results.compared import Estimate

N_BINS = 40
#: Between these a picture's axis can be cut into parts.
LEAST, MOST = 1e-290, 1e290
#: Points of the parity plot, drawn by chance where there are more pairs.
N_POINTS = 390
#: Parts of equal size into which references are cut, and how many pairs each needs.
N_PARTS, FEWEST_PAIRS = 5, 10


def residuals_of(errors: Errors) -> tuple[tuple[int, ...], float, float]:
    """Count errors in equal bins around zero, the outermost 0.5 % of them in the outer ones.

    Examples
    --------
    >>> pairs = Errors(np.array([0.0, 2.0]), np.array([1.0, 1.0]))
    >>> counts, low, high = residuals_of(pairs)
    >>> (sum(counts), low, high)
    (2, -1.0, 1.0)

    """
    if not len(errors):
        return (), 0.0, 0.0
    reach = float(np.quantile(np.abs(errors.error), 0.995)) or float(np.abs(errors.error).max())
    if not LEAST < reach < MOST:
        return (), 0.0, 0.0
    clipped = np.clip(errors.error, -reach, reach)
    counts, _ = np.histogram(clipped, bins=N_BINS, range=(-reach, reach))
    shown = float(f"{reach:.4g}")
    return tuple(counts.tolist()), -shown, shown


def points_of(errors: Errors, seed: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Draw points for the parity plot; the largest errors are always among them."""
    if not np.isfinite(errors.error).all():
        return (), ()
    n = len(errors)
    kept = np.arange(n)
    if n > N_POINTS:
        n_worst = N_POINTS // 10
        worst = np.argpartition(-np.abs(errors.error), n_worst)[:n_worst]
        drawn = generator(seed).choice(n, N_POINTS - n_worst, replace=False)
        kept = np.union1d(worst, drawn)
    step = _step(errors)
    reference, predicted = (
        tuple((np.round(side[kept] / step) * step).tolist())
        for side in (errors.reference, errors.predicted)
    )
    return reference, predicted


def _step(errors: Errors) -> float:
    """Give the step of which points are multiples: a power of ten, below what can be seen."""
    if not len(errors):
        return 1.0
    sides = errors.reference, errors.predicted
    reach = max(float(side.max()) for side in sides) - min(float(side.min()) for side in sides)
    if not LEAST < reach < MOST:
        return 1.0
    return float(10.0 ** (math.floor(math.log10(reach)) - 3))


def by_size(errors: Errors, measuring: Measuring) -> tuple[tuple[str, Estimate, Estimate], ...]:
    """Measure MAE and bias of fifths of the references, from small to large."""
    if len(errors) < N_PARTS * FEWEST_PAIRS:
        return ()
    # Where many references are equal, as gaps of zero are, parts between equal ends are one.
    cuts = np.unique(np.quantile(errors.reference, np.linspace(0, 1, N_PARTS + 1)))
    n_parts = len(cuts) - 1
    if n_parts < 2:
        return ()
    part = np.clip(np.searchsorted(cuts, errors.reference, side="right") - 1, 0, n_parts - 1)
    some_bags = replace(measuring, most_bags=FEW_BAGS)
    found = []
    for at in range(n_parts):
        is_in = part == at
        some = Errors(errors.predicted[is_in], errors.reference[is_in])
        told = some_bags.measure(some, ("mae", "bias"))
        label = f"{cuts[at]:.3g} .. {cuts[at + 1]:.3g}"
        found.append((label, told["mae"], told["bias"]))
    return tuple(found)
