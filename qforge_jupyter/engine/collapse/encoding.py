"""Tables as numbers that two sides share: cells, features and a space for distances.

Everything is fitted on a pooled, label-blind sample of both sides, so that under the null
hypothesis the two sides stay exchangeable. Numbers are put into cells of a tenth of a robust
standard deviation (wider in the tails); a value that is repeated often stands in the middle of
a cell of its own. So noise far below the spread changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.columns import Choice, Chosen, choose
from qforge_jupyter.engine.collapse.layout import Layout

Floats = NDArray[np.float32]
#: Width of a cell, in robust standard deviations at the middle.
GRID = 0.1
#: Places beyond ± this are one cell, ``asinh`` of robust standard deviations.
FARTHEST = 12.0
#: A value of this share of the pooled rows, and of so many, has a cell to this side and that.
ATOM_SHARE, ATOM_ROWS, ATOM_REACH = 0.005, 5, 0.12
#: Half the values within so many standard deviations of one, a fifth at it, make it an atom.
NEAR_ATOM, ATOM_SHOWN = 0.1, 0.2
#: Levels of a category with a cell of their own; the others share cells by their hash.
OWN_LEVELS = 40
SHARED_CELLS = 24
#: Levels with a feature of their own, and the least share of rows such a level has.
SHOWN_LEVELS = 15
LEAST_SHARE = 0.01
#: A number with at most so many values is also described value by value.
FEW_VALUES = 12


@dataclass(frozen=True)
class Compared:
    """A compared column with its code.

    Parameters
    ----------
    chosen
        The column.
    center, scale
        Of a number: the anchor and the robust standard deviation.
    levels
        Of a category: its most frequent levels, each with a cell of its own.
    borders, middles
        Of a number: the places between its cells, and the mean place in each cell.
    n_cells
        Cells of values; the cell of nulls comes after them.
    table
        Features of each cell, ``[n_cells + 1, k]``.
    labels
        What each of the ``k`` features means.

    """

    chosen: Chosen
    n_cells: int
    table: Floats = field(repr=False)
    labels: tuple[str, ...]
    center: float = 0.0
    scale: float = 1.0
    levels: tuple[str, ...] = ()
    borders: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), repr=False)
    middles: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), repr=False)

    @property
    def name(self) -> str:
        """The column's name."""
        return self.chosen.name

    @property
    def kind(self) -> str:
        """Either ``number`` or ``category``."""
        return self.chosen.kind

    @property
    def is_number(self) -> bool:
        """Whether its values have an order."""
        return self.chosen.kind == "number"

    def cells(self, values: pl.Series) -> NDArray[np.uint16]:
        """Give the cell of each value."""
        if self.is_number:
            place = self.place(values)
            found = np.searchsorted(self.borders, place).astype(np.uint16)
            return np.where(np.isnan(place), np.uint16(self.n_cells), found)
        return _level_cells(values, self.levels, self.n_cells)

    def place(self, values: pl.Series) -> NDArray[np.float64]:
        """Give ``asinh((x - center) / scale)``, NaN for null."""
        return _placed(values.to_numpy().astype(np.float64), self.center, self.scale)


@dataclass(frozen=True)
class Encoded:
    """Rows as numbers.

    Parameters
    ----------
    cells
        ``uint16 [n, d]``: the cell of every value.

    """

    columns: tuple[Compared, ...]
    frame: pl.DataFrame = field(repr=False)
    cells: NDArray[np.uint16] = field(repr=False)

    @cached_property
    def features(self) -> Floats:
        """Give normal scores, null indicators and one-hots of levels, ``float32 [n, p]``."""
        parts = [each.table[self.cells[:, i]] for i, each in enumerate(self.columns)]
        return np.concatenate(parts, axis=1)

    @cached_property
    def metric(self) -> Floats:
        """Give coordinates in which distances mean something, ``float32 [n, q]``."""
        return self._coordinates(is_exact=True)

    @cached_property
    def coarse(self) -> Floats:
        """Give the same coordinates with every number in the middle of its cell."""
        return self._coordinates(is_exact=False)

    def _coordinates(self, *, is_exact: bool) -> Floats:
        parts = []
        for index, each in enumerate(self.columns):
            shown = each.table[self.cells[:, index]]
            if not each.is_number:
                parts.append(shown / np.float32(np.sqrt(2)))
                continue
            if is_exact:
                values = np.nan_to_num(each.place(each.chosen.values(self.frame)))
            else:
                values = np.append(each.middles, 0.0)[self.cells[:, index]]
            parts.append(values.astype(np.float32)[:, None])
            parts.append(shown[:, [i for i, label in enumerate(each.labels) if label == "null"]])
        return np.concatenate(parts, axis=1)


@dataclass(frozen=True)
class Encoder:
    """How the rows of two tables become numbers.

    Examples
    --------
    >>> real = pl.DataFrame({"x": [i / 7 for i in range(40)], "plan": ["a", "b"] * 20})
    >>> encoder = Encoder.fit(real, real)
    >>> encoder.encode(real).cells.shape
    (40, 2)
    >>> encoder.feature_names
    (('x', 'score'), ('plan', 'a'), ('plan', 'b'))

    """

    columns: tuple[Compared, ...]
    left_out: dict[str, str]

    @classmethod
    def fit(
        cls,
        candidate: pl.DataFrame,
        reference: pl.DataFrame,
        *,
        seed: int = 42,  # noqa: ARG003 - the fit draws nothing; the name is part of the contract
        ignore: Iterable[str] = (),
        keep: Iterable[str] = (),
    ) -> Encoder:
        """Learn the code of both tables from rows of them, pooled."""
        return cls.of_choice(
            choose(candidate, reference, ignore=ignore, keep=keep), candidate, reference
        )

    @classmethod
    def of_choice(cls, choice: Choice, candidate: pl.DataFrame, reference: pl.DataFrame) -> Encoder:
        """Learn the code of chosen columns; a column that says one thing only is left out."""
        columns, left_out = [], dict(choice.left_out)
        for each in choice.chosen:
            pooled = pl.concat([each.values(reference), each.values(candidate)])
            code = _number(each, pooled) if each.kind == "number" else _category(each, pooled)
            if isinstance(code, str):
                left_out[each.name] = code
            else:
                columns.append(code)
        return cls(tuple(columns), left_out)

    def encode(self, frame: pl.DataFrame) -> Encoded:
        """Turn rows into numbers."""
        cells = np.empty((frame.height, len(self.columns)), dtype=np.uint16)
        for index, each in enumerate(self.columns):
            cells[:, index] = each.cells(each.chosen.values(frame))
        return Encoded(self.columns, frame, cells)

    @cached_property
    def feature_names(self) -> tuple[tuple[str, str], ...]:
        """Column and meaning of each feature."""
        return tuple((each.name, label) for each in self.columns for label in each.labels)

    @cached_property
    def layout(self) -> Layout:
        """How the columns' cells lie side by side."""
        return Layout.of(self)

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Where the cells of each column begin when all are numbered through; the last is all."""
        return np.cumsum([0, *(each.n_cells + 1 for each in self.columns)])


def _placed(held: NDArray[np.float64], center: float, scale: float) -> NDArray[np.float64]:
    """Give ``asinh((x - center) / scale)`` within the grid; no number overflows on the way."""
    with np.errstate(over="ignore"):
        off = held / scale - center / scale
    found: NDArray[np.float64] = np.clip(np.arcsinh(off), -FARTHEST, FARTHEST)
    return found


def _number(chosen: Chosen, pooled: pl.Series) -> Compared | str:
    values = pooled.drop_nulls()
    held = values.to_numpy()
    held = held[np.isfinite(held)]
    if not len(held):
        return "holds nothing"
    if held.min() == held.max() and not pooled.null_count():
        return "one value only"
    center, scale = _anchor(held)
    place = _placed(values.to_numpy(), center, scale)
    borders = _borders(place)
    cells = np.searchsorted(borders, place)
    counts = np.bincount(cells, minlength=len(borders) + 1)
    used = np.flatnonzero(counts)
    middles = np.bincount(cells, weights=place, minlength=len(counts))[used] / counts[used]
    # Cells that no pooled row is in go to their neighbors, half to each.
    borders = (borders[used[1:] - 1] + borders[used[:-1]]) / 2
    shares = counts[used] / counts.sum()
    ranks = np.cumsum(shares) - shares / 2
    table, labels = _scores(ranks, shares, n_nulls=pooled.null_count())
    return Compared(
        chosen, len(used), table, labels, center, scale, borders=borders, middles=middles
    )


def _borders(place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the borders of a grid that leaves often repeated values in the middle of a cell."""
    grid = np.arange(-FARTHEST, FARTHEST, GRID) + GRID / 2
    values, counts = np.unique(place, return_counts=True)
    atoms = values[counts >= max(ATOM_ROWS, ATOM_SHARE * len(place))]
    if not len(atoms):
        return grid
    between = (atoms[1:] + atoms[:-1]) / 2
    left = np.maximum(atoms - ATOM_REACH, np.append(-np.inf, between))
    right = np.minimum(atoms + ATOM_REACH, np.append(between, np.inf))
    at = np.minimum(np.searchsorted(right, grid), len(atoms) - 1)
    is_free = (grid < left[at]) | (grid > right[at])
    return np.unique(np.concatenate([grid[is_free], left, right]))


def _anchor(held: NDArray[np.float64]) -> tuple[float, float]:
    """Find the most frequent value (or the median) and a standard deviation that tails leave."""
    values, counts = np.unique(held, return_counts=True)
    top, n = int(counts.argmax()), len(held)
    # The mean of the two in the middle would overflow where both are among the largest numbers.
    part = 2.0 if np.abs(values[[0, -1]]).max() > 1e307 else 1.0
    median = float(np.median(held / part)) * part
    center = float(values[top]) if counts[top] > 0.02 * n else median
    # Halves, in units of the largest, so that no difference and no square overflows.
    off = held / 2 - center / 2
    unit = float(np.abs(off).max()) or 1.0
    off = off / unit
    deviation = float(off.std())
    is_near = np.abs(off) <= NEAR_ATOM * deviation
    # Where half the values stand at one, on a side perhaps with noise, the others spread.
    is_atom = counts[top] >= ATOM_SHOWN * n and is_near.mean() > 0.5
    spread = off[~is_near] if is_atom and not is_near.all() else off
    low, q1, q3, high = np.quantile(spread, (0.01, 0.25, 0.75, 0.99))
    scale = max((q3 - q1) / 1.349, 0.3 * float(np.clip(spread, low, high).std()))
    if is_atom:
        # Noise is in units of all values, those at the one too.
        scale = max(scale, deviation)
    return center, min(2 * float(scale or 1.0) * unit, 1e300)


def _scores(
    ranks: NDArray[np.float64], shares: NDArray[np.float64], *, n_nulls: int
) -> tuple[Floats, tuple[str, ...]]:
    from scipy.stats import norm

    scores = norm.ppf(ranks)
    mean = float((scores * shares).sum())
    deviation = float(np.sqrt((shares * (scores - mean) ** 2).sum())) or 1.0
    columns, labels = [(scores - mean) / deviation], ["score"]
    if len(ranks) <= FEW_VALUES:
        columns += [np.eye(len(ranks))[i] for i in range(len(ranks))] if len(ranks) > 2 else []
        labels += [f"value {i + 1}" for i in range(len(ranks))] if len(ranks) > 2 else []
    table = np.vstack([np.column_stack(columns), np.zeros(len(columns))])
    if n_nulls:
        table = np.column_stack([table, np.eye(len(table))[-1]])
        labels.append("null")
    return table.astype(np.float32), tuple(labels)


def _category(chosen: Chosen, pooled: pl.Series) -> Compared | str:
    values = pooled.drop_nulls()
    counts = values.value_counts(sort=False).rename({"value": "level"})
    counts = counts.sort(["count", "level"], descending=[True, False])
    if not counts.height:
        return "holds nothing"
    if counts.height == 1 and not pooled.null_count():
        return "one value only"
    levels = tuple(counts["level"].head(OWN_LEVELS))
    n_cells = len(levels) + (SHARED_CELLS if counts.height > OWN_LEVELS else 0)
    shown = min(
        SHOWN_LEVELS, int((counts["count"].head(OWN_LEVELS) >= LEAST_SHARE * len(values)).sum())
    )
    table = np.eye(n_cells + 1)[:, :shown]
    labels = list(levels[:shown])
    if counts.height > shown:
        others = np.zeros(n_cells + 1)
        others[shown:n_cells] = 1
        table, labels = np.column_stack([table, others]), [*labels, "other"]
    if pooled.null_count():
        table, labels = np.column_stack([table, np.eye(n_cells + 1)[-1]]), [*labels, "null"]
    return Compared(chosen, n_cells, table.astype(np.float32), tuple(labels), levels=levels)


def _level_cells(values: pl.Series, levels: tuple[str, ...], n_cells: int) -> NDArray[np.uint16]:
    from qforge_jupyter.frames.cell_hash import struct_cells

    codes = pl.DataFrame({"level": pl.Series(levels, dtype=pl.String)}).with_row_index("code")
    found = values.to_frame("level").join(codes, on="level", how="left", maintain_order="left")
    code = found["code"].cast(pl.Int64).fill_null(-1).to_numpy()
    cells = np.where(code >= 0, code, n_cells).astype(np.int64)
    others = np.flatnonzero((code < 0) & values.is_not_null().to_numpy())
    if len(others):
        marks = struct_cells(values[others].to_frame())[0]
        shared = max(n_cells - len(levels), 1)
        first = n_cells - shared
        cells[others] = first + (marks % np.uint64(shared)).astype(np.int64)
    return cells.astype(np.uint16)
