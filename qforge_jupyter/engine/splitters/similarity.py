"""Rows that are alike, directly or through others, stay together.

The units are the connected components of the graph that joins rows within a
distance: for numbers the Euclidean distance in the columns' own units, found
by FAISS; for SMILES 1 - Tanimoto similarity of Morgan fingerprints (radius 2,
2,048 bits; D. Rogers and M. Hahn, J. Chem. Inf. Model. 50, 742, 2010), or of
the fingerprints of a feature set, up to 0.4 where no distance is asked, what
Butina clusterings of drug-like molecules commonly take.
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
from qforge_jupyter.engine.splitters._near_numbers import near_numbers
from qforge_jupyter.engine.splitters._placing import place
from qforge_jupyter.errors import CallError, DataError, blaming
from qforge_jupyter.results.progress import Progress

IS_ORDERED = False
__all__ = ["IS_ORDERED", "place", "units"]
TANIMOTO_DISTANCE = 0.4
N_BITS, RADIUS = 2048, 2
#: Pairs of molecules of a search that is not begun: about ten minutes of one core (measured).
MOST_PAIRS = 1_500_000_000
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
    return usable, near_numbers(values.astype(np.float32), within, rows.progress)


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
    cells = rows.frame.get_column(names[0])
    each = _of_arrays(cells) if isinstance(cells.dtype, pl.Array) else _of_smiles(cells)
    usable = np.array([one is not None for one in each], dtype=np.bool_)
    return usable, _near_molecules(
        [one for one in each if one is not None], distance, rows.progress
    )


def _of_arrays(cells: pl.Series) -> list[Any]:
    """Read fingerprints that a feature set holds; a place counts as set if it is not 0."""
    kind = cells.dtype
    if not isinstance(kind, pl.Array) or not kind.inner.is_integer():
        raise DataError(f"A fingerprint is an array of whole numbers, and not {kind}")
    vector = require_rdkit("DataStructs").ExplicitBitVect
    found: list[Any] = []
    for cell in cells:
        found.append(None if cell is None else vector(kind.size))
        if cell is not None:
            found[-1].SetBitsFromList(cell.to_numpy().nonzero()[0].tolist())
    return found


def _of_smiles(cells: pl.Series) -> list[Any]:
    texts = text_of(cells, "a SMILES")
    prints = _fingerprints(texts.drop_nulls().unique().to_list())
    return [None if text is None else prints[text] for text in texts.to_list()]


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
    """Give the pairs of near molecules, each once.

    Of a and b bits at most min(a, b) are common and at least max(a, b) set, so that
    only molecules with nearly as many bits can be alike.
    """
    compare = require_rdkit("DataStructs").BulkTanimotoSimilarity
    least = 1 - within - 1e-12
    bits = np.array([one.GetNumOnBits() for one in prints], dtype=np.int64)
    order = np.argsort(bits, kind="stable")
    ordered = [prints[place_] for place_ in order.tolist()]
    ends = np.searchsorted(bits[order], bits[order] / least + 1e-9, side="right")
    _refuse_too_many(int((ends - np.arange(len(ends))).sum()), len(prints))
    first: list[Codes] = []
    second: list[Codes] = []
    for place_, one in enumerate(ordered[:-1]):
        likeness = np.asarray(compare(one, ordered[place_ + 1 : ends[place_]]))
        near = np.flatnonzero(likeness >= least) + place_ + 1
        first.append(np.full(len(near), place_))
        second.append(near)
        if place_ % 1000 == 999 or place_ == len(ordered) - 2:
            say(place_ + 1, len(ordered), "molecules compared")
            yield order[np.concatenate(first)], order[np.concatenate(second)]
            first, second = [], []


def _refuse_too_many(n_pairs: int, n_molecules: int) -> None:
    if n_pairs > MOST_PAIRS:
        with blaming("similar"):
            raise CallError(
                f"{n_molecules:,} molecules cannot be compared in ten minutes, by "
                f"{n_pairs / MOST_PAIRS:.1f} times: take a smaller distance or fewer molecules, or "
                "group by scaffold(smiles)"
            )
