"""Shared groups: a patient, a scaffold, a sky field must stand in one part only.

Where no group is named, columns that look like one are: they repeat their
values across parts, and rows with the same value agree in most other columns
far more than chance lets them (an F test of the ranks, and an intraclass
correlation of at least one half). That is a suspicion, and said to be one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.identifiers import is_called_an_identifier
from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.results.leak_outcome import Leak, Outcome

NAME = "shared groups"
SHOWN_PAIRS = 20
#: A possible group has at least so many values, and so many rows a value on average.
LEAST_VALUES, LEAST_ROWS_A_VALUE = 15, 1.5
#: Its rows agree in other columns: intraclass correlation and level of the F test.
AGREEMENT, LEVEL = 0.5, 0.001
MOST_COMPARED = 20
MOST_CANDIDATES = 50
SAMPLE_ROWS = 20_000
_JOINT = "only the combined values were kept together: `group: a or b` keeps each of both together"


def find(case: LeakCase) -> Outcome:
    """Look for values of group columns in more than one part."""
    if case.groups or case.joint:
        leaks = [leak for name in case.groups for leak in _shared(case, name)]
        leaks += _of_joint(case)
        names = [*case.groups, *((" + ".join(case.joint),) if case.joint else ())]
        return Outcome.of(NAME, f"the groups {', '.join(names)}", leaks)
    found = []
    for name in _candidates(case)[:MOST_CANDIDATES]:
        if (agreement := _agreement(case, name)) is not None:
            found += _shared(case, name, agreement)
    if not found:
        return Outcome.declined(
            NAME, "no group column is named, and no column looks like one: give group"
        )
    said = "no group column is named; columns that look like one"
    return Outcome.of(NAME, said, found, (("intraclass correlation", AGREEMENT), ("level", LEVEL)))


def _of_joint(case: LeakCase) -> list[Leak]:
    """Look for combined values, and say which columns alone are in several parts."""
    if not case.joint:
        return []
    cells = [exact(name).alias(f"v{i}") for i, name in enumerate(case.joint)]
    rows = case.rows.select(cells)
    values = rows.select(
        pl.when(pl.all_horizontal(pl.all().is_not_null())).then(pl.struct(pl.all()))
    ).to_series()
    leaks = _shared(case, " + ".join(case.joint), values=values)
    alone = [
        replace(leak, severity="low", note=_JOINT) for n in case.joint for leak in _shared(case, n)
    ]
    return leaks + alone


def _shared(
    case: LeakCase,
    name: str,
    agreement: float | None = None,
    *,
    values: pl.Series | None = None,
) -> list[Leak]:
    rows = pl.DataFrame({
        "value": case.column(name) if values is None else values,
        "part": case.part,
        "at": np.arange(case.rows.height),
    }).drop_nulls()  # fmt: skip
    first = rows.group_by("value").agg(
        pl.col("part").min().alias("first_part"),
        pl.col("at").sort_by("part", "at").first().alias("first_at"),
    )
    later = rows.join(first, on="value").filter(pl.col("part") > pl.col("first_part"))
    if not later.height:
        return []
    later = later.sort("at")
    shown = later.unique("value", keep="first", maintain_order=True).head(SHOWN_PAIRS)
    n_values = later["value"].n_unique()
    parts = sorted({*later["part"].unique().to_list(), *later["first_part"].unique().to_list()})
    what = "group" if agreement is None else "possible group"
    note = "" if agreement is None else "rows with one value agree in most columns: name it group"
    return [
        Leak(
            NAME,
            f"{n_values:,} values of the {what} {name} stand in more than one part",
            "high" if agreement is None else "medium",
            later.height,
            tuple(case.names[part] for part in parts),
            column=name,
            statistic=float(n_values) if agreement is None else agreement,
            threshold=None if agreement is None else AGREEMENT,
            examples=tuple(case.pair(a, b) for a, b in shown.select("first_at", "at").iter_rows()),
            note=note,
        )
    ]


def _candidates(case: LeakCase) -> list[str]:
    """Name the columns of many values, each of several rows, that parts share."""
    taken = {case.target, case.time, case.embedding}
    found = []
    for name, dtype in case.schema.items():
        if name in taken or not (dtype.is_integer() or dtype in (pl.String, pl.Categorical)):
            continue
        values = case.column(name).drop_nulls()
        n_values = values.n_unique()
        if n_values >= LEAST_VALUES and len(values) >= LEAST_ROWS_A_VALUE * n_values:
            found.append(name)
    return found


def _agreement(case: LeakCase, name: str) -> float | None:
    """Give the typical intraclass correlation where most other columns agree within values."""
    n_rows = case.rows.height
    drawn = np.arange(n_rows)
    if n_rows > SAMPLE_ROWS:
        drawn = np.sort(np.random.default_rng(case.seed).choice(n_rows, SAMPLE_ROWS, replace=False))
    others = [
        other
        for other, dtype in case.schema.items()
        if other not in (name, case.time) and (dtype.is_numeric() or dtype == pl.String)
    ][:MOST_COMPARED]
    rows = case.rows.select(exact(each) for each in (name, *others))[drawn]
    codes = rows.get_column(name).rank("dense")
    known = codes.is_not_null().to_numpy()
    group = codes.fill_null(1).to_numpy().astype(np.int64)[known] - 1
    measured = []
    for other in others:
        ranks = rows.get_column(other).rank("average")
        values = ranks.fill_null(strategy="mean").to_numpy()[known].astype(np.float64)
        if len(values) and values.min() < values.max():
            measured.append(_intraclass(values, group))
    agreeing = [correlation for correlation, p in measured if p < LEVEL and correlation > AGREEMENT]
    needed = max(1 if is_called_an_identifier(name) else 2, len(measured) / 2)
    return float(np.median(agreeing)) if len(agreeing) >= needed else None


def _intraclass(values: NDArray[np.float64], group: NDArray[np.int64]) -> tuple[float, float]:
    """Give the intraclass correlation and the p-value of the F test of one way."""
    from scipy.stats import f

    sizes = np.bincount(group)
    sums = np.bincount(group, values)
    kept = sizes > 0
    sizes, sums = sizes[kept], sums[kept]
    n_rows, n_groups = len(values), len(sizes)
    if n_groups < 2 or n_rows <= n_groups:
        return 0.0, 1.0
    between = float(((sums / sizes - values.mean()) ** 2 * sizes).sum()) / (n_groups - 1)
    total = float(((values - values.mean()) ** 2).sum())
    within = max(0.0, total - between * (n_groups - 1)) / (n_rows - n_groups)
    size = (n_rows - float((sizes**2).sum()) / n_rows) / (n_groups - 1)
    if within <= 1e-12 * total:
        return 1.0, 0.0
    p_value = float(f.sf(between / within, n_groups - 1, n_rows - n_groups))
    return (between - within) / (between + (size - 1) * within), p_value
