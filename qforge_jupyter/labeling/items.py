"""The items of a labeling: rows of a version, found by their keys in a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import DataError
from qforge_jupyter.versions.label_keys import marks_of, names_in, plain_names, texts_of
from qforge_jupyter.versions.laying import pick

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Items:
    """Rows that can be labeled, each under one key.

    Parameters
    ----------
    frame
        The rows of the version.
    keys
        Columns that name a row; none where it is known by its content.
    content
        Columns by whose content rows without keys are known; all where none are named.

    Examples
    --------
    >>> items = Items(pl.DataFrame({"id": ["a", "b"]}), ("id",))
    >>> items.key(1), items.place('["b"]'), items.place('["c"]')
    ('["b"]', 1, None)

    """

    frame: pl.DataFrame = field(repr=False)
    keys: tuple[str, ...]
    content: tuple[str, ...] = ()

    @cached_property
    def names(self) -> pl.DataFrame:
        """What names each row."""
        return self.names_in(self.frame)

    def names_in(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give what would name each row of another version."""
        named = pick(frame, self.content) if self.content and not self.keys else frame
        return plain_names(named, self.keys)

    @cached_property
    def marks(self) -> NDArray[np.uint64]:
        """A hash of each name."""
        return marks_of(self.names)

    @cached_property
    def _order(self) -> Places:
        return np.argsort(self.marks, kind="stable").astype(np.int64)

    @cached_property
    def _sorted(self) -> NDArray[np.uint64]:
        return self.marks[self._order]

    @cached_property
    def first_of(self) -> Places:
        """The first row of each row's name: rows without keys may stand twice."""
        _, starts, nth = np.unique(self._sorted, return_index=True, return_inverse=True)
        found = np.empty(self.frame.height, dtype=np.int64)
        found[self._order] = self._order[starts][nth]
        return found

    @cached_property
    def is_first(self) -> NDArray[np.bool_]:
        """Where a row is the first of its name."""
        found: NDArray[np.bool_] = self.first_of == np.arange(self.frame.height)
        return found

    def key(self, place: int) -> str:
        """Write the key of a row."""
        return texts_of(self.names[place], self.keys)[0]

    def mark(self, place: int) -> str:
        """Write the hash of a row's key."""
        return f"{int(self.marks[place]):016x}"

    def place(self, key: str) -> int | None:
        """Find the row of a key."""
        found = int(self.places([key])[0])
        return None if found < 0 else found

    def places(self, keys: Sequence[str]) -> Places:
        """Find the rows of keys; -1 where there is none."""
        if not keys:
            return np.empty(0, np.int64)
        names = names_in(keys, self.names, has_keys=bool(self.keys))
        found = self.places_of_marks(marks_of(names))
        known = found >= 0
        same = np.zeros(len(keys), dtype=bool)
        there = self.names[found[known]]
        wanted = names.filter(pl.Series(known))
        if there.height:
            same[known] = (
                pl.DataFrame([
                    (one == other).fill_null(value=False).alias(one.name)
                    for one, other in zip(there, wanted, strict=True)
                ])
                .select(same=pl.all_horizontal(pl.all()))["same"]
                .to_numpy()
            )  # fmt: skip
        return np.where(same, found, -1)

    def places_of_marks(self, marks: NDArray[np.uint64]) -> Places:
        """Find the rows of hashes; -1 where there is none."""
        if not self._sorted.size:
            return np.full(marks.size, -1, np.int64)
        at = np.minimum(np.searchsorted(self._sorted, marks), self._sorted.size - 1)
        return np.where(self._sorted[at] == marks, self._order[at], -1)

    def written(self, marks: Iterable[str]) -> Places:
        """Find the rows of hashes as claims write them."""
        numbers = np.array([int(each, 16) for each in marks], dtype=np.uint64)
        found = self.places_of_marks(numbers)
        return found[found >= 0]

    def key_of(self, value: Any) -> str:
        """Write the key of what somebody calls a row in Python: a value, or one for each key.

        Raises
        ------
        DataError
            It does not fit the key columns.

        """
        if isinstance(value, str) and (not self.keys or self.place(value) is not None):
            return value
        values = tuple(value) if isinstance(value, list | tuple) else (value,)
        if not self.keys or len(values) != len(self.keys):
            named = ", ".join(self.keys) or "the text that `next` gives as its key"
            raise DataError(f"An item is named by {named}, and {len(values)} values came")
        schema = pick(self.frame, list(self.keys)).schema
        try:
            row = pl.DataFrame({name: [one] for name, one in zip(schema, values, strict=True)})
            typed = row.cast(dict(schema))  # type: ignore[arg-type]
        except (pl.exceptions.PolarsError, TypeError, OverflowError):
            kinds = ", ".join(f"{name}: {kind}" for name, kind in schema.items())
            raise DataError(f"The key does not fit its columns ({kinds}): write it so") from None
        return texts_of(plain_names(typed, self.keys), self.keys)[0]

    def cells(self, place: int, columns: Sequence[str]) -> dict[str, Any]:
        """Read some cells of a row."""
        names = list(dict.fromkeys(columns))  # two questions may mark one column
        return pick(self.frame, names)[place].row(0, named=True) if names else {}
