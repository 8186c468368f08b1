"""Rows that are alike, directly or through others, stay together.

The units are the connected components of the graph that joins rows within a
distance: for numbers the Euclidean distance in the columns' own units, found
by FAISS; for SMILES 1 - Tanimoto similarity of Morgan fingerprints (radius 2,
2,048 bits; D. Rogers and M. Hahn, J. Chem. Inf. Model. 50, 742, 2010), up to
0.4 where no distance is asked, what Butina clusterings of drug-like molecules
commonly take.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column
from qforge_jupyter.engine.chemistry.smiles import require_rdkit
from qforge_jupyter.engine.splitters import Codes, Rows, Units, Words
from qforge_jupyter.engine.splitters._grouping import text_of, units_of_words
from qforge_jupyter.engine.splitters._hashing import joined
from qforge_jupyter.engine.splitters._placing import place
from qforge_jupyter.errors import CallError, DataError, blaming
from qforge_jupyter.results.progress import Progress

IS_ORDERED = False
__all__ = ["IS_ORDERED", "place", "units"]
TANIMOTO_DISTANCE = 0.4
N_BITS, RADIUS = 2048, 2
#: Distances that are computed at a time.
_BLOCK = 20_000_000
Pairs = tuple[Codes, Codes]


def units(rows: Rows) -> Units:
    """Make a unit of each connected component.

    Raises
    ------
    DataError
        No row can be compared, or a column cannot be.

    """
    likeness = rows.plan.likeness
    if likeness is None:
        raise CallError("`similar` names the columns in which rows are compared")
    names = list(likeness.columns)
    is_text = not all(rows.frame.schema[name].is_numeric() for name in names)
    if is_text:
        usable, pairs = _molecules(rows, names, likeness.within)
        reason = "no valid SMILES"
    else:
        usable, pairs = _numbers(rows, names, likeness.within)
        reason = "no finite number to compare"
    missing = np.flatnonzero(~usable)
    if len(usable) and len(missing) == len(usable):
        raise DataError(f"No row can be compared in {', '.join(map(repr, names))}: {reason}")
    words = _component_words(np.flatnonzero(usable), joined(rows.marks), pairs)
    left_out = ((missing, reason),) if len(missing) else ()
    nobody = np.zeros(len(usable), dtype=np.bool_)
    return units_of_words(rows, words, nobody, noun="component", left_out=left_out)


def _component_words(usable: Codes, own: Words, pairs: Iterator[Pairs]) -> Words:
    """Give each row the least word of its component, whatever the order of rows."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    label = np.arange(len(usable))
    for first, second in pairs:
        # What is joined already stays joined: a row stands for its component.
        edges = coo_array(
            (np.ones(len(first), np.int8), (label[first], label[second])), shape=(len(usable),) * 2
        )
        _, found = connected_components(edges, directed=False)
        label = found[label]
    words = own.copy()
    least = np.full(len(usable), np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(least, label, own[usable])
    words[usable] = least[label]
    return words


def _numbers(
    rows: Rows, names: list[str], within: float | None
) -> tuple[NDArray[np.bool_], Iterator[Pairs]]:
    if within is None:
        with blaming("similar"):
            raise CallError("Numbers are alike up to a distance: write  similar: x, y within 0.2")
    cells = rows.frame.select(column(name).cast(pl.Float64) for name in names)
    values = np.ascontiguousarray(cells.to_numpy(), dtype=np.float64)
    usable = np.asarray(np.isfinite(values).all(axis=1), dtype=np.bool_)
    values = values[usable] - (values[usable].mean(axis=0) if usable.any() else 0.0)
    return usable, _near_numbers(values.astype(np.float32), within, rows.progress)


def _near_numbers(values: NDArray[np.float32], within: float, say: Progress) -> Iterator[Pairs]:
    import faiss

    if not len(values):
        return
    index = faiss.IndexFlatL2(values.shape[1])
    index.add(values)
    size = max(1, _BLOCK // len(values))
    # Single precision: what is within by a rounding counts as within.
    radius = float(np.nextafter(np.float32(within) ** 2 * np.float32(1 + 1e-6), np.float32(np.inf)))
    for start in range(0, len(values), size):
        say(start, len(values), "rows compared")
        limits, _, found = index.range_search(values[start : start + size], radius)
        ends = limits.astype(np.int64)
        n_found = ends[1:] - ends[:-1]
        yield np.repeat(np.arange(start, start + len(n_found)), n_found), found


def _molecules(
    rows: Rows, names: list[str], within: float | None
) -> tuple[NDArray[np.bool_], Iterator[Pairs]]:
    if len(names) > 1:
        kinds = ", ".join(f"{name!r} ({rows.frame.schema[name]})" for name in names)
        raise DataError(f"Rows are compared by numbers, or by one column of SMILES, not by {kinds}")
    distance = TANIMOTO_DISTANCE if within is None else within
    if distance >= 1:
        with blaming("similar"):
            raise CallError("All molecules are within a distance of 1: take less, as 0.4")
    texts = text_of(rows.frame[names[0]], "a SMILES")
    prints = _fingerprints(texts.drop_nulls().unique().to_list())
    each = [None if text is None else prints[text] for text in texts.to_list()]
    usable = np.array([one is not None for one in each], dtype=np.bool_)
    return usable, _near_molecules(
        [one for one in each if one is not None], distance, rows.progress
    )


def _fingerprints(texts: list[str]) -> dict[str, Any]:
    chem = require_rdkit("Chem")
    maker = require_rdkit("Chem.rdFingerprintGenerator").GetMorganGenerator(
        radius=RADIUS, fpSize=N_BITS
    )
    found: dict[str, Any] = {}
    with require_rdkit("rdBase").BlockLogs():
        for text in texts:
            molecule = chem.MolFromSmiles(text)
            is_whole = molecule is not None and molecule.GetNumAtoms()
            found[text] = maker.GetFingerprint(molecule) if is_whole else None
    return found


def _near_molecules(prints: list[Any], within: float, say: Progress) -> Iterator[Pairs]:
    compare = require_rdkit("DataStructs").BulkTanimotoSimilarity
    first: list[Codes] = []
    second: list[Codes] = []
    for place_, one in enumerate(prints[:-1]):
        likeness = np.asarray(compare(one, prints[place_ + 1 :]))
        near = np.flatnonzero(likeness >= 1 - within - 1e-12) + place_ + 1
        first.append(np.full(len(near), place_))
        second.append(near)
        if place_ % 1000 == 999 or place_ == len(prints) - 2:
            say(place_ + 1, len(prints), "molecules compared")
            yield np.concatenate(first), np.concatenate(second)
            first, second = [], []
