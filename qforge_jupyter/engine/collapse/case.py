"""What a collapse check is asked about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.results.progress import Progress, silent


@dataclass(frozen=True)
class CollapseCase:
    """A candidate and the reference that it has to be as good as.

    Parameters
    ----------
    candidate, reference
        The data that is to be trained on, and real data.
    target
        The column that will be predicted, or nothing.
    ignore
        Columns that are left out.
    groups
        A column whose rows belong together (one patient's visits); they are dealt together.
    order
        A column along which the rows of each side are one series, as a time: it is not compared,
        segments of consecutive rows are dealt, and spectra are taken along it.
    false_alarms
        Share of sound candidates that may be called collapsed.

    """

    candidate: Table
    reference: Table
    target: str = ""
    ignore: tuple[str, ...] = ()
    groups: str = ""
    order: str = ""
    false_alarms: float = 0.05
    seed: int = 42
    device: str = "cpu"
    progress: Progress = field(default=silent, repr=False)

    def where(self, *, seed: int, device: str, progress: Progress) -> CollapseCase:
        """Say how it is worked on."""
        return replace(self, seed=seed, device=device, progress=progress)

    @property
    def plan(self) -> dict[str, Any]:
        """How the tables are compared, without the tables."""
        return {
            "target": self.target,
            "ignore": self.ignore,
            "groups": self.groups,
            "order": self.order,
            "false_alarms": self.false_alarms,
            "seed": self.seed,
        }

    @property
    def not_compared(self) -> set[str]:
        """Columns that say how to compare, or are left out."""
        return {*self.ignore, self.groups, self.order} - {""}

    @property
    def unordered(self) -> CollapseCase:
        """The same without the order, which rows that were changed or drawn do not have."""
        return replace(self, order="", ignore=(*self.ignore, *filter(None, [self.order])))

    def __post_init__(self) -> None:
        common = [name for name in self.reference.columns if name in self.candidate.schema]
        for name in (self.target, self.groups, self.order, *self.ignore):
            if name and name not in common:
                raise CallError(
                    f"No column named {name!r} in both {self.candidate.name} and "
                    f"{self.reference.name}{nearest(name, common)}"
                )
        if self.groups and self.order:
            raise CallError(
                "`groups` and `order` both say which rows are dealt together: give one of them"
            )
        if not 0 < self.false_alarms <= 0.2:
            raise CallError(
                f"`false alarms` is {self.false_alarms:g}, wanted a share above 0 and at most 20%"
            )
