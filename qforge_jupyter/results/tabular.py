"""Results that are tables themselves, so that one can go on with them."""

from __future__ import annotations

from typing import Any

import polars as pl


class Tabular:
    """A result with a Polars frame in ``frame``: it can be used like it.

    ``calcs.head()``, ``calcs["gap"]`` and ``len(calcs)`` ask the frame, and
    every library that takes Arrow data takes the result.
    """

    def _rows(self) -> pl.DataFrame:
        frame: pl.DataFrame = object.__getattribute__(self, "frame")
        return frame

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "frame":
            raise AttributeError(name)
        return getattr(self._rows(), name)

    def __getitem__(self, key: Any) -> Any:
        return self._rows()[key]

    def __len__(self) -> int:
        return self._rows().height

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._rows().__arrow_c_stream__(requested_schema)
