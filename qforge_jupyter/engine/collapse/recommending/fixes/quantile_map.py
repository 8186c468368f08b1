"""Quantile map: give each column the reference's distribution and leave the ranks as they are."""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.columns import Chosen
from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair, as_type
from qforge_jupyter.engine.collapse.recommending.ranks import (
    differ,
    differ_in_levels,
    shares_below,
)
from qforge_jupyter.results.uncertainty import NotApplicable

TITLE = "map quantiles to the reference's"
NEEDS = "a sort of every column; values change, dependence stays"
TAKES_ROWS = False
IS_OF_ALL_ROWS = False


def apply(case: FixCase) -> Repair | NotApplicable:
    """Map every column that differs: numbers by rank, levels by moving as few as possible."""
    mapped = {}
    for each in case.written:
        found = _numbers(case, each) if each.kind == "number" else _levels(case, each)
        if found is not None:
            mapped[each.name] = found
    if not mapped:
        return NotApplicable("no column's distribution differs from the reference's beyond chance")
    named = ", ".join(list(mapped)[:5]) + (", …" if len(mapped) > 5 else "")
    return case.rewritten(mapped, f"the values of {named} follow the reference's distribution")


def _numbers(case: FixCase, column: Chosen) -> pl.Series | None:
    held = case.candidate.get_column(column.name)
    own, other = (column.values(each) for each in (case.candidate, case.reference))
    is_there = own.is_not_null().to_numpy()
    known = other.filter(other.is_finite()).to_numpy()
    values = own.drop_nulls().to_numpy()
    if not len(values) or not len(known) or not differ(values, known):
        return None
    share = shares_below(values, case.chance(column.name))
    # At the places where the sample's own values stand, so that its range is kept.
    at = np.clip((share * len(known) - 0.5) / max(len(known) - 1, 1), 0, 1)
    if held.dtype.is_float():
        found = np.quantile(known, at, method="linear")
    else:
        found = np.quantile(known, at, method="nearest")
    whole = np.full(case.n, np.nan)
    whole[is_there] = found
    return _written(whole, held)


def _written(values: np.ndarray, like: pl.Series) -> pl.Series:
    """Turn numbers back into what the column holds: whole numbers, dates, decimals."""
    found = pl.Series(like.name, values).fill_nan(None)
    if like.dtype.is_temporal():
        whole = found.round().cast(pl.Int64)
        return (
            whole.cast(pl.Int32).cast(like.dtype)
            if like.dtype == pl.Date
            else whole.cast(like.dtype)
        )
    return as_type(found, like.dtype)


def _levels(case: FixCase, column: Chosen) -> pl.Series | None:
    """Move rows of levels that are too frequent, drawn at random, to those that are too rare."""
    own, other = (column.values(each) for each in (case.candidate, case.reference))
    levels = sorted({*own.drop_nulls(), *other.drop_nulls()})
    place = pl.DataFrame({"value": levels}, schema={"value": pl.String}).with_row_index("at")
    codes = [
        each.to_frame("value").join(place, on="value", how="left", maintain_order="left")["at"]
        for each in (own, other)
    ]
    first, second = (each.drop_nulls().to_numpy().astype(np.int64) for each in codes)
    counts = [np.bincount(each, minlength=len(levels)) for each in (first, second)]
    if not differ_in_levels(*counts):
        return None
    wanted = _shared_out(counts[1], int(counts[0].sum()))
    moved = codes[0].fill_null(len(levels)).to_numpy().astype(np.int64).copy()
    chance = case.chance(column.name)
    order = chance.permutation(case.n)
    _, which = _occurrences(moved[order])
    limit = np.append(wanted, case.n)
    is_moved = np.zeros(case.n, dtype=bool)
    is_moved[order] = which >= limit[moved[order]]
    short = np.maximum(wanted - counts[0], 0)
    targets = chance.permutation(np.repeat(np.arange(len(levels)), short))
    at = np.flatnonzero(is_moved)[: len(targets)]
    moved[at] = targets[: len(at)]
    texts = pl.Series(column.name, [*levels, None], dtype=pl.String)[moved]
    held = case.candidate.get_column(column.name)
    if held.dtype == pl.Boolean:
        return texts == "true"
    return as_type(texts, held.dtype)


def _occurrences(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from qforge_jupyter.engine.collapse.keys import multiplicities

    return multiplicities(codes.astype(np.uint64))


def _shared_out(counts: np.ndarray, n: int) -> np.ndarray:
    """Scale counts to another sum in whole numbers, by the largest remainders.

    Examples
    --------
    >>> _shared_out(np.array([2, 1]), 10).tolist()
    [7, 3]

    """
    exact = counts / counts.sum() * n
    whole = np.floor(exact).astype(np.int64)
    rest = n - int(whole.sum())
    first: np.ndarray = np.argsort(whole - exact, kind="stable")[:rest]
    whole[first] += 1
    return np.asarray(whole)
