"""How uncertain predictions are, as measured on structures whose values are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from qforge_jupyter.documents.blocks import Block, Facts, Grid, Section, Text


@dataclass(frozen=True)
class Calibration:
    """What calibration structures say of a model's errors.

    Parameters
    ----------
    level
        Share of exchangeable structures that the intervals hold.
    widths
        By property: half the width of the interval, on how many structures it
        rests, and their mean absolute error; in the unit of the property. The
        median half, where widths differ.
    declined
        By property: why there is no interval.
    domain_limit
        Distance beyond which a structure is unlike those of the calibration;
        None where the model gives no features or there are too few.
    no_domain
        Why there is no such limit.
    n_outside
        Structures beyond it.
    n_shared
        Structures that are calibration structures themselves.
    ranges
        By property of an ensemble: the least and the greatest half width, as its
        members differ.

    """

    level: float
    widths: dict[str, tuple[float, int, float]] = field(default_factory=dict)
    declined: dict[str, str] = field(default_factory=dict)
    domain_limit: float | None = None
    no_domain: str = ""
    n_outside: int = 0
    n_shared: int = 0
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)

    def section(self, units: dict[str, str]) -> Section:
        """Show the intervals, what has none, and how many structures are unlike."""
        rows = tuple(
            (name, units.get(name, ""), self._half(name, width), n, round(error, 4))
            for name, (width, n, error) in self.widths.items()
        )
        head = ("property", "unit", "± interval", "structures", "mean abs. error")
        blocks: list[Block] = [Grid(head, rows)] if rows else []
        said = self.no_domain or f"{self.n_outside} are unlike the calibration structures"
        blocks += [
            Facts((("interval holds", f"{self.level:.0%} of exchangeable structures"),)),
            Text(f"Domain: {said}.", "caution" if self.n_outside else "neutral"),
            *(Text(f"No interval of {name}: {why}.") for name, why in self.declined.items()),
        ]
        if self.n_shared:
            said = f"{self.n_shared} of the structures are among those of the calibration"
            blocks.append(Text(f"{said}: their intervals say nothing.", "caution"))
        return Section("Uncertainty", tuple(blocks))

    def _half(self, name: str, width: float) -> float | str:
        if name not in self.ranges:
            return round(width, 4)
        low, high = self.ranges[name]
        return f"{low:.4g} to {high:.4g}"

    def payload(self) -> dict[str, Any]:
        """Give the same as JSON."""
        return {
            "level": self.level,
            "widths": {name: list(each) for name, each in self.widths.items()},
            "ranges": {name: list(each) for name, each in self.ranges.items()},
            "declined": self.declined,
            "domain_limit": self.domain_limit,
            "no_domain": self.no_domain,
            "n_outside": self.n_outside,
            "n_shared": self.n_shared,
        }
