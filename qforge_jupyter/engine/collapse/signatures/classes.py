"""What classes of the target say: how often they come, and how their rows vary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.signatures.summaries import log_ratio, pressed
from qforge_jupyter.engine.collapse.signatures.traces import Traces

Floats = NDArray[np.float64]
#: Classes at most, and rows a class has on each side at least.
MOST, LEAST = 12, 15
#: Numbers that tell of classes, and what says that there are any.
N_CLASSES, HAS_CLASSES = 15, 0.25


def of_classes(traces: Traces) -> dict[str, Floats]:
    """Compare rows within each class of the target; zeros where there is none."""
    if traces.target < 0 or not len(traces.cells):
        return {"classes": np.zeros(N_CLASSES)}
    label = _classes(traces)
    sides = [traces.is_own, ~traces.is_own]
    effects = []
    for value in np.unique(label):
        rows = [(label == value) & side for side in sides]
        if min(each.sum() for each in rows) >= LEAST:
            effects.append(_within(traces, rows))
    if not effects:
        return {"classes": np.zeros(N_CLASSES)}
    held = np.sort(np.array(effects), axis=0)
    ends = np.concatenate([held[0], np.median(held, axis=0), held[-1], held[0] - held[-1]])
    shares = [np.bincount(label[side], minlength=MOST + 1) / side.sum() for side in sides]
    moved = np.abs(shares[0] - shares[1]).sum() / 2
    return {"classes": np.concatenate([ends, pressed([moved], 0.05), [HAS_CLASSES, 0.0]])}


def _classes(traces: Traces) -> NDArray[np.int64]:
    """Give each row's class: the level, or the quarter of a number."""
    cells = traces.cells[:, traces.target].astype(np.int64)
    values, counts = np.unique(cells[~traces.is_own], return_counts=True)
    if len(values) <= MOST:
        place = np.minimum(np.searchsorted(values, cells), len(values) - 1)
        return np.where(values[place] == cells, place, MOST)
    if not traces.layout.is_number[traces.target]:
        common = values[np.argsort(-counts, kind="stable")[: MOST - 1]]
        order = np.sort(common)
        place = np.minimum(np.searchsorted(order, cells), len(order) - 1)
        return np.where(order[place] == cells, place, MOST)
    edges = np.quantile(cells[~traces.is_own], [0.25, 0.5, 0.75])
    return np.searchsorted(edges, cells).astype(np.int64)


def _within(traces: Traces, rows: list[NDArray[np.bool_]]) -> Floats:
    """Compare spread of numbers, variety of levels, and places, within a class."""
    layout = traces.layout
    spreads, entropies, shifts = [0.0], [0.0], [0.0]
    for column in range(traces.cells.shape[1]):
        if column == traces.target:
            continue
        held = [traces.cells[each, column] for each in rows]
        if layout.is_number[column]:
            scores = [layout.scores[layout.starts[column] + each] for each in held]
            spreads.append(float(log_ratio(scores[0].var(), scores[1].var(), 0.02)))
            shifts.append(abs(float(scores[0].mean() - scores[1].mean())))
        else:
            sizes = [np.bincount(each) / len(each) for each in held]
            logs = [-(each[each > 0] * np.log(each[each > 0])).sum() for each in sizes]
            entropies.append(float(logs[0] - logs[1]))
    return np.array([
        float(pressed(np.mean(spreads), 0.2)), float(pressed(np.mean(entropies), 0.2)),
        float(pressed(np.mean(shifts), 0.2)),
    ])  # fmt: skip
