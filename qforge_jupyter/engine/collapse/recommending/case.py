"""What a fix is asked: a candidate, and the rows of the reference that it may learn from."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.columns import Choice, Chosen, choose
from qforge_jupyter.engine.collapse.encoding import Encoded, Encoder
from qforge_jupyter.engine.collapse.keys import Words, contents, row_keys
from qforge_jupyter.engine.collapse.preparing import LEARNED_ROWS
from qforge_jupyter.engine.collapse.recommending.ratios import Ratios, density_ratios
from qforge_jupyter.engine.collapse.recommending.twins import Twins
from qforge_jupyter.engine.collapse.rows import alike
from qforge_jupyter.results.uncertainty import NotApplicable

Places = NDArray[np.int64]
#: Fewer rows are no table to train on, and none to judge.
LEAST_ROWS = 60


@dataclass(frozen=True)
class Repair:
    """A candidate after a fix.

    Parameters
    ----------
    frame
        Its rows.
    rows
        For each of them the row of the case's candidate that it was; -1 for a new one.
    sentence
        What was done.
    n_changed
        Rows that were changed, dropped or added.

    """

    frame: pl.DataFrame = field(repr=False)
    rows: Places = field(repr=False)
    sentence: str
    n_changed: int


@dataclass(frozen=True)
class FixCase:
    """A candidate that shall be fixed, and the reference as far as it may be seen.

    Both stand in an order that their content decides, so that the order in which rows came
    changes nothing.

    Parameters
    ----------
    candidate, reference
        The rows, with all their columns.
    choice
        The columns that are compared.
    target
        The column that will be predicted, or nothing.
    keys
        Columns of the candidate that name its rows.
    whole
        All rows of the reference: only to tell what is a copy of them.

    """

    candidate: pl.DataFrame = field(repr=False)
    reference: pl.DataFrame = field(repr=False)
    choice: Choice
    whole: pl.DataFrame = field(repr=False)
    target: str = ""
    keys: tuple[str, ...] = ()
    seed: int = 42
    #: For each row of the candidate the row that it was when it came.
    places: Places = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)

    @classmethod
    def of(
        cls, case: CollapseCase, *, keys: tuple[str, ...] = (), whole: pl.DataFrame | None = None
    ) -> FixCase:
        """Put the rows of a check in order."""
        frames = [case.candidate.frame, case.reference.frame]
        ignored = {*case.not_compared, *keys} - {case.target}
        heads = [each.head(LEARNED_ROWS) for each in frames]
        choice = choose(*heads, ignore=ignored, keep=(case.target,))
        orders = [
            np.argsort(row_keys(contents(alike(each, choice)), case.seed), kind="stable")
            for each in frames
        ]
        candidate, reference = (each[at] for each, at in zip(frames, orders, strict=True))
        known = reference if whole is None else whole
        return cls(candidate, reference, choice, known, case.target, keys, case.seed, orders[0])

    @property
    def n(self) -> int:
        """Rows of the candidate."""
        return self.candidate.height

    @cached_property
    def encoder(self) -> Encoder:
        """The code of the columns, learned from both sides."""
        heads = (each.head(LEARNED_ROWS) for each in (self.candidate, self.reference))
        return Encoder.of_choice(self.choice, *heads)

    @cached_property
    def own(self) -> Encoded:
        """The candidate as numbers."""
        return self.encoder.encode(self.candidate)

    @cached_property
    def other(self) -> Encoded:
        """The reference as numbers."""
        return self.encoder.encode(self.reference)

    @cached_property
    def words(self) -> Words:
        """Hashes of the contents of the candidate's rows."""
        return contents(alike(self.candidate, self.choice))

    @cached_property
    def twins(self) -> Twins:
        """All rows of the reference, to find copies of them."""
        return Twins.of(self.whole, self.encoder, self.choice, self.seed)

    @cached_property
    def ratios(self) -> Ratios | NotApplicable:
        """How much likelier each row is under the reference than under the candidate."""
        return density_ratios(self.encoder, self.own.cells, self.other.cells, self.seed)

    @property
    def written(self) -> tuple[Chosen, ...]:
        """The compared columns whose values can be written; of a text only its length is known."""
        known = {each.name for each in self.encoder.columns}
        return tuple(
            each for each in self.choice.chosen if each.by == "value" and each.name in known
        )

    def chance(self, name: str) -> np.random.Generator:
        """Give random numbers of their own to each use."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    def kept(self, keep: NDArray[np.bool_], sentence: str) -> Repair | NotApplicable:
        """Keep some rows only."""
        n_kept = int(keep.sum())
        if n_kept < LEAST_ROWS:
            return NotApplicable(
                f"{n_kept:,} rows would be left, and it takes {LEAST_ROWS}", n_kept
            )
        if n_kept == self.n:
            return NotApplicable("there is no such row", self.n)
        rows = np.flatnonzero(keep)
        return Repair(self.candidate[rows], rows, sentence, self.n - n_kept)

    def rewritten(self, columns: Mapping[str, pl.Series], sentence: str) -> Repair:
        """Put other values into columns."""
        changed = np.zeros(self.n, dtype=bool)
        for name, values in columns.items():
            before = self.candidate.get_column(name)
            changed |= before.ne_missing(values.cast(before.dtype, strict=False)).to_numpy()
        frame = self.candidate.with_columns(values.alias(name) for name, values in columns.items())
        return Repair(frame, np.arange(self.n), sentence, int(changed.sum()))

    def value_of(self, name: str, at: Places) -> pl.Series:
        """Give values of the reference's rows in the type of the candidate's column."""
        return as_type(self.reference.get_column(name)[at], self.candidate.schema[name]).alias(name)


def as_type(values: pl.Series, wanted: pl.DataType) -> pl.Series:
    """Give values another type: numbers are rounded where they have to be whole.

    Examples
    --------
    >>> as_type(pl.Series([1.6, None]), pl.Int64()).to_list()
    [2, None]

    """
    if wanted in (values.dtype, pl.Null):
        return values
    if wanted.is_integer() and values.dtype.is_float():
        values = values.fill_nan(None).round()
    if isinstance(wanted, pl.Enum | pl.Categorical):
        known = set(wanted.categories) if isinstance(wanted, pl.Enum) else None
        texts = values.cast(pl.String)
        return texts if known and not set(texts.drop_nulls()) <= known else texts.cast(wanted)
    return values.cast(wanted, strict=False)
