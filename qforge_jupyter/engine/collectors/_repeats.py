"""Leave out what repeats: decisions that were harvested before, and inputs that are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.columns import is_present
from qforge_jupyter.engine.collectors import CollectCase
from qforge_jupyter.engine.collectors._roles import ID, SOURCE
from qforge_jupyter.engine.deduplication import stars
from qforge_jupyter.engine.near_rows import near_pairs
from qforge_jupyter.frames.cell_hash import struct_cells

Flags = NDArray[np.bool_]
FOREIGN = "the id of an example from another source"
OTHER = ", with another expected output"


@dataclass(frozen=True)
class Repeats:
    """New examples that repeat: by reason, one answer an example; and what they repeat."""

    reasons: dict[str, Flags]
    like: pl.Series
    contradicts: Flags
    notes: tuple[str, ...] = ()


def known_before(case: CollectCase, examples: pl.DataFrame) -> dict[str, Flags]:
    """Say which decisions are examples of the dataset already, or have the id of one."""
    held = case.held
    if held is None:
        return {}
    same_id = _among(examples, held, [ID])
    if SOURCE not in held.schema:
        return {f"in {case.dataset} already": same_id}
    same = _among(examples, held, [ID, SOURCE])
    found = {f"in {case.dataset} already": same}
    if SOURCE not in case.keys and ID in case.keys:
        found[FOREIGN] = same_id & ~same
    return found


def _among(examples: pl.DataFrame, held: pl.DataFrame, names: Sequence[str]) -> Flags:
    rows = examples.select(names).with_row_index("row")
    found = rows.join(held.select(names), on=list(names), how="semi")["row"]
    flags = np.zeros(examples.height, dtype=np.bool_)
    flags[found.to_numpy()] = True
    return flags


@dataclass(frozen=True)
class Compared:
    """Examples of the dataset and new ones under each other, ready to be compared.

    Parameters
    ----------
    n_held
        How many of the rows the dataset holds; they stand first.
    inputs, outputs
        Two hashes of each row's input, and one of its expected output.
    order
        Rank of each row: 0 is kept before all others.

    """

    rows: pl.DataFrame
    n_held: int
    inputs: tuple[NDArray[np.uint64], NDArray[np.uint64]]
    outputs: NDArray[np.uint64]
    order: NDArray[np.int64]
    ids: pl.Series

    @classmethod
    def of(
        cls,
        held: pl.DataFrame | None,
        examples: pl.DataFrame,
        inputs: Sequence[str],
        outputs: Sequence[str],
    ) -> Compared:
        """Lay the examples of a dataset over the new ones."""
        names = list(dict.fromkeys((ID, *inputs, *outputs)))
        parts = [_picked(each, names) for each in (held, examples) if each is not None]
        rows = pl.concat(parts)
        n_held = rows.height - examples.height
        one, two = struct_cells(_picked(rows, inputs))
        said, _ = struct_cells(_picked(rows, outputs))
        return cls(rows, n_held, (one, two), said, _order(examples, n_held), rows[ID])

    def found(self, kept: NDArray[np.int64], said: str, notes: tuple[str, ...] = ()) -> Repeats:
        """Say which of the new examples repeat the row that is kept for them."""
        new = np.arange(self.n_held, self.rows.height)
        mine = kept[new]
        repeats = mine != new
        differs = self.outputs[mine] != self.outputs[new]
        return Repeats(
            {said: repeats & ~differs, said + OTHER: repeats & differs},
            self.ids.gather(mine),
            repeats & differs,
            notes,
        )


def _picked(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame([frame.get_column(name) for name in names])


def _order(examples: pl.DataFrame, n_held: int) -> NDArray[np.int64]:
    """Rank rows: those of the dataset, then the best score, the best confidence, the first."""
    by = [name for name in ("score", "confidence") if _is_number(examples, name)]
    ranks = np.empty(examples.height, dtype=np.int64)
    places = np.arange(examples.height)
    if by:
        held = [pl.when(is_present(exact(n), examples.schema[n])).then(exact(n)) for n in by]
        keys = examples.select(each.alias(name) for each, name in zip(held, by, strict=True))
        places = keys.select(
            pl.arg_sort_by(by, descending=True, nulls_last=True, maintain_order=True).alias("at")
        )["at"].to_numpy()
    ranks[places] = np.arange(examples.height)
    return np.concatenate([np.arange(n_held), n_held + ranks])


def _is_number(examples: pl.DataFrame, name: str) -> bool:
    return name in examples.schema and examples.schema[name].is_numeric()


def equal_inputs(both: Compared) -> Repeats:
    """Find new examples whose input is there already, or stands in a better one."""
    rows = pl.DataFrame({"one": both.inputs[0], "two": both.inputs[1], "order": both.order})
    doubled = rows.with_row_index("row").filter(pl.struct("one", "two").is_duplicated())
    best = doubled.select(
        "row", pl.col("row").sort_by("order").first().over("one", "two").alias("kept")
    )
    kept = np.arange(rows.height)
    kept[best["row"].to_numpy()] = best["kept"].to_numpy()
    return both.found(kept, "repeats an input")


def near_inputs(case: CollectCase, both: Compared, inputs: Sequence[str]) -> Repeats:
    """Find new examples whose input nearly repeats another one.

    What is near an example of the dataset is left out; of the others the best of
    each neighbourhood stays.
    """
    pairs = near_pairs(both.rows, inputs, near=case.within, seed=case.seed, progress=case.progress)
    kept = np.arange(both.rows.height)
    crosses = (pairs.a < both.n_held) != (pairs.b < both.n_held)
    old = np.minimum(pairs.a, pairs.b)[crosses]
    new = np.maximum(pairs.a, pairs.b)[crosses]
    # The nearest comes first among pairs: written last, it stands.
    kept[new[::-1]] = old[::-1]
    is_free = kept == np.arange(len(kept))
    both_new = (pairs.a >= both.n_held) & (pairs.b >= both.n_held)
    inside = both_new & is_free[pairs.a] & is_free[pairs.b]
    centre, _ = stars(pairs.among(inside), both.order)
    kept = np.where(is_free, centre, kept)
    notes = tuple(pairs.notes)
    if pairs.view:
        notes = (f"Near: up to about {pairs.reach:.4g} by {pairs.view}.", *notes)
    return both.found(kept, "nearly repeats an input", notes)
