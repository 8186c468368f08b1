"""What a reason channel is asked about: both sides, encoded alike."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.keys import Words, row_keys, smallest
from qforge_jupyter.engine.collapse.localizing.blocks import Block, Side, rows_at, words_of
from qforge_jupyter.engine.collapse.preparing import LEARNED_ROWS, choice_of, nothing_in_common
from qforge_jupyter.engine.near import neighbors
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.progress import Progress, silent
from qforge_jupyter.results.uncertainty import NotApplicable

Distances = NDArray[np.float64]

#: Neighbours looked up of a row.
N_NEIGHBORS = 10
#: Fewer rows on a side tell nothing about single ones.
LEAST_ROWS = 40


@dataclass(frozen=True, eq=False)
class RowCase:
    """A candidate whose rows are judged, and the reference that says what is usual.

    Parameters
    ----------
    candidate, reference
        The two sides.
    target
        The column that is to be predicted; "" where there is none.

    """

    candidate: Side
    reference: Side
    target: str = ""
    seed: int = 42
    device: str = "cpu"
    progress: Progress = field(default=silent, repr=False)

    @classmethod
    def of(cls, case: CollapseCase) -> RowCase:
        """Take the case of a check, and learn the code of its columns anew.

        Raises
        ------
        DataError
            A side has no rows, or no column can be compared.

        """
        choice = choice_of(case)
        if not choice.chosen:
            raise DataError(nothing_in_common(case, choice.left_out))
        tables = (case.candidate, case.reference)
        words = [words_of(table, choice) for table in tables]
        n_rows = sum(len(each) for each in words)
        pooled = []
        for table, each in zip(tables, words, strict=True):
            n = max(1, round(len(each) * min(1.0, LEARNED_ROWS / n_rows)))
            drawn = np.sort(smallest(row_keys(each, case.seed), n))
            pooled.append(rows_at(table, drawn))
        encoder = Encoder.of_choice(choice, *pooled)
        if not encoder.columns:
            raise DataError(nothing_in_common(case, encoder.left_out))
        first, second = (
            Side(table, encoder, each, is_reference=is_reference, seed=case.seed)
            for table, each, is_reference in zip(tables, words, (False, True), strict=True)
        )
        return cls(
            first,
            second,
            target=case.target,
            seed=case.seed,
            device=case.device,
            progress=case.progress,
        )

    def swapped(self, places: NDArray[np.int64]) -> RowCase:
        """Turn the sides around, to judge some rows of the reference; ``places`` ascend."""
        table = self.reference.table
        some = Table.of_frame(table.name, rows_at(table, places), table.origin)
        first = replace(
            self.reference, table=some, words=self.reference.words[places], is_reference=False
        )
        second = replace(self.candidate, is_reference=True)
        first.__dict__["metric"] = self.reference.metric[places]
        second.__dict__["metric"] = self.candidate.metric
        return RowCase(
            first, second, target=self.target, seed=self.seed, device=self.device,
            progress=self.progress,
        )  # fmt: skip

    @property
    def encoder(self) -> Encoder:
        """What both sides are encoded by."""
        return self.reference.encoder

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns compared, in the order of the cells."""
        return tuple(column.name for column in self.encoder.columns)

    @cached_property
    def column_of_feature(self) -> NDArray[np.int64]:
        """For each feature the index of its column."""
        place = {name: index for index, name in enumerate(self.names)}
        return np.array([place[name] for name, _ in self.encoder.feature_names], dtype=np.int64)

    @cached_property
    def plain_features(self) -> NDArray[np.int64]:
        """Features without those that spell a number out value by value."""
        is_number = [column.is_number for column in self.encoder.columns]
        named = enumerate(zip(self.column_of_feature, self.encoder.feature_names, strict=True))
        return np.array([
            index
            for index, (column, (_, label)) in named
            if not is_number[column] or label in ("score", "null")
        ], dtype=np.int64)  # fmt: skip

    def target_index(self) -> int | NotApplicable:
        """Give the index of the target, or say why there is none to judge labels by."""
        if not self.target:
            return NotApplicable("no target was named")
        if self.target not in self.names:
            return NotApplicable(f"the target {self.target} is not compared")
        return self.names.index(self.target)

    def too_few(self) -> NotApplicable | None:
        """Decline where a side has too few rows."""
        fewest = min(self.candidate.n_rows, self.reference.n_rows)
        if fewest >= LEAST_ROWS:
            return None
        return NotApplicable(f"{fewest} rows on one side, and it takes {LEAST_ROWS}", n=fewest)

    def nearness(self, block: Block, side: Side) -> tuple[Distances, Distances]:
        """Give the distances to the first and the last of a row's neighbours on a side.

        A row is never its own neighbour. Of the reference only the sampled rows have any.
        """
        asked = self.reference if block.is_reference else self.candidate
        key = (block.is_reference, side.is_reference)
        if key not in self._found:
            self._found[key] = _nearness(asked, side, self)
        first, last = self._found[key]
        return first[block.places], last[block.places]

    @cached_property
    def _found(self) -> dict[tuple[bool, bool], tuple[Distances, Distances]]:
        return {}


def _nearness(asked: Side, side: Side, case: RowCase) -> tuple[Distances, Distances]:
    """Look every row up; rows that have an equal one on the side are at no distance from it."""
    every = np.arange(asked.n_rows)
    places = np.sort(asked.sample.places) if asked.is_reference else every
    is_own = asked.is_reference == side.is_reference
    found = neighbors(
        side.metric,
        asked.metric[places],
        N_NEIGHBORS,
        own=places if is_own else None,
        seed=case.seed,
        progress=case.progress,
    ).distances
    counts = equal_rows(asked.words[places], side.words) - is_own
    first = np.full(asked.n_rows, np.nan)
    last = first.copy()
    first[places] = np.where(counts > 0, 0.0, found[:, 0])
    last[places] = found[:, -1]
    return first, last


def equal_rows(marks: Words, among: Words) -> NDArray[np.int64]:
    """Count for each mark how often it occurs among others.

    Examples
    --------
    >>> words = np.array([7, 7, 9], dtype=np.uint64)
    >>> equal_rows(words, words).tolist()
    [2, 2, 1]

    """
    known, counts = np.unique(among, return_counts=True)
    if not len(known):
        return np.zeros(len(marks), dtype=np.int64)
    at = np.minimum(np.searchsorted(known, marks), len(known) - 1)
    return np.where(known[at] == marks, counts[at], 0)
