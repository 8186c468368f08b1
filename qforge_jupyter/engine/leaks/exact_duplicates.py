"""Exact duplicates: rows of different parts with equal features.

Compared are the features alone, by a 128-bit hash of their cells: neither ids
nor the target nor the group. Where the target is known, equal features with
another target are told apart, since one of the two labels is wrong or the
features do not suffice.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.frames.cell_hash import struct_cells
from qforge_jupyter.results.leak_outcome import Leak, Outcome
from qforge_jupyter.results.run import Severity

NAME = "exact duplicates"
SHOWN_PAIRS = 20
#: Rows repeat by nature where fewer than this share of them is distinct.
DISTINCT_SHARE = 0.5
#: From this share of a part on, its duplicates are grave.
GRAVE_SHARE = 0.01


def find(case: LeakCase) -> Outcome:
    """Compare the content of all rows across parts."""
    features = [name for name in case.features if name != case.target]
    if not features:
        return Outcome.declined(NAME, "no column is a feature: all are ids or have another role")
    rows = case.rows.select(exact(name) for name in features)
    if all(series.n_unique() < 2 for series in rows.iter_columns()):
        return Outcome.declined(NAME, "no feature varies, so that all rows are equal by nature")
    keyed = _keyed(case, rows)
    n_distinct = keyed.select(pl.struct("one", "two").n_unique()).item()
    repeats = n_distinct < DISTINCT_SHARE * keyed.height
    leaks = []
    for part in case.filled[1:]:
        leaks += _of_part(case, keyed, part, repeats=repeats)
    said = f"{keyed.height:,} rows by {len(features)} features ({n_distinct:,} distinct)"
    return Outcome.of(NAME, said, leaks, (("grave from this share of a part", GRAVE_SHARE),))


def _keyed(case: LeakCase, rows: pl.DataFrame) -> pl.DataFrame:
    one, two = struct_cells(rows)
    label = np.zeros(rows.height, dtype=np.uint64)
    if case.target is not None:
        label = struct_cells(case.rows.select(exact(case.target)))[0]
    keyed = pl.DataFrame({"one": one, "two": two, "label": label, "part": case.part})
    is_empty = rows.select(pl.all_horizontal(pl.all().is_null())).to_series()
    return keyed.with_row_index("at").filter(~is_empty)


def _of_part(case: LeakCase, keyed: pl.DataFrame, part: int, *, repeats: bool) -> list[Leak]:
    """Find the rows of one part that stand in an earlier one."""
    earlier = keyed.filter(pl.col("part") < part).unique(["one", "two", "label"], keep="first")
    found = keyed.filter(pl.col("part") == part)
    n_rows = found.height
    found = found.join(earlier, on=["one", "two"], how="inner", suffix="_before")
    found = found.sort("at", "at_before").with_columns(
        is_same=(pl.col("label") == pl.col("label_before")).any().over("at")
    )
    same = found.filter("is_same", pl.col("label") == pl.col("label_before"))
    same = same.unique("at", keep="first", maintain_order=True)
    other = found.filter(~pl.col("is_same")).unique("at", keep="first", maintain_order=True)
    leaks = []
    for rows, what in ((same, "again"), (other, "again with another target")):
        if rows.height:
            leaks.append(_leak(case, rows, part, what, rows.height / n_rows, repeats=repeats))
    return leaks


def _leak(  # noqa: PLR0913 — what the two ways of repeating differ in
    case: LeakCase, rows: pl.DataFrame, part: int, what: str, share: float, *, repeats: bool
) -> Leak:
    pairs = rows.select("at_before", "at").head(SHOWN_PAIRS).iter_rows()
    severity: Severity = "high" if share >= GRAVE_SHARE else "medium"
    note = "the model is judged on rows that it has seen"
    if what != "again":
        note = "one of the labels is wrong, or the features do not tell them apart"
        severity = "medium"
    if repeats:
        note, severity = "fewer than half of all rows are distinct: they repeat by nature", "low"
    name = case.names[part]
    before = sorted(set(case.part[rows["at_before"].to_numpy()].tolist()))
    return Leak(
        NAME,
        f"rows of {name} that stand in {_and([case.names[each] for each in before])} {what}",
        severity,
        rows.height,
        (*(case.names[each] for each in before), name),
        statistic=share,
        threshold=GRAVE_SHARE,
        examples=tuple(case.pair(a, b, 0.0) for a, b in pairs),
        note=note,
    )


def _and(names: list[str]) -> str:
    return " and ".join(names)
