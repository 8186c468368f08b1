"""The columns that differ most, as shares in bins that both sides share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.encoding import GRID, Compared
from qforge_jupyter.engine.collapse.preparing import Prepared
from qforge_jupyter.results.collapse import ColumnPicture

Floats = NDArray[np.float64]
#: Columns shown, and bins of each at most.
SHOWN = 4
BINS = 24


def picture(prepared: Prepared) -> tuple[ColumnPicture, ...]:
    """Draw the columns whose distributions lie farthest apart, the farthest first."""
    own = prepared.sums.cells[: prepared.n_own].sum(0)
    other = prepared.sums.cells[prepared.n_own :].sum(0)
    offsets = prepared.encoder.offsets
    pictures = [
        _column(each, own[start:end], other[start:end])
        for each, start, end in zip(
            prepared.encoder.columns, offsets[:-1], offsets[1:], strict=True
        )
    ]
    return tuple(sorted(pictures, key=lambda each: -each.apart)[:SHOWN])


def _column(compared: Compared, own: Floats, other: Floats) -> ColumnPicture:
    shares = [each / max(each.sum(), 1) for each in (own, other)]
    apart = float(np.abs(shares[0] - shares[1]).sum() / 2)
    labels, bins = _numbers(compared, own + other) if compared.is_number else _levels(compared)
    if own[-1] or other[-1]:
        labels, bins = [*labels, "null"], np.append(bins, len(labels))
    else:
        bins = np.append(bins, len(labels) - 1)
    held = [np.bincount(bins, weights=each, minlength=len(labels)) for each in shares]
    candidate, reference = (tuple(float(f"{x:.4g}") for x in each) for each in held)
    return ColumnPicture(compared.chosen.title, tuple(labels), candidate, reference, apart)


def _numbers(compared: Compared, counts: Floats) -> tuple[list[str], NDArray[np.int64]]:
    """Put the cells of numbers into bins of equal width between the outer half per cents."""
    values = compared.center + compared.scale * np.sinh(compared.steps * GRID)
    if len(values) <= BINS:
        return [f"{each:.4g}" for each in values], np.arange(len(values))
    below = np.cumsum(counts[:-1]) / counts[:-1].sum()
    low = float(values[int(np.searchsorted(below, 0.005))])
    high = float(values[min(int(np.searchsorted(below, 0.995)), len(values) - 1)])
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    bins = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, BINS - 1)
    middles = (edges[1:] + edges[:-1]) / 2
    return [f"{each:.4g}" for each in middles], bins


def _levels(compared: Compared) -> tuple[list[str], NDArray[np.int64]]:
    shown = min(len(compared.levels), BINS - 1)
    labels = [*compared.levels[:shown]]
    if compared.n_cells > shown:
        labels.append("other")
    return labels, np.minimum(np.arange(compared.n_cells), len(labels) - 1)
