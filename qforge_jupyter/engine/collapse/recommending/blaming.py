"""Which columns are damaged: in themselves, or in how they hang together with others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.recommending.case import FixCase

Floats = NDArray[np.float64]
#: Standard errors beyond which a difference counts.
LEAST_Z = 4.0


def damaged_columns(case: FixCase, most: int) -> list[int]:
    """Name the fewest columns without which the others are as in the reference, the worst first.

    Every step takes out the column with most that is wrong: its features' means, spreads and
    correlations that differ from the reference's beyond four standard errors.
    """
    names = [each.name for each in case.encoder.columns]
    writable = {each.name for each in case.written}
    wrong = _wrong(case)
    found: list[int] = []
    while len(found) < most:
        blame = wrong.sum(1)
        blame[[i for i, name in enumerate(names) if name not in writable or i in found]] = 0
        worst = int(blame.argmax())
        if not blame[worst]:
            break
        found.append(worst)
        wrong[worst], wrong[:, worst] = 0, 0
    return found


def _wrong(case: FixCase) -> Floats:
    """Sum by pairs of columns how far beyond chance features differ, ``[d, d]``."""
    own, other = (each.features.astype(np.float64) for each in (case.own, case.other))
    sizes = np.array([each.table.shape[1] for each in case.encoder.columns])
    column = np.repeat(np.arange(len(sizes)), sizes)
    by_pair = _beyond(_correlations(own), _correlations(other), len(own), len(other))
    alone = _beyond_alone(own, other)
    np.fill_diagonal(by_pair, alone)
    at = (np.arange(len(sizes))[:, None] == column).astype(np.float64)
    pairs: Floats = np.asarray(at @ by_pair @ at.T)
    # A column's own features hang together whatever is wrong.
    np.fill_diagonal(pairs, at @ alone)
    return pairs


def _correlations(values: Floats) -> Floats:
    spread = np.maximum(values.std(0), 1e-6)
    held = (values - values.mean(0)) / spread
    found: Floats = held.T @ held / len(values)
    return found


def _beyond(own: Floats, other: Floats, n: int, m: int) -> Floats:
    """Give differences of correlations in standard errors (Fisher), less what chance gives."""
    apart = np.arctanh(np.clip(own, -0.99, 0.99)) - np.arctanh(np.clip(other, -0.99, 0.99))
    z = np.abs(apart) / np.sqrt(1 / max(n - 3, 1) + 1 / max(m - 3, 1))
    found: Floats = np.maximum(z - LEAST_Z, 0)
    return found


def _beyond_alone(own: Floats, other: Floats) -> Floats:
    """Give differences of means and log variances in standard errors, less what chance gives."""
    n, m = len(own), len(other)
    spread = np.sqrt(own.var(0) / n + other.var(0) / m) + 1e-9
    means = np.abs(own.mean(0) - other.mean(0)) / spread
    variances = [np.maximum(each.var(0), 1e-9) for each in (own, other)]
    fourth = [
        np.maximum(((each - each.mean(0)) ** 4).mean(0) / variance**2 - 1, 0.1)
        for each, variance in zip((own, other), variances, strict=True)
    ]
    errors = np.sqrt(fourth[0] / n + fourth[1] / m)
    spreads = np.abs(np.log(variances[0] / variances[1])) / errors
    found: Floats = np.maximum(np.maximum(means, spreads) - LEAST_Z, 0)
    return found
