"""Balance nulls: fill or take away values until each column's share of nulls is natural."""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.engine.collapse.recommending.drawing import draw_rows
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "bring the shares of nulls to the reference's"
NEEDS = "a regression tree for each such column"
TAKES_ROWS = False
IS_OF_ALL_ROWS = False
#: Standard errors beyond which shares differ.
LEAST_Z = 3.0


def apply(case: FixCase) -> Repair | NotApplicable:
    """Fill nulls that are too many from the other columns; empty cells where they are too few."""
    columns = {}
    for index, each in enumerate(case.encoder.columns):
        if each.chosen not in case.written:
            continue
        own = case.own.cells[:, index] == each.n_cells
        other = case.other.cells[:, index] == each.n_cells
        if _differ(own, other):
            columns[each.name] = _balanced(case, index, own, other)
    if not columns:
        return NotApplicable("no column's share of nulls differs from the reference's")
    named = ", ".join(list(columns)[:5]) + (", …" if len(columns) > 5 else "")
    return case.rewritten(columns, f"{named}: as many nulls as in the reference")


def _differ(own: np.ndarray, other: np.ndarray) -> bool:
    share = (own.sum() + other.sum()) / (len(own) + len(other))
    error = np.sqrt(share * (1 - share) * (1 / len(own) + 1 / len(other)))
    return bool(abs(own.mean() - other.mean()) > LEAST_Z * error)


def _balanced(case: FixCase, index: int, own: np.ndarray, other: np.ndarray) -> pl.Series:
    name = case.encoder.columns[index].name
    chance = case.chance(f"nulls of {name}")
    held = case.candidate.get_column(name)
    n = round(case.n * float(own.mean() - other.mean()))
    given = [each for each in range(len(case.encoder.columns)) if each != index]
    if n < 0:
        # Rows whose like in the reference lacks the value come first.
        at = draw_rows(case.encoder, case.own.cells, case.other.cells, index, given, chance)
        order = np.lexsort((chance.random(case.n), ~other[at], own))
        is_emptied = np.zeros(case.n, dtype=bool)
        is_emptied[order[:-n]] = True
        return held.to_frame().select(
            pl.when(pl.lit(pl.Series(is_emptied))).then(None).otherwise(held).alias(name)
        )[name]
    known = np.flatnonzero(~other)
    if not len(known):
        return held
    filled = np.sort(chance.permutation(np.flatnonzero(own))[:n])
    at = draw_rows(
        case.encoder, case.own.cells[filled], case.other.cells[known], index, given, chance
    )
    values = case.value_of(name, known[at])
    taken = np.arange(case.n)
    taken[filled] = case.n + np.arange(len(filled))
    if held.dtype == pl.Null:
        held = pl.Series(name, [None] * case.n, dtype=values.dtype)
    return pl.concat([held.cast(values.dtype), values])[taken]
