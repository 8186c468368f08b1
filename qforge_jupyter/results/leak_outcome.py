"""What a leak check says: pairs of rows, leaks, and the outcome of the check."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Literal

from qforge_jupyter.documents.blocks import Cell
from qforge_jupyter.results.run import Severity

Verdict = Literal["clean", "leak", "not applicable"]
#: The worst first.
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class RowPair:
    """Two rows of different parts; each row is counted from 0 in its own table."""

    part_a: str
    row_a: int
    part_b: str
    row_b: int
    distance: float | None = None

    def __str__(self) -> str:
        return f"{self.part_a} {self.row_a} – {self.part_b} {self.row_b}"


@dataclass(frozen=True)
class Leak:
    """One way in which a part knows of another.

    Parameters
    ----------
    check
        Name of the check that found it.
    said
        One phrase: what leaks.
    severity
        How bad it is.
    n_rows
        Rows concerned, counted in the later part.
    parts, column
        Where.
    statistic, threshold
        What was measured, and from where on it counts.
    examples
        A few pairs of rows.
    note
        How to read it, or what to do.

    """

    check: str
    said: str
    severity: Severity
    n_rows: int = 0
    parts: tuple[str, ...] = ()
    column: str = ""
    statistic: float | None = None
    threshold: float | None = None
    examples: tuple[RowPair, ...] = ()
    note: str = ""


#: What stands for a cell of a sealed part.
SEALED = "(sealed)"


@dataclass(frozen=True)
class ClosestPair:
    """The two rows of different parts that lie nearest to each other.

    Parameters
    ----------
    pair
        The rows.
    unit
        What the distance is measured in.
    differing
        Columns in which they differ, the furthest first where that is known.
    cells
        Column, cell of the first row, cell of the second; shown, not kept.

    """

    pair: RowPair
    unit: str
    differing: tuple[str, ...]
    cells: tuple[tuple[str, Cell, Cell], ...] = field(default=(), repr=False)

    def hiding(self, sealed: Collection[str]) -> ClosestPair:
        """Give the same pair without the cells of rows of sealed parts."""
        hides = self.pair.part_a in sealed, self.pair.part_b in sealed
        cells = tuple(
            (name, SEALED if hides[0] else one, SEALED if hides[1] else two)
            for name, one, two in self.cells
        )
        return replace(self, cells=cells)


@dataclass(frozen=True)
class Outcome:
    """What one check says: clean, leak, or why it cannot say anything.

    Parameters
    ----------
    check
        Name of the check.
    verdict
        ``clean``, ``leak`` or ``not applicable``.
    said
        One sentence: what was compared, or the reason.
    leaks
        What was found, the worst first.
    thresholds
        The numbers that decided, by name.
    closest
        From the check that measures distances.
    notes
        What was looked at in part only.

    """

    check: str
    verdict: Verdict
    said: str
    leaks: tuple[Leak, ...] = ()
    thresholds: tuple[tuple[str, float], ...] = ()
    closest: ClosestPair | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        check: str,
        said: str,
        leaks: list[Leak],
        thresholds: tuple[tuple[str, float], ...] = (),
        closest: ClosestPair | None = None,
    ) -> Outcome:
        """Put what a check found together; the worst comes first."""
        ranked = tuple(sorted(leaks, key=lambda leak: SEVERITIES.index(leak.severity)))
        return cls(check, "leak" if leaks else "clean", said, ranked, thresholds, closest)

    @classmethod
    def declined(cls, check: str, reason: str) -> Outcome:
        """Say why a check cannot answer."""
        return cls(check, "not applicable", reason)
