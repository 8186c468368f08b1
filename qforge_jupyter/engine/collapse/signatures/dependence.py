"""What columns say of each other: how much of it is lost, where, and in how many directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.signatures.summaries import beyond, log_ratio, pressed, told
from qforge_jupyter.engine.collapse.signatures.traces import Traces

Floats = NDArray[np.float64]
#: Squared correlation below which two columns say next to nothing of each other.
WEAK = 0.02
#: Columns that lost most are looked at one by one.
WORST = 2
#: Partners of such a column that are looked at one by one.
PARTNERS = 4
#: Shares of the spectrum, from the largest eigenvalue on, at which both sides are compared.
DEPTHS = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


def of_dependence(traces: Traces) -> dict[str, Floats]:
    """Compare the correlations of both sides."""
    own, other = (_correlations(each) for each in traces.covariances)
    a, b, c = (_by_columns(each, traces.features[0]) for each in (own, other, own - other))
    noise = 2 / float(np.maximum(traces.n, 2).min())
    spectra = _spectra(own, other)
    if len(a) < 2:
        return {"spectra": spectra, "pairs": np.zeros(N_PAIRS), "worst": np.zeros(N_WORST),
                "with target": np.zeros(N_TARGET)}  # fmt: skip
    return {
        "spectra": spectra,
        "pairs": _pairs(a, b, c, noise),
        "worst": _worst(a, b, c, traces, noise),
        "with target": _with_target(a, b, c, traces, noise),
    }


#: Numbers of each part.
N_OF_WORST = PARTNERS + 6
N_PAIRS, N_WORST, N_TARGET = 18, N_OF_WORST * WORST + 2, 5


def _correlations(covariance: Floats) -> Floats:
    deviations = np.sqrt(np.maximum(np.diagonal(covariance), 1e-12))
    scale = deviations[:, None] * deviations[None, :]
    found: Floats = np.clip(covariance / (scale + 0.01), -1, 1)
    np.fill_diagonal(found, 1.0)
    return found


def _by_columns(correlations: Floats, columns: NDArray[np.int64]) -> Floats:
    """Give the largest squared correlation of two columns' features, ``[d, d]``."""
    own, place = np.unique(columns, return_inverse=True)
    found = np.zeros((len(own), len(own)))
    np.maximum.at(found, (place[:, None], place[None, :]), correlations**2)
    np.fill_diagonal(found, 0.0)
    return found


def _spectra(own: Floats, other: Floats) -> Floats:
    values = [np.maximum(np.linalg.eigvalsh(each)[::-1], 0) for each in (own, other)]
    p = len(own)
    at = [max(0, int(np.ceil(depth * p)) - 1) for depth in DEPTHS]
    ratios = log_ratio(values[0], values[1], 0.02)[at]
    apart = np.sort(np.abs(np.linalg.eigvalsh(own - other)))[::-1]
    total = float((apart**2).sum())
    one = (apart[:2] ** 2).sum() / total if total > 0 else 0.0
    smallest = [(each < 0.02).mean() for each in values]
    return np.concatenate(
        [pressed(ratios, 0.3), [one * min(1.0, total), smallest[0] - smallest[1]]]
    )


def _pairs(own: Floats, other: Floats, apart: Floats, noise: float) -> Floats:
    """Tell of all pairs how much was lost, how much gained, and how evenly."""
    upper = np.triu_indices(len(own), k=1)
    a, b, off = own[upper], other[upper], apart[upper]
    lost = beyond(a - b, noise + np.sqrt(b * noise))
    is_strong = b > max(WEAK, 4 * noise)
    kept = (a / np.maximum(b, 1e-9))[is_strong]
    weight = b[is_strong]
    slope = float((kept * weight).sum() / weight.sum()) if len(weight) else 1.0
    gained = np.maximum(off - b - 4 * noise, 0)
    columns = np.maximum(apart - 4 * noise, 0).sum(1)
    even = float(columns.sum() ** 2 / (len(columns) * (columns**2).sum())) if columns.any() else 0.0
    return np.concatenate(
        [
            pressed(told(lost), 0.05),
            pressed(told(np.minimum(kept, 3) - 1), 0.2),
            [slope - 1 if len(weight) else 0.0, even, (lost != 0).mean()],
            pressed([gained.max(initial=0.0)], 0.05),
        ]
    )


def _worst(own: Floats, other: Floats, apart: Floats, traces: Traces, noise: float) -> Floats:
    """Look at the columns that changed most: is what they said lost with all, or with some."""
    change = np.maximum(apart - 4 * noise, 0)
    sums = change.sum(1)
    columns = np.unique(traces.features[0])
    found = np.zeros((WORST, N_OF_WORST))
    for row, place in enumerate(np.argsort(-sums, kind="stable")[:WORST]):
        if sums[place] > 0:
            found[row, 0] = 2 * sums[place] / sums.sum()
            found[row, 1] = float(columns[place] == traces.target)
            found[row, 2:] = _kept(own[place], other[place], noise)
    ordered = np.sort(change.max(1))[::-1]
    return np.concatenate([found.ravel(), pressed(ordered[[0, min(2, len(ordered) - 1)]], 0.1)])


def _kept(own: Floats, other: Floats, noise: float) -> Floats:
    """Give the shares that are lost of what a column says, of its strongest partners first."""
    order = np.argsort(-other, kind="stable")
    order = order[other[order] > max(WEAK, 6 * noise)]
    if not len(order):
        return np.zeros(N_OF_WORST - 2)
    lost = np.clip(1 - own[order] / other[order], -1, 1)
    strong = lost[other[order] > 0.2 * other[order[0]]]
    few = np.concatenate([lost[:PARTNERS], np.repeat(lost[-1], PARTNERS)])[:PARTNERS]
    weight = other[order]
    mean = float((lost * weight).sum() / weight.sum())
    return np.array([*few, mean, strong.min(), strong.max(), strong.max() - strong.min()])


def _with_target(own: Floats, other: Floats, apart: Floats, traces: Traces, noise: float) -> Floats:
    columns = np.unique(traces.features[0])
    at = np.flatnonzero(columns == traces.target)
    if not len(at):
        return np.zeros(N_TARGET)
    rest = np.setdiff1d(np.arange(len(columns)), at)
    pairs = [(each[at][:, rest].sum(), each[np.ix_(rest, rest)].sum()) for each in (own, other)]
    change = np.maximum(apart - 4 * noise, 0)
    here, elsewhere = change[np.ix_(at, rest)].sum(), change[np.ix_(rest, rest)].sum() / 2
    share = here / (here + elsewhere) if here + elsewhere > 0 else 0.0
    with_target = log_ratio(pairs[0][0], pairs[1][0], 0.05 + noise * len(rest))
    others = log_ratio(pairs[0][1], pairs[1][1], 0.05 + noise * len(rest) ** 2)
    return np.concatenate(
        [pressed([with_target, others, with_target - others], 0.3), [share, 0.25]]
    )
