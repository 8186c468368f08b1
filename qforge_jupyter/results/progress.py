"""How long work says how far it is; drawn in ``magics``, silent elsewhere."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told how far the work is; may be called as often as one likes."""

    def __call__(self, done: int, total: int | None, note: str = "") -> None:
        """Report that ``done`` of ``total`` steps are finished."""


def silent(done: int, total: int | None, note: str = "") -> None:
    """Say nothing."""
