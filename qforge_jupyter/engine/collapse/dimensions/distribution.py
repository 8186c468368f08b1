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
#: Share of a column's values that its rare levels have together, at least.
LEAST_RARE = 0.003


def read(view: View) -> list[Reading] | NotApplicable:
    """Read what single columns say."""
    readings = [*_numbers(view), *_levels(view), *_nulls(view)]
    return readings or NotApplicable("no column can be compared")


def _numbers(view: View) -> list[Reading]:
    layout = view.layout
    at = np.flatnonzero(layout.is_number)
    if not len(at):
        return []
    names = [view.titles[index] for index in at]
    running = np.abs(layout.running(view.apart))
    earth = layout.sums(running * view.pooled)[:, at]
    largest = layout.maxima(running)[:, at]
    means = [layout.sums(each * layout.scores)[:, at] for each in view.shares]
    squares = [layout.sums(each * layout.scores**2)[:, at] for each in view.shares]
    # What is left where a side has one cell only: the variance within it.
    logs = [
        np.log(np.maximum(square - mean**2, 0) + 0.01)
        for square, mean in zip(squares, means, strict=True)
    ]
    shift, spread = means[0] - means[1], logs[0] - logs[1]
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
    return readings + _tails(view)


def _tails(view: View) -> list[Reading]:
    """Compare the share of values in the tails of columns; a lumpy tail is left out."""
    readings = []
    layout = view.layout
    below = layout.running(view.pooled)
    for title, (share, tolerance) in TAILS.items():
        if share * view.n_smaller * np.sqrt(layout.is_number.sum()) < LEAST_IN_TAIL:
            continue
        logs = []
        for is_tail in (below <= share * 0.75, below - view.pooled >= 1 - share * 0.75):
            tail = is_tail & ~layout.is_null
            held = layout.sums(view.pooled * tail)
            used = layout.is_number & (held >= share / 6) & (held <= share * 1.5)
            own, other = (layout.sums(each * tail)[:, used] for each in view.shares)
            logs.append(np.log(own + share / 20) - np.log(other + share / 20))
        both = np.concatenate(logs, axis=1)
        if both.shape[1]:
            name = f"log share of the outer {title}"
            readings.append(Reading(name, both.mean(1), tolerance, "signed"))
    return readings


def _levels(view: View) -> list[Reading]:
    layout = view.layout
    at = np.flatnonzero(~layout.is_number)
    if not len(at):
        return []
    names = [view.titles[index] for index in at]
    apart = layout.sums(np.abs(view.apart))[:, at] / 2
    readings = [
        Reading("total variation of levels", apart.mean(1), 0.056),
        _worst("total variation of levels, worst column", apart, 0.08, names),
    ]
    rare = (view.pooled < RARE) & (view.pooled > 0) & ~layout.is_number[layout.column]
    used = layout.sums(view.pooled * rare) >= LEAST_RARE
    if used.any():
        # The mean of logarithms feels one level that vanished; their sum would not.
        weights = np.sqrt(view.pooled) * rare
        weights = weights / layout.spread(np.maximum(layout.sums(weights), 1e-300))
        own, other = (np.log(each + view.pooled * 0.2 + 1e-12) for each in view.shares)
        logs = layout.sums((own - other) * weights)[:, used]
        readings.append(Reading("log share of rare levels", logs.mean(1), 0.4, "signed"))
        called = [view.titles[index] for index in np.flatnonzero(used)]
        readings.append(_worst("log share of rare levels, worst column", np.abs(logs), 0.8, called))
    return readings


def _nulls(view: View) -> list[Reading]:
    null = view.layout.is_null
    apart = np.abs(view.candidate.cells[:, null] - view.reference.cells[:, null])
    if not (view.candidate.cells[:, null].any() or view.reference.cells[:, null].any()):
        return []
    return [_worst("share of nulls, worst column", apart, 0.06, view.titles)]


def _rms(values: Floats) -> Floats:
    found: Floats = np.sqrt((values**2).mean(1))
    return found


def _worst(name: str, values: Floats, tolerance: float, names: list[str]) -> Reading:
    return Reading(name, values.max(1), tolerance, at=names[int(values[0].argmax())])
