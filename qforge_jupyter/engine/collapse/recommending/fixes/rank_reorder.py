"""Rank reorder: keep every column's values and order them as the reference hangs together.

The empirical copula of the reference, smoothed: each new row takes its ranks from a row of the
reference, moved by a quarter to a half of the way towards one of its nearest or away from it, so
that no row is a copy or nearly one (after Iman and Conover, "A distribution-free approach
to inducing rank correlation", 1982).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.columns import Chosen
from qforge_jupyter.engine.collapse.recommending.case import LEAST_ROWS, FixCase, Repair
from qforge_jupyter.engine.collapse.recommending.neighbors import pairs_of_near_rows
from qforge_jupyter.engine.collapse.recommending.ranks import shares_below
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "reorder values to the reference's dependence"
NEEDS = "nearest rows of the reference; rows are put together anew, distributions stay"
TAKES_ROWS = False
IS_OF_ALL_ROWS = False
#: Part of the way to another row that each is moved at least.
NEAREST = 0.25


def apply(case: FixCase) -> Repair | NotApplicable:
    """Order the values of every column by ranks drawn from the reference."""
    if len(case.written) < 2:
        return NotApplicable("one column alone hangs together with nothing")
    if case.reference.height < LEAST_ROWS:
        return NotApplicable(f"{case.reference.height} rows of the reference are too few")
    chance = case.chance("rank-reorder")
    first, second = pairs_of_near_rows(case.other.metric, case.n, chance)
    weight = chance.uniform(NEAREST, 0.5, case.n) * chance.choice([-1, 1], case.n)
    columns = {}
    for each in case.written:
        ranks = shares_below(_order(case, each, case.reference), chance)
        mixed = (1 - weight) * ranks[first] + weight * ranks[second]
        if each.kind == "category":
            mixed = np.where(weight < (NEAREST + 0.5) / 2, ranks[first], ranks[second])
        places = np.argsort(mixed, kind="stable")
        values = np.lexsort((chance.random(case.n), _order(case, each, case.candidate)))
        held = case.candidate.get_column(each.name)
        taken = np.empty(case.n, dtype=np.int64)
        taken[places] = values
        columns[each.name] = held[taken]
    return case.rewritten(columns, "values are put together anew, by ranks as in the reference")


def _order(case: FixCase, column: Chosen, frame: pl.DataFrame) -> np.ndarray:
    """Give numbers by which values are sorted alike on both sides; nulls come first."""
    values = column.values(frame)
    if column.kind == "number":
        found: np.ndarray = values.fill_null(-np.inf).to_numpy()
        return found
    both = (column.values(each) for each in (case.candidate, case.reference))
    levels = sorted({level for each in both for level in each.drop_nulls().unique()})
    place = pl.DataFrame({"value": levels}, schema={"value": pl.String}).with_row_index("at")
    codes = values.to_frame("value").join(place, on="value", how="left", maintain_order="left")
    return codes["at"].cast(pl.Float64).fill_null(-1.0).to_numpy()
