"""Results that are tables themselves, so that one can go on with them."""

from __future__ import annotations

from typing import Any

import polars as pl


class Tabular:
    """A result with a ``frame``: it can be used like that Polars frame.

    ``calcs.head()``, ``calcs["gap"]`` and ``len(calcs)`` ask the frame, and
    every library that takes Arrow data takes the result.
    """

    @property
    def frame(self) -> pl.DataFrame:
        """The rows in memory."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "frame":
            raise AttributeError(name)
        return getattr(self.frame, name)

    def __getitem__(self, key: Any) -> Any:
        return self.frame[key]

    def __len__(self) -> int:
        return self.frame.height

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)
