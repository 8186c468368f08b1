"""Rows of one group stay together; a row without a group stands alone.

Of several columns the combined value is the group. Joined by `or`, rows that
share a value of either column stay together, directly or through others: the
connected components of rows and values.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.splitters import Codes, Rows, Units, Words
from qforge_jupyter.engine.splitters._grouping import units_of_columns, units_of_words
from qforge_jupyter.engine.splitters._hashing import numbered, words_of
from qforge_jupyter.engine.splitters._placing import place
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.cell_hash import mix

IS_ORDERED = False
__all__ = ["IS_ORDERED", "place", "units"]
#: From this share of the rows on, a group is large enough to be told.
LARGE = 0.2


def units(rows: Rows) -> Units:
    """Make a unit of each group."""
    columns = [each.column for each in rows.plan.groupings]
    return _linked(rows, columns) if rows.plan.linked else units_of_columns(rows, columns)


def _linked(rows: Rows, columns: list[str]) -> Units:
    words, lacks = [], []
    for number, name in enumerate(columns):
        found, lacking = words_of(pl.DataFrame({"group": rows.frame[name]}))
        # Equal values of two columns are two values.
        words.append(mix(found, plus=number))
        lacks.append(lacking)
    is_alone = np.logical_and.reduce(lacks)
    if len(is_alone) and is_alone.all():
        raise DataError(
            f"Every row lacks a value in {' and '.join(map(repr, columns))}: "
            "name a column that is filled"
        )
    units = units_of_words(rows, _least(words, lacks), is_alone, noun="group")
    largest = np.bincount(units.of_row).max(initial=0) / max(len(units.of_row), 1)
    if largest < LARGE:
        return units
    note = f"the largest group of linked rows holds {largest:.0%} of them"
    return units.noting(note)


def _least(values: list[Words], lacks: list[NDArray[np.bool_]]) -> Words:
    """Give each row the least value of its component, whatever the order of rows."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_rows, n_nodes = len(values[0]), len(values[0])
    first: list[Codes] = []
    second: list[Codes] = []
    for words, lacking in zip(values, lacks, strict=True):
        held = np.flatnonzero(~lacking)
        codes, known = numbered(words[held])
        first.append(held)
        second.append(codes + n_nodes)
        n_nodes += len(known)
    ends = np.concatenate(first), np.concatenate(second)
    edges = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(n_nodes, n_nodes))
    label = connected_components(edges, directed=False)[1][:n_rows]
    least = np.full(int(label.max(initial=0)) + 1, np.iinfo(np.uint64).max, dtype=np.uint64)
    for words, lacking in zip(values, lacks, strict=True):
        np.minimum.at(least, label[~lacking], words[~lacking])
    found: Words = least[label]
    return found
