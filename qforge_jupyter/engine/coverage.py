"""Which combinations of a class and what the rows are like are thin against their shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.engine.facets import Facet, quoted
from qforge_jupyter.rules.names import written_name

#: A class that is offered and was never given wants so many rows to be learned at all.
AT_LEAST = 20
#: Fewest rows with a class, below which shares say nothing.
FEWEST_ROWS = 20
#: Cells that are expected to hold fewer rows are not judged.
_FEWEST_EXPECTED = 5.0
#: How far below its expectation a count has to lie, in standard deviations of a count.
_FAR = 3.0
#: Tiers whose rows cover nothing: below all others, by the usual cards.
REJECTED = ("rejected", "exclude")
#: Facets of which two at once are looked at.
_CROSSED = 3


@dataclass(frozen=True)
class Coverage:
    """Where rows of a class are missing.

    Parameters
    ----------
    target
        What the classes are called.
    n_rows, n_rejected
        Rows with a class that cover something, and those that a score rejected.
    facets
        Columns that were looked at, those first that hang most on the class.
    cells
        ``rule``, ``n``, ``expected``, ``collect`` and ``tiers`` (rows by tier, where they have
        one), those first of which most are missing.
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
    n_rejected: int = 0


_Table = np.ndarray[Any, np.dtype[np.int64]]
_Expected = np.ndarray[Any, np.dtype[np.float64]]
_Cell = tuple[str, int, float, int, str]
_CELLS: dict[str, Any] = {
    "rule": pl.String,
    "n": pl.Int64,
    "expected": pl.Float64,
    "collect": pl.Int64,
    "tiers": pl.String,
}


def cover(
    classes: pl.Series,
    facets: Sequence[Facet],
    *,
    target: str,
    offered: Sequence[str] = (),
    tiers: pl.Series | None = None,
) -> Coverage:
    """Compare the count of each cell with what the shares of its sides let expect.

    A cell is a class in one value of a facet, or of two facets at once. It is thin where it
    holds less than half of what is expected if the class did not hang on the facet, and that
    by more than three standard deviations of a count (of Anscombe's root). Rows of the tiers
    ``rejected`` and ``exclude`` are expected like others and cover nothing.

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
    tiers
        The tier of each row, null where it has none.

    Examples
    --------
    >>> from qforge_jupyter.engine.facets import facets_of
    >>> rows = pl.DataFrame({"industry": ["a"] * 60 + ["b"] * 60})
    >>> classes = pl.Series(["x", "y"] * 30 + ["x"] * 60)
    >>> cover(classes, facets_of(rows), target="tier").cells.row(0)
    ("tier = 'y' and industry = 'b'", 0, 15.0, 15, '')
    >>> rejected = pl.Series(["gold", "rejected"] * 30 + ["gold"] * 60)
    >>> cover(classes, facets_of(rows), target="tier", tiers=rejected).cells.row(0)
    ("tier = 'y'", 0, 20.0, 20, '30 rejected')

    """
    counting = _Counting.of(classes, target, tiers)
    n = counting.n_usable
    cells = [*_never(counting, offered)]
    more = {"n_rejected": counting.n - n}
    if n < FEWEST_ROWS:
        note = f"{n:,} rows have a class, and shares are compared from {FEWEST_ROWS} on."
        return Coverage(target, n, (), _framed(cells), None, note, **more)
    tables = {facet.name: counting.table(facet.codes, len(facet)) for facet in facets}
    by_name = {facet.name: facet for facet in facets}
    ordered = sorted(tables, key=lambda name: -_association(tables[name].sum(axis=0)))
    thin: set[tuple[str, int, int]] = set()
    for name in ordered:
        for row, column, cell in counting.thin(tables[name], by_name[name].rules):
            thin.add((name, row, column))
            cells.append(cell)
    for first, second in combinations(ordered[:_CROSSED], 2):
        cells += _crossed(counting, (by_name[first], by_name[second]), thin)
    square = _square(counting, by_name[ordered[0]], tables[ordered[0]]) if ordered else None
    note = "" if ordered else "No column has few values or numbers, so nothing can be compared."
    return Coverage(target, n, tuple(ordered), _framed(cells), square, note, **more)


def _framed(cells: Sequence[_Cell]) -> pl.DataFrame:
    found = pl.DataFrame(cells, schema=_CELLS, orient="row")
    return found.sort("collect", "rule", descending=[True, False], maintain_order=True)


@dataclass(frozen=True)
class _Counting:
    """The rows by class and tier.

    Parameters
    ----------
    names, codes
        The classes, and that of each row.
    tiers, tier_codes
        The tiers, those of rejected rows last, and that of each row.
    totals
        Rows by tier and class.

    """

    target: str
    names: list[str]
    codes: pl.Series = field(repr=False)
    tiers: list[str]
    tier_codes: pl.Series = field(repr=False)
    totals: _Table = field(repr=False)

    @classmethod
    def of(cls, classes: pl.Series, target: str, tiers: pl.Series | None) -> _Counting:
        names = classes.drop_nulls().unique().sort().to_list()
        codes = classes.cast(pl.Enum(names)).to_physical().cast(pl.Int64)
        told = pl.repeat("", classes.len(), eager=True) if tiers is None else tiers
        told = told.cast(pl.String).fill_null("")
        kinds = sorted(told.unique().to_list(), key=lambda each: (each in REJECTED, each))
        tier_codes = told.cast(pl.Enum(kinds)).to_physical().cast(pl.Int64)
        every = pl.repeat(0, classes.len(), dtype=pl.Int64, eager=True)
        made = cls(target, names, codes, kinds, tier_codes, np.zeros((1, 1), dtype=np.int64))
        return replace(made, totals=made.table(every, 1)[:, :, 0])

    @property
    def n(self) -> int:
        return int(self.totals.sum())

    @property
    def n_usable(self) -> int:
        return int(self.usable(self.totals).sum())

    def usable(self, table: _Table) -> _Table:
        """Add up the tiers but for the rejected one."""
        kept = [each not in REJECTED for each in self.tiers]
        found: _Table = table[kept].sum(axis=0)
        return found

    def table(self, columns: pl.Series, n_columns: int) -> _Table:
        """Count rows by tier, class and column."""
        n_rows = len(self.names)
        lines = pl.DataFrame({"tier": self.tier_codes, "row": self.codes, "column": columns})
        tier, row, column = (each.cast(pl.Int64) for each in lines.drop_nulls().get_columns())
        places = ((tier * n_rows + row) * n_columns + column).to_numpy()
        counted = np.bincount(places, minlength=len(self.tiers) * n_rows * n_columns)
        return counted.reshape(len(self.tiers), n_rows, n_columns).astype(np.int64)

    def told(self, counts: _Table) -> str:
        """Write the counts by tier, where rows have tiers."""
        pairs = zip(counts.tolist(), self.tiers, strict=True)
        if self.tiers == [""]:
            return ""
        return ", ".join(f"{n:,} {name or 'without a tier'}" for n, name in pairs if n)

    def expected(self, table: _Table) -> _Expected:
        """Share the usable rows out as if class, column and rejection did not hang together."""
        share = float(self.usable(table).sum()) / max(1, int(table.sum()))
        return _expected(table.sum(axis=0)) * share

    def thin(self, table: _Table, rules: Sequence[str]) -> list[tuple[int, int, _Cell]]:
        """Find the thin cells; a class without any usable row is told by itself."""
        usable, expected = self.usable(table), self.expected(table)
        far = 2 * (np.sqrt(expected + 0.375) - np.sqrt(usable + 0.375)) >= _FAR
        is_thin = (expected >= _FEWEST_EXPECTED) & (usable < expected / 2) & far
        is_thin[self.usable(self.totals) == 0] = False
        found = []
        for row, column in np.argwhere(is_thin).tolist():
            n, wanted = int(usable[row, column]), float(expected[row, column])
            rule = f"{_is(self.target, self.names[row])} and {rules[column]}"
            said = self.told(table[:, row, column])
            found.append((row, column, (rule, n, round(wanted, 1), round(wanted) - n, said)))
        return found


def _never(counting: _Counting, offered: Sequence[str]) -> list[_Cell]:
    """Give the classes of which no row can be learned from."""
    usable = counting.usable(counting.totals)
    known = dict(zip(counting.names, usable.tolist(), strict=True))
    found = []
    for name in dict.fromkeys((*offered, *counting.names)):
        if not known.get(name, 0):
            at = counting.names.index(name) if name in known else None
            said = "" if at is None else counting.told(counting.totals[:, at])
            found.append((_is(counting.target, name), 0, float(AT_LEAST), AT_LEAST, said))
    return found


def _is(name: str, value: str) -> str:
    return f"{written_name(name) or name} = {quoted(value)}"


def _expected(table: _Table) -> _Expected:
    n = max(1, int(table.sum()))
    return np.outer(table.sum(axis=1), table.sum(axis=0)).astype(np.float64) / n


def _association(table: _Table) -> float:
    """Measure how far classes hang on a facet: Cramér's V."""
    expected = _expected(table)
    there = expected > 0
    chi = float(((table - expected)[there] ** 2 / expected[there]).sum())
    sides = min((table.sum(axis=1) > 0).sum(), (table.sum(axis=0) > 0).sum()) - 1
    n = int(table.sum())
    return (chi / (n * int(sides))) ** 0.5 if n and sides > 0 else 0.0


def _crossed(
    counting: _Counting, pair: tuple[Facet, Facet], thin: set[tuple[str, int, int]]
) -> list[_Cell]:
    """Look at two facets at once; what one of them tells already is not told again."""
    first, second = pair
    both = first.codes.cast(pl.Int64) * len(second) + second.codes.cast(pl.Int64)
    table = counting.table(both, len(first) * len(second))
    rules = [f"{one} and {other}" for one in first.rules for other in second.rules]
    found = []
    for row, column, cell in counting.thin(table, rules):
        one, other = divmod(column, len(second))
        if not {(first.name, row, one), (second.name, row, other)} & thin:
            found.append(cell)
    return found


def _square(counting: _Counting, facet: Facet, table: _Table) -> dict[str, Any]:
    return {
        "facet": facet.name,
        "values": list(facet.values),
        "classes": list(counting.names),
        "counts": counting.usable(table).tolist(),
        "expected": np.round(counting.expected(table), 1).tolist(),
    }
