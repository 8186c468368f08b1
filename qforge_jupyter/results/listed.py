"""A result that holds others in an order: ``plan[0]`` in a cell as in Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Listed:
    """A result with ``entries``, which can be counted, gone through and asked for by place."""

    entries: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.entries)

    def __getitem__(self, place: int) -> Any:
        return self.entries[place]

    def __bool__(self) -> bool:
        return True
