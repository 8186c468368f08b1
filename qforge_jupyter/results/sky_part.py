"""A part of a collection of sky detections: its rows, and the cut-out of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from qforge_jupyter.results.tabular import Tabular

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, repr=False, eq=False)
class SkyPart(Tabular):
    """Detections of one part: a table that can be used like a Polars frame.

    Parameters
    ----------
    name
        Of the part.
    frame
        Its detections.
    folders
        Where their images are looked for.

    """

    name: str
    frame: pl.DataFrame
    folders: tuple[str, ...] = field(default=())

    def n_of(self, column: str) -> int:
        """Count the distinct values of a column; 0 where there is none."""
        return self.frame[column].n_unique() if column in self.frame.columns else 0

    def __repr__(self) -> str:
        n = self.frame.height
        return f"{self.name}: {n:,} detection{'s' * (n != 1)}"
