"""The labels of a column as codes: classes, and the rows that have none yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import CallError, DataError, nearest

#: A column of more values is no set of classes.
MOST_CLASSES = 200
#: Code of a row without a label.
UNLABELED = -1

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Labels:
    """The class of every row.

    Parameters
    ----------
    classes
        As text, in order.
    codes
        Place of each row's class, -1 where it has no label.

    """

    classes: tuple[str, ...]
    codes: Codes

    @property
    def known(self) -> Codes:
        """Rows that have a label."""
        found: Codes = np.flatnonzero(self.codes >= 0)
        return found

    @property
    def unknown(self) -> Codes:
        """Rows that have none."""
        found: Codes = np.flatnonzero(self.codes < 0)
        return found

    @property
    def counts(self) -> Codes:
        """Count the labels of each class."""
        found: Codes = np.bincount(self.codes[self.codes >= 0], minlength=len(self.classes))
        return found

    def of_at_least(self, n: int) -> Labels:
        """Forget the labels of classes that have fewer than ``n``.

        Examples
        --------
        >>> labels = read_labels(pl.DataFrame({"tier": ["a", "a", "b"]}), "tier")
        >>> labels.of_at_least(2).codes.tolist()
        [0, 0, -1]

        """
        kept = np.flatnonzero(self.counts >= n)
        place = np.full(len(self.classes) + 1, UNLABELED, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        return Labels(tuple(self.classes[each] for each in kept), place[self.codes])


def lacks_labels(frame: pl.DataFrame, target: str) -> bool:
    """Say whether any row has no label: null or blank.

    Raises
    ------
    CallError, DataError
        There is no such column, or it cannot hold classes.

    Examples
    --------
    >>> lacks_labels(pl.DataFrame({"tier": ["A", " "]}), "tier")
    True

    """
    check_target(frame.schema, target)
    cells = frame.get_column(target).alias("label")
    empty = cells.is_null() | (cells.cast(pl.String).str.strip_chars() == "")
    return bool(empty.any())


def read_labels(frame: pl.DataFrame, target: str) -> Labels:
    """Read a column of classes; null, NaN and blank text are no label.

    Raises
    ------
    CallError
        There is no such column.
    DataError
        It holds no classes.

    Examples
    --------
    >>> labels = read_labels(pl.DataFrame({"tier": ["B", None, "A", ""]}), "tier")
    >>> labels.classes, labels.codes.tolist()
    (('A', 'B'), [1, -1, 0, -1])

    """
    check_target(frame.schema, target)
    column = frame.get_column(target).alias("label")
    if column.dtype.is_float():
        column = column.fill_nan(None)
    text = column.cast(pl.String)
    text = text.set(text.str.strip_chars() == "", None)
    # Numbers stay in their own order, so that class 10 does not stand before class 2.
    keys = column if column.dtype.is_numeric() else text
    pairs = pl.DataFrame({"key": keys, "label": text}).drop_nulls().unique().sort("key", "label")
    classes = pairs["label"].unique(maintain_order=True).to_list()
    if len(classes) > MOST_CLASSES:
        raise DataError(
            f"The column {target[:60]!r} has {len(classes):,} different values and classes were "
            f"wanted, {MOST_CLASSES} at most: name a column of labels, or put numbers into bins"
        )
    places = {name: place for place, name in enumerate(classes)}
    codes = text.replace_strict(places, default=UNLABELED, return_dtype=pl.Int64)
    return Labels(tuple(classes), codes.fill_null(UNLABELED).to_numpy().copy())


def check_target(schema: pl.Schema, target: str) -> None:
    """Refuse a target that is no column, or cannot hold classes."""
    if target not in schema:
        raise CallError(f"No column {target[:60]!r} to take as the target{nearest(target, schema)}")
    kind = schema[target]
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise DataError(
            f"The target {target[:60]!r} is {kind} and classes were wanted: name a column of "
            "texts, whole numbers or truth values"
        )
