"""What a result has that assigns rows to parts."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import polars as pl


@runtime_checkable
class Parted(Protocol):
    """A table and the part of each of its rows, as a split gives it."""

    @property
    def part_of(self) -> pl.Series:
        """Name of the part of each row of the source; null for a row that is left out."""

    @property
    def source(self) -> Any:
        """The table that was split."""
