"""What a reason channel is asked about: both sides, encoded alike."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.localizing.blocks import SAMPLE_ROWS, Block, Side
from qforge_jupyter.engine.collapse.localizing.contents import Contents, rows_at
from qforge_jupyter.engine.collapse.preparing import LEARNED_ROWS, choice_of, nothing_in_common
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
        held = [Contents.read(table, choice, case.seed) for table in tables]
        n_rows = sum(len(each.folds) for each in held)
        names = [each.name for each in choice.chosen]
        pooled = []
        for table, each in zip(tables, held, strict=True):
            n = max(1, round(len(each.folds) * min(1.0, LEARNED_ROWS / n_rows)))
            pooled.append(rows_at(table, np.sort(each.places[:n]), names))
        encoder = Encoder.of_choice(choice, *pooled)
        if not encoder.columns:
            raise DataError(nothing_in_common(case, encoder.left_out))
        n_asked = max(len(held[0].folds), SAMPLE_ROWS)
        first, second = (
            Side(table, choice, encoder, each, is_reference, n_asked, case.seed)
            for table, each, is_reference in zip(tables, held, (False, True), strict=True)
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
        side = self.reference
        some = Table.of_frame(side.table.name, side.rows_at(places), side.table.origin)
        held = Contents.read(some, side.choice, self.seed)
        first = replace(side, table=some, contents=held, is_reference=False)
        second = self.candidate.turned()
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

        A row is never its own neighbour; rows that have an equal one on the side are at no
        distance from it.
        """
        known = self._found.get(side.is_reference)
        if known is None or known[0] is not block:
            known = (block, *self._nearness(block, side))
            self._found[side.is_reference] = known
        return known[1], known[2]

    def _nearness(self, block: Block, side: Side) -> tuple[Distances, Distances]:
        is_own = block.is_reference == side.is_reference
        own = side.near.own(block.places) if is_own else None
        # Of the candidate's rows the blocks tell how many are judged.
        progress = self.progress if block.is_reference else silent
        index = side.near.index
        found = index.nearest(block.metric, N_NEIGHBORS, own=own, progress=progress).distances
        counts = side.contents.equal_rows(block.words) - is_own
        return np.where(counts > 0, 0.0, found[:, 0]), found[:, -1]

    @cached_property
    def _found(self) -> dict[bool, tuple[Block, Distances, Distances]]:
        """What was looked up last on each side, for several channels ask the same."""
        return {}
