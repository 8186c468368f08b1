"""Rows that pass one step after the other; of each that falls, the step and the reason."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.results.harvest import Step

#: Columns of what fell.
FALLEN = {"row": pl.UInt32, "step": pl.String, "reason": pl.String}
LIKE = "like"


class Sieve:
    """Rows of a table, fewer with every step.

    Parameters
    ----------
    n_rows
        How many there are.

    Examples
    --------
    >>> sieve = Sieve(3)
    >>> sieve.drop("score", {"too low": np.array([True, False, False])}).tolist()
    [False, True, True]
    >>> sieve.rows.tolist(), sieve.steps[0].reasons
    ([1, 2], (('too low', 1),))

    """

    def __init__(self, n_rows: int) -> None:
        self.rows: NDArray[np.uint32] = np.arange(n_rows, dtype=np.uint32)
        self.n_rows = n_rows
        self.steps: list[Step] = []
        self._fallen: list[pl.DataFrame] = []

    @property
    def n_left(self) -> int:
        """Rows that are left."""
        return len(self.rows)

    def drop(
        self,
        step: str,
        reasons: Mapping[str, NDArray[np.bool_]],
        like: pl.Series | None = None,
    ) -> NDArray[np.bool_]:
        """Let rows fall, each for the first reason that holds; say which stay.

        Parameters
        ----------
        step
            What is asked.
        reasons
            By reason, the rows that fall for it: one answer a row that is left.
        like
            For each row that is left the id of what it repeats.

        """
        gone = np.zeros(self.n_left, dtype=np.bool_)
        counts = []
        for reason, falls in reasons.items():
            now = falls & ~gone
            gone |= now
            if n := int(now.sum()):
                counts.append((reason, n))
                fell = pl.DataFrame({"row": self.rows[now]}).with_columns(
                    pl.lit(step).alias("step"), pl.lit(reason).alias("reason")
                )
                if like is not None:
                    fell = fell.with_columns(like.filter(pl.Series(now)).alias(LIKE))
                self._fallen.append(fell)
        n_left = self.n_left - int(gone.sum())
        self.steps.append(Step(step, self.n_left, n_left, tuple(counts)))
        self.rows = self.rows[~gone]
        return ~gone

    def fallen(self, ids: pl.Series) -> pl.DataFrame:
        """List what fell, in the order of the table, with its id."""
        empty = pl.DataFrame(schema={**FALLEN, LIKE: ids.dtype})
        found = pl.concat([empty, *self._fallen], how="diagonal").sort("row")
        return found.insert_column(1, ids.gather(found["row"]))
