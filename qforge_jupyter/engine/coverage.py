"""Which combinations of a class and what the rows are like are thin against their shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.engine.facets import Facet, quoted

#: A class that is offered and was never given wants so many rows to be learned at all.
AT_LEAST = 20
#: Fewest rows with a class, below which shares say nothing.
FEWEST_ROWS = 20
#: Cells that are expected to hold fewer rows are not judged.
_FEWEST_EXPECTED = 5.0
#: How far below its expectation a count has to lie, in standard deviations of a count.
_FAR = 3.0
#: Facets of which two at once are looked at.
_CROSSED = 3


@dataclass(frozen=True)
class Coverage:
    """Where rows of a class are missing.

    Parameters
    ----------
    target
        What the classes are called.
    n_rows
        Rows with a class.
    facets
        Columns that were looked at, those first that hang most on the class.
    cells
        ``rule``, ``n``, ``expected`` and ``collect``, those first of which most are missing.
    square
        Of the first facet: its values, the classes, counts and expectations by class.
    note
        Why there is nothing, where there is nothing.

    """

    target: str
    n_rows: int
    facets: tuple[str, ...]
    cells: pl.DataFrame = field(repr=False)
    square: dict[str, Any] | None = field(default=None, repr=False)
    note: str = ""


_CELLS: dict[str, Any] = {
    "rule": pl.String,
    "n": pl.Int64,
    "expected": pl.Float64,
    "collect": pl.Int64,
}


def cover(
    classes: pl.Series, facets: Sequence[Facet], *, target: str, offered: Sequence[str] = ()
) -> Coverage:
    """Compare the count of each cell with what the shares of its sides let expect.

    A cell is a class in one value of a facet, or of two facets at once. It is thin where it
    holds less than half of what is expected if the class did not hang on the facet, and that
    by more than three standard deviations of a count (of Anscombe's root).

    Parameters
    ----------
    classes
        The class of each row, null where it has none.
    facets
        What the rows are like.
    target
        What the classes are called.
    offered
        Classes that can be given.

    Examples
    --------
    >>> from qforge_jupyter.engine.facets import facets_of
    >>> rows = pl.DataFrame({"industry": ["a"] * 60 + ["b"] * 60})
    >>> classes = pl.Series(["x", "y"] * 30 + ["x"] * 60)
    >>> cover(classes, facets_of(rows), target="tier").cells.row(0)
    ("tier = 'y' and industry = 'b'", 0, 15.0, 15)

    """
    names = classes.drop_nulls().unique().sort().to_list()
    n = classes.len() - classes.null_count()
    missing = [name for name in dict.fromkeys(offered) if name not in set(names)]
    never = [(_is(target, name), 0, float(AT_LEAST), AT_LEAST) for name in missing]
    if n < FEWEST_ROWS:
        cells = pl.DataFrame(never, schema=_CELLS, orient="row")
        note = f"{n:,} rows have a class, and shares are compared from {FEWEST_ROWS} on."
        return Coverage(target, n, (), cells, None, note)
    codes = classes.cast(pl.Enum(names)).to_physical()
    tables = {facet.name: _counts(codes, facet.codes, len(names), len(facet)) for facet in facets}
    by_name = {facet.name: facet for facet in facets}
    ordered = sorted(tables, key=lambda name: -_association(tables[name]))
    found, thin = [], set()
    for name in ordered:
        for row, column, n, expected, collect in _thin(tables[name]):
            thin.add((name, row, column))
            rule = f"{_is(target, names[row])} and {by_name[name].rules[column]}"
            found.append((rule, n, expected, collect))
    for first, second in combinations(ordered[:_CROSSED], 2):
        found += _crossed(codes, names, target, (by_name[first], by_name[second]), thin)
    cells = pl.DataFrame([*never, *found], schema=_CELLS, orient="row")
    cells = cells.sort("collect", "rule", descending=[True, False])
    square = _square(names, by_name[ordered[0]], tables[ordered[0]]) if ordered else None
    note = "" if ordered else "No column has few values or numbers, so nothing can be compared."
    return Coverage(target, n, tuple(ordered), cells, square, note)


def _is(name: str, value: str) -> str:
    return f"{name} = {quoted(value)}"


def _counts(
    rows: pl.Series, columns: pl.Series, n_rows: int, n_columns: int
) -> np.ndarray[Any, np.dtype[np.int64]]:
    pairs = pl.DataFrame({"row": rows, "column": columns}).drop_nulls()
    places = pairs["row"].cast(pl.Int64) * n_columns + pairs["column"].cast(pl.Int64)
    counted = np.bincount(places.to_numpy(), minlength=n_rows * n_columns)
    return counted.reshape(n_rows, n_columns).astype(np.int64)


def _expected(table: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    n = max(1, int(table.sum()))
    return np.outer(table.sum(axis=1), table.sum(axis=0)).astype(np.float64) / n


def _association(table: np.ndarray[Any, np.dtype[np.int64]]) -> float:
    """Measure how far classes hang on a facet: Cramér's V."""
    expected = _expected(table)
    there = expected > 0
    chi = float(((table - expected)[there] ** 2 / expected[there]).sum())
    sides = min((table.sum(axis=1) > 0).sum(), (table.sum(axis=0) > 0).sum()) - 1
    n = int(table.sum())
    return (chi / (n * int(sides))) ** 0.5 if n and sides > 0 else 0.0


def _thin(table: np.ndarray[Any, np.dtype[np.int64]]) -> list[tuple[int, int, int, float, int]]:
    expected = _expected(table)
    far = 2 * (np.sqrt(expected + 0.375) - np.sqrt(table + 0.375)) >= _FAR
    is_thin = (expected >= _FEWEST_EXPECTED) & (table < expected / 2) & far
    return [
        (
            int(row),
            int(column),
            int(table[row, column]),
            round(float(expected[row, column]), 1),
            round(float(expected[row, column])) - int(table[row, column]),
        )
        for row, column in np.argwhere(is_thin)
    ]


def _crossed(
    codes: pl.Series,
    names: Sequence[str],
    target: str,
    pair: tuple[Facet, Facet],
    thin: set[tuple[str, int, int]],
) -> list[tuple[str, int, float, int]]:
    """Look at two facets at once; what one of them tells already is not told again."""
    first, second = pair
    both = first.codes.cast(pl.Int64) * len(second) + second.codes.cast(pl.Int64)
    table = _counts(codes, both, len(names), len(first) * len(second))
    found = []
    for row, column, n, expected, collect in _thin(table):
        one, other = divmod(column, len(second))
        if not {(first.name, row, one), (second.name, row, other)} & thin:
            sides = f"{first.rules[one]} and {second.rules[other]}"
            found.append((f"{_is(target, names[row])} and {sides}", n, expected, collect))
    return found


def _square(
    names: Sequence[str], facet: Facet, table: np.ndarray[Any, np.dtype[np.int64]]
) -> dict[str, Any]:
    return {
        "facet": facet.name,
        "values": list(facet.values),
        "classes": list(names),
        "counts": table.tolist(),
        "expected": np.round(_expected(table), 1).tolist(),
    }
