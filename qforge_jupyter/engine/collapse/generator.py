"""A built-in generator of tables: a tree for each column, given those before it.

Reiter, "Using CART to generate partially synthetic public use microdata", Journal of Official
Statistics 21, 441 (2005): each column is predicted by a tree from the columns drawn before, and
a new row takes the value of a row that fell into the same leaf. Numbers that hardly repeat are
drawn between two neighbors of the leaf, so that new values appear.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import frame_of
from qforge_jupyter.engine.collapse.encoding import Compared, Encoder

#: Rows that a leaf has at least.
LEAF = 8
#: Share of different values from which on a number is drawn between neighbors.
CONTINUOUS = 0.5


@dataclass(frozen=True)
class Generator:
    """What was learned from a table.

    Examples
    --------
    >>> chance = np.random.default_rng(0)
    >>> x = chance.normal(size=500)
    >>> real = pl.DataFrame({"x": x, "y": 2 * x, "side": np.where(x > 0, "a", "b")})
    >>> made = Generator.fit(real, seed=1).sample(400, seed=2)
    >>> made.height, made.columns == real.columns
    (400, True)
    >>> bool(np.corrcoef(made["x"], made["y"])[0, 1] > 0.9)
    True

    """

    rows: pl.DataFrame = field(repr=False)
    encoder: Encoder
    trees: tuple[Any, ...] = field(repr=False)
    leaves: tuple[NDArray[np.int64], ...] = field(repr=False)

    @classmethod
    def fit(cls, rows: pl.DataFrame, *, seed: int) -> Generator:
        """Learn a tree for each column that varies."""
        from sklearn.tree import DecisionTreeRegressor

        encoder = Encoder.fit(rows, rows, keep=rows.columns)
        before = np.zeros((rows.height, 1), dtype=np.float32)
        trees, leaves = [], []
        for each in encoder.columns:
            own = _features(each, rows)
            tree = DecisionTreeRegressor(min_samples_leaf=LEAF, random_state=seed)
            trees.append(tree.fit(before, own))
            leaves.append(np.asarray(tree.apply(before), dtype=np.int64))
            before = np.column_stack([before, own])
        return cls(rows, encoder, tuple(trees), tuple(leaves))

    def sample(self, n: int, *, seed: int) -> pl.DataFrame:
        """Draw new rows; columns that were not learned are drawn from the rows as they are."""
        chance = np.random.default_rng([seed, 0x6E4E])
        before = np.zeros((n, 1), dtype=np.float32)
        drawn: dict[str, pl.Series] = {}
        for each, tree, known in zip(self.encoder.columns, self.trees, self.leaves, strict=True):
            asked = np.asarray(tree.apply(before), dtype=np.int64)
            drawn[each.name] = self._values(each, known, asked, chance)
            before = np.column_stack([before, _features(each, drawn[each.name].to_frame())])
        at = chance.integers(self.rows.height, size=n)
        return frame_of(
            drawn[name] if name in drawn else self.rows.get_column(name)[at]
            for name in self.rows.columns
        )

    def _values(
        self,
        each: Compared,
        known: NDArray[np.int64],
        asked: NDArray[np.int64],
        chance: np.random.Generator,
    ) -> pl.Series:
        """Give each new row the value of a row in its leaf, or one between that and the next."""
        held = self.rows.get_column(each.name)
        is_continuous = held.dtype.is_float() and held.n_unique() > CONTINUOUS * len(held)
        by = held.to_numpy() if is_continuous else np.zeros(len(held))
        order = np.lexsort((by, known))
        starts = np.searchsorted(known[order], asked)
        sizes = np.searchsorted(known[order], asked, side="right") - starts
        place = chance.random(len(asked)) * sizes
        first = order[starts + place.astype(np.int64)]
        values = held[first]
        if not is_continuous:
            return values
        following = starts + np.minimum(place.astype(np.int64) + 1, sizes - 1)
        low, high = values.to_numpy(), held[order[following]].to_numpy()
        between = low + (high - low) * (place % 1)
        # Beside a missing value there is nothing to draw between.
        mixed = np.where(np.isfinite(between), between, low)
        return pl.Series(each.name, mixed).fill_nan(None).cast(held.dtype)


def _features(each: Compared, rows: pl.DataFrame) -> NDArray[np.float32]:
    return each.table[each.cells(each.chosen.values(rows))].astype(np.float32)
