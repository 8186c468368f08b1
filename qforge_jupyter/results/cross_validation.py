"""A split as scikit-learn's ``cv=`` takes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import CallError

Mask = NDArray[np.bool_]


class CrossValidation(ABC):
    """Folds, or a part to train and one to validate on, as positions in the table."""

    table: str
    n_rows: int
    n_folds: int
    n_repeats: int
    assignment: pl.DataFrame

    @property
    @abstractmethod
    def part_names(self) -> tuple[str, ...]:
        """Names of the parts."""

    @abstractmethod
    def rows_of(self, part: str) -> Mask:
        """Say which rows belong to a part."""

    def pairs(self, repeat: int = 1) -> Iterator[tuple[Mask, Mask]]:
        """Give for each fold of a repeat which rows train and which validate."""
        folds = self.assignment[f"fold_{repeat}"]
        inside = folds.is_not_null().to_numpy()
        fold = folds.fill_null(-2).to_numpy()
        is_forward = f"from_{repeat}" in self.assignment.columns
        first = self.assignment[f"from_{repeat}"].fill_null(0).to_numpy() if is_forward else None
        for number in range(self.n_folds):
            held = fold == number
            yield (inside & ~held if first is None else inside & (first <= number)), held

    def split(
        self,
        X: Any = None,  # noqa: N803 - scikit-learn's name
        y: Any = None,  # noqa: ARG002 - scikit-learn gives it
        groups: Any = None,  # noqa: ARG002 - scikit-learn gives it
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Give positions to train and to validate on, as scikit-learn's ``cv=`` asks for.

        Folds where there are some, else the train and the validation part.

        Raises
        ------
        CallError
            ``X`` is not the table that was split.
        SealedError
            The part to validate on is sealed.

        """
        n_given = X.shape[0] if hasattr(X, "shape") else None if X is None else len(X)
        if n_given is not None and n_given != self.n_rows:
            raise CallError(
                f"X has {n_given:,} rows and {self.table} has {self.n_rows:,}: give every row of "
                "the table that was split, in its order; the split leaves out what it has to"
            )
        return self._positions()

    def _positions(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        if not self.n_folds:
            first, second = self._training_parts()
            yield np.flatnonzero(self.rows_of(first)), np.flatnonzero(self.rows_of(second))
            return
        for repeat in range(1, self.n_repeats + 1):
            for train, validation in self.pairs(repeat):
                yield np.flatnonzero(train), np.flatnonzero(validation)

    def _training_parts(self) -> tuple[str, str]:
        names = self.part_names
        named = ("train", "validation")
        return named if set(named) <= set(names) else (names[0], names[1])

    def get_n_splits(
        self,
        X: Any = None,  # noqa: ARG002, N803 - scikit-learn's name
        y: Any = None,  # noqa: ARG002 - scikit-learn gives it
        groups: Any = None,  # noqa: ARG002 - scikit-learn gives it
    ) -> int:
        """Say how many pairs `split` gives."""
        return self.n_folds * self.n_repeats or 1
