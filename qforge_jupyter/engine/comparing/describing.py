"""Where rows lie among each other: by named columns, by composition, or by what was predicted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from qforge_jupyter.engine.comparing.question import Question
from qforge_jupyter.engine.comparing.sides import Side
from qforge_jupyter.engine.uncertainty.resampling import Floats
from qforge_jupyter.errors import CallError, nearest

_ELEMENT = re.compile(r"([A-Z][a-z]?)(\d+(?:\.\d+)?)?")
_FORMULA = re.compile(rf"(?:{_ELEMENT.pattern})+")


@dataclass(frozen=True)
class Description:
    """A point for every row of a side, and in words what it is made of."""

    said: str
    points: Floats


def describe(side: Side, asked: Question, properties: Sequence[str]) -> Description | None:
    """Give each row a point; None where no column tells rows apart.

    Named columns go before the composition of a column ``formula``, and that
    before the predicted values.

    Raises
    ------
    CallError
        A named column is missing, or holds neither numbers nor vectors.

    """
    if not side.frame.height:
        return None
    if asked.features:
        points = np.concatenate([points_of(side, each) for each in asked.features], axis=1)
        return Description(", ".join(asked.features), _standard(points))
    if side.frame.schema.get("formula") == pl.String:
        shares = compositions(side.frame.get_column("formula"))
        if shares.shape[1] and np.ptp(shares, axis=0).any():
            return Description("composition", shares)
    found = np.concatenate([points_of(side, each) for each in properties], axis=1)
    points = _standard(found)
    return Description("predicted values", points) if np.ptp(points, axis=0).any() else None


def compositions(formulas: pl.Series) -> Floats:
    """Give the share of each element in each formula; zeros where it is none.

    Examples
    --------
    >>> compositions(pl.Series(["NaCl", "Si2", "?"])).tolist()
    [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]

    """
    distinct = formulas.unique(maintain_order=True).drop_nulls()
    counted = {each: _counted(each) for each in distinct}
    elements = sorted({element for each in counted.values() for element in each})
    place = {element: at for at, element in enumerate(elements)}
    points = np.zeros((len(distinct) + 1, len(elements)))
    row_of = {}
    for row, (formula, counts) in enumerate(counted.items()):
        row_of[formula] = row
        for element, count in counts.items():
            points[row, place[element]] = count / sum(counts.values())
    rows = formulas.replace_strict(row_of, default=len(distinct), return_dtype=pl.Int64)
    return np.asarray(points[rows.fill_null(len(distinct)).to_numpy()])


def _counted(formula: str) -> dict[str, float]:
    found: dict[str, float] = {}
    text = formula.replace(" ", "")
    if len(text) <= 200 and _FORMULA.fullmatch(text):
        for element, count in _ELEMENT.findall(text):
            found[element] = found.get(element, 0.0) + float(count or 1)
    return {element: count for element, count in found.items() if count}


def points_of(side: Side, name: str) -> Floats:
    """Give a column of numbers or of vectors as columns of doubles; what is missing is the mean.

    Raises
    ------
    CallError
        It is missing, or holds neither.

    """
    if name not in side.columns:
        raise CallError(f"{side.name} has no column {name[:60]!r}{nearest(name, side.columns)}")
    column = side.frame.get_column(name)
    inner = getattr(column.dtype, "inner", None)
    if inner is not None and inner.is_numeric():
        sizes = column.list.len() if column.dtype == pl.List else column.arr.len()
        if sizes.drop_nulls().n_unique() == 1:
            size = int(sizes.max() or 0)  # type: ignore[arg-type]
            held = column.cast(pl.List(pl.Float64)).fill_null([np.nan] * size)
            return _filled(np.asarray(held.list.to_array(size).to_numpy()))
    if not column.dtype.is_numeric():
        raise CallError(
            f"Column {name[:60]!r} of {side.name} is {column.dtype} and rows are described by "
            "numbers, or vectors of one length: name another one"
        )
    return _filled(column.cast(pl.Float64).to_numpy()[:, np.newaxis])


def _filled(points: Floats) -> Floats:
    held = np.where(np.isfinite(points), points, np.nan)
    counts = np.isfinite(held).sum(axis=0)
    means = np.nansum(held, axis=0) / np.maximum(counts, 1)
    return np.where(np.isnan(held), means, held)


def _standard(points: Floats) -> Floats:
    """Give every column the spread 1; one that is constant has none."""
    centre, spread = points.mean(axis=0), points.std(axis=0)
    varies = spread > 1e-9 * np.abs(centre)  # of equal numbers, rounding is left
    return np.asarray((points - centre) / np.where(varies, spread, 1.0))
