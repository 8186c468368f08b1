"""Distribution fidelity: each column has the values it should have, as often as it should."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.readings import Reading
from qforge_jupyter.engine.collapse.views import View
from qforge_jupyter.results.uncertainty import NotApplicable

QUESTION = "Has each column the values it should have, as often as it should?"

Floats = NDArray[np.float64]
#: Share of the pooled values in both tails together, and the tolerated change of its logarithm.
TAILS = {"5 %": (0.05, 0.30), "1 %": (0.01, 0.40), "0.1 %": (0.001, 1.0)}
#: Rows that a side has to have in a tail for its share to say something.
LEAST_IN_TAIL = 10
#: Share below which a level is rare.
RARE = 0.05


def read(view: View) -> list[Reading] | NotApplicable:
    """Read what single columns say."""
    numbers = [i for i, each in enumerate(view.columns) if each.is_number]
    levels = [i for i, each in enumerate(view.columns) if not each.is_number]
    readings = [*_numbers(view, numbers), *_levels(view, levels), *_nulls(view)]
    return readings or NotApplicable("no column can be compared")


def _numbers(view: View, numbers: list[int]) -> list[Reading]:
    if not numbers:
        return []
    found = [_one(view, index) for index in numbers]
    names = [view.columns[index].chosen.title for index in numbers]
    earth, largest, shift, spread = (np.stack(each, axis=1) for each in zip(*found, strict=True))
    readings = [
        Reading("earth mover's distance of ranks", earth.mean(1), 0.03),
        _worst("earth mover's distance of ranks, worst column", earth, 0.06, names),
        Reading("Kolmogorov–Smirnov distance", largest.mean(1), 0.06),
        _worst("Kolmogorov–Smirnov distance, worst column", largest, 0.12, names),
        Reading("shift of the mean, root mean square", _rms(shift), 0.08),
        _worst("shift of the mean, worst column", np.abs(shift), 0.16, names),
        Reading("log variance, mean of columns", spread.mean(1), 0.14, "signed"),
        _worst("log variance, worst column", np.abs(spread), 0.30, names),
    ]
    return readings + _tails(view, numbers)


def _one(view: View, index: int) -> tuple[Floats, Floats, Floats, Floats]:
    candidate, reference = view.cells_of(index)
    pooled = view.pooled(index)
    apart = np.cumsum(candidate - reference, axis=1)
    scores = view.columns[index].table[:-1, 0].astype(float)
    means = [each @ scores for each in (candidate, reference)]
    variances = [
        each @ scores**2 - mean**2 for each, mean in zip((candidate, reference), means, strict=True)
    ]
    # What is left where a side has one cell only: the variance within it.
    logs = [np.log(np.maximum(each, 0) + 0.01) for each in variances]
    earth = (np.abs(apart) * (pooled + np.append(pooled[1:], 0)) / 2).sum(1)
    return earth, np.abs(apart).max(1), means[0] - means[1], logs[0] - logs[1]


def _tails(view: View, numbers: list[int]) -> list[Reading]:
    readings = []
    least = min(float(view.candidate.n.min()), float(view.reference.n.min()))
    for title, (share, tolerance) in TAILS.items():
        if share * least * len(numbers) ** 0.5 < LEAST_IN_TAIL:
            continue
        logs = [each for i in numbers for each in _tail(view, i, share)]
        if logs:
            values = np.mean(logs, axis=0)
            readings.append(Reading(f"log share of the outer {title}", values, tolerance, "signed"))
    return readings


def _tail(view: View, index: int, share: float) -> list[Floats]:
    """Compare the share of values in each tail of a column; a lumpy tail is left out."""
    candidate, reference = view.cells_of(index)
    below = np.cumsum(view.pooled(index))
    found = []
    low = int(np.searchsorted(below, share / 2 * 1.5))
    high = int(np.searchsorted(below, 1 - share / 2 * 1.5)) + 1
    for masses, held in (
        ((candidate[:, :low].sum(1), reference[:, :low].sum(1)), below[low - 1] if low else 0.0),
        (
            (candidate[:, high:].sum(1), reference[:, high:].sum(1)),
            1 - below[high - 1] if high < len(below) else 0.0,
        ),
    ):
        if share / 6 <= held <= share * 1.5:
            smooth = share / 20
            found.append(np.log(masses[0] + smooth) - np.log(masses[1] + smooth))
    return found


def _levels(view: View, levels: list[int]) -> list[Reading]:
    if not levels:
        return []
    names = [view.columns[index].chosen.title for index in levels]
    both = [view.cells_of(index) for index in levels]
    apart = np.stack([np.abs(a - b).sum(1) / 2 for a, b in both], axis=1)
    readings = [
        Reading("total variation of levels", apart.mean(1), 0.056),
        _worst("total variation of levels, worst column", apart, 0.08, names),
    ]
    rare = [
        each
        for i, (a, b) in zip(levels, both, strict=True)
        if (each := _rare(a, b, view.pooled(i))) is not None
    ]
    if rare:
        readings.append(Reading("log share of rare levels", np.mean(rare, axis=0), 0.4, "signed"))
    return readings


def _rare(candidate: Floats, reference: Floats, pooled: Floats) -> Floats | None:
    rare = (pooled < RARE) & (pooled > 0)
    if not rare.any() or pooled[rare].sum() < 0.003:
        return None
    # The mean of logarithms feels one level that vanished; their sum would not.
    weights = np.sqrt(pooled[rare]) / np.sqrt(pooled[rare]).sum()
    smooth = pooled[rare] * 0.2
    logs = [np.log(each[:, rare] + smooth) @ weights for each in (candidate, reference)]
    apart: Floats = logs[0] - logs[1]
    return apart


def _nulls(view: View) -> list[Reading]:
    shares = [(i, *view.nulls_of(i)) for i in range(len(view.columns))]
    held = [(i, a, b) for i, a, b in shares if a.any() or b.any()]
    if not held:
        return []
    apart = np.stack([np.abs(a - b) for _, a, b in held], axis=1)
    names = [view.columns[i].chosen.title for i, _, _ in held]
    return [_worst("share of nulls, worst column", apart, 0.06, names)]


def _rms(values: Floats) -> Floats:
    found: Floats = np.sqrt((values**2).mean(1))
    return found


def _worst(name: str, values: Floats, tolerance: float, names: list[str]) -> Reading:
    return Reading(name, values.max(1), tolerance, at=names[int(values[0].argmax())])
