"""How long work says how far it is; drawn in ``magics``, silent elsewhere."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told how far the work is; may be called as often as one likes."""

    def __call__(self, done: int, total: int | None, note: str = "") -> None:
        """Report that ``done`` of ``total`` steps are finished."""


def silent(done: int, total: int | None, note: str = "") -> None:
    """Say nothing."""


def noted(progress: Progress, before: str) -> Progress:
    """Put words before every note, so that work done twice can be told apart.

    Examples
    --------
    >>> noted(lambda done, total, note="": print(done, total, note), "again: ")(1, 2, "sums")
    1 2 again: sums

    """

    def report(done: int, total: int | None, note: str = "") -> None:
        progress(done, total, f"{before}{note}")

    return report
