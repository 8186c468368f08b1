"""The columns that differ most, as shares in bins that both sides share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.encoding import Compared
from qforge_jupyter.engine.collapse.preparing import Prepared
from qforge_jupyter.results.collapse import ColumnPicture

Floats = NDArray[np.float64]
#: Columns shown, and bins of each at most.
SHOWN = 4
BINS = 24
#: Share of the values left out at either end of a picture's axis; they are in its outer bins.
OUTER = 0.005


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
    draw = _numbers if compared.is_number else _levels
    labels, held = draw(compared, [each[:-1] for each in shares])
    if shares[0][-1] or shares[1][-1]:
        labels = [*labels, "null"]
        held = [np.append(each, share[-1]) for each, share in zip(held, shares, strict=True)]
    candidate, reference = (tuple(float(f"{x:.4g}") for x in each) for each in held)
    return ColumnPicture(compared.chosen.title, tuple(labels), candidate, reference, apart)


def _numbers(compared: Compared, shares: list[Floats]) -> tuple[list[str], list[Floats]]:
    """Spread the cells of numbers over bins of equal width.

    Places are in units of the column's scale, so that neither the largest nor the smallest
    numbers there are leave the range of numbers on the way.
    """
    places = np.sinh(compared.middles)
    if len(places) <= BINS:
        return _labels(compared, places), shares
    middles = (places[1:] + places[:-1]) / 2
    ends = np.concatenate([places[:1], middles, places[-1:]])
    below = [np.concatenate([[0.0], np.cumsum(each)]) for each in shares]
    pooled = (below[0] / max(below[0][-1], 1e-12) + below[1] / max(below[1][-1], 1e-12)) / 2
    low, high = np.interp([OUTER, 1 - OUTER], pooled, ends)
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    edges[[0, -1]] = ends[[0, -1]]
    labels = _labels(compared, np.linspace(low, high, BINS))
    return labels, [np.diff(np.interp(edges, ends, each)) for each in below]


def _labels(compared: Compared, places: Floats) -> list[str]:
    with np.errstate(over="ignore"):
        values = compared.center + compared.scale * places
    most = np.finfo(np.float64).max
    return [f"{each:.4g}" for each in np.clip(values, -most, most)]


def _levels(compared: Compared, shares: list[Floats]) -> tuple[list[str], list[Floats]]:
    shown = min(len(compared.levels), BINS - 1)
    if compared.n_cells <= shown:
        return list(compared.levels), shares
    held = [np.append(each[:shown], each[shown:].sum()) for each in shares]
    return [*compared.levels[:shown], "other"], held
