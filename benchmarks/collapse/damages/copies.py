"""Rows that are not new: repeats of one another, or of the reference."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.collapse.draw import Draw, Family


def repeat_rows(draw: Draw, share: float) -> pl.DataFrame:
    """Replace a share of the rows by repeats of the others."""
    n = draw.source.height
    order = draw.rng.permutation(n)
    repeats = round(share * n)
    rows = np.concatenate([order[repeats:], draw.rng.choice(order[repeats:], repeats)])
    return draw.source[rows]


def copy_reference(draw: Draw, share: float) -> pl.DataFrame:
    """Replace a share of the rows by rows of the reference, each at most once."""
    copies = round(share * draw.source.height)
    rows = draw.rng.choice(draw.reference.height, min(copies, draw.reference.height), replace=False)
    return pl.concat([draw.source[copies:], draw.reference[rows]])


FAMILIES = (
    Family("rows repeated", (0.1, 0.3, 0.6), repeat_rows),
    Family("reference copied", (0.1, 0.3, 0.6), copy_reference),
)
