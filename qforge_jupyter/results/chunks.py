"""Pieces of long work that are done one after the other, and need not be done twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import polars as pl


class Chunks(Protocol):
    """Does a chunk of work, or gives what is kept of it."""

    def __call__(self, key: str, work: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """Give the rows that ``work`` makes; ``key`` is a hash of all that decides them."""


def in_place(key: str, work: Callable[[], pl.DataFrame]) -> pl.DataFrame:  # noqa: ARG001 — nothing is kept
    """Do the work here and now.

    Examples
    --------
    >>> in_place("0" * 64, lambda: pl.DataFrame({"a": [1]})).height
    1

    """
    return work()
