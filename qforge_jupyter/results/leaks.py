"""What the search for leaks between the parts of a data set found (Q8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import (
    Block,
    Cell,
    Document,
    Facts,
    Grid,
    Section,
    Text,
    Tone,
)
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.leak_outcome import (
    SEVERITIES,
    ClosestPair,
    Leak,
    Outcome,
    Verdict,
)
from qforge_jupyter.results.run import Event, Finding, Metric, Severity

MARKS: dict[Verdict, Tone] = {"clean": "good", "leak": "bad", "not applicable": "neutral"}
SHOWN_LEAKS = 30
SHOWN_EXAMPLES = 3
SHOWN_COLUMNS = 30


@dataclass(frozen=True, repr=False, eq=False)
class LeakReport(Result):
    """A certificate about the parts of a data set: what leaks, what does not, what is unknown.

    Parameters
    ----------
    name
        What was split, or the parts' names.
    parts
        Name and number of rows of each part, in order.
    outcomes
        One for each check, in the order of the checks' names.
    target
        The column that is to be predicted.
    notes
        Columns left out and samples drawn.

    """

    kind: ClassVar[str] = "leaks"

    name: str
    parts: tuple[tuple[str, int], ...]
    outcomes: tuple[Outcome, ...]
    target: str = ""
    notes: tuple[str, ...] = ()
    seed: int = 42

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """Everything found, the worst first."""
        found = [leak for outcome in self.outcomes for leak in outcome.leaks]
        return tuple(sorted(found, key=lambda leak: SEVERITIES.index(leak.severity)))

    @property
    def is_clean(self) -> bool:
        """Whether no check found a leak; those that could not answer are in `unchecked`."""
        return not self.leaks

    @property
    def is_grave(self) -> bool:
        """Whether a leak of severity high or critical was found."""
        return any(leak.severity in ("high", "critical") for leak in self.leaks)

    @property
    def unchecked(self) -> tuple[Outcome, ...]:
        """Checks that could not answer, with the reason."""
        return tuple(each for each in self.outcomes if each.verdict == "not applicable")

    @property
    def partly(self) -> tuple[str, ...]:
        """What was looked at in part only, since there are too many rows."""
        return tuple(note for each in self.outcomes for note in each.notes)

    @property
    def closest(self) -> ClosestPair | None:
        """The nearest rows of two different parts, if distances could be measured."""
        return next((each.closest for each in self.outcomes if each.closest), None)

    def hiding(self, sealed: Collection[str]) -> LeakReport:
        """Give the same report without the cells of rows of sealed parts."""
        outcomes = tuple(
            replace(each, closest=each.closest.hiding(sealed)) if each.closest else each
            for each in self.outcomes
        )
        return replace(self, outcomes=outcomes)

    @property
    def verdict(self) -> str:
        """The certificate's first line."""
        n_done = len(self.outcomes) - len(self.unchecked)
        if self.is_clean:
            return f"no leak found by {n_done} of {len(self.outcomes)} checks"
        counts = Counter(leak.severity for leak in self.leaks)
        kinds = ", ".join(f"{counts[name]} {name}" for name in SEVERITIES if counts[name])
        plural = "s" if len(self.leaks) > 1 else ""
        return f"{len(self.leaks)} leak{plural} found ({kinds})"

    @property
    def certificate(self) -> str:
        """The whole page as text."""
        return repr(self)

    def outcome(self, check: str) -> Outcome:
        """Give what one check says."""
        return next(each for each in self.outcomes if each.check == check)

    def document(self) -> Document:
        """Describe what leaks, the closest pair, and what was and was not checked."""
        tone: Tone = "bad" if self.is_grave else "caution" if self.leaks else "good"
        facts: tuple[tuple[str, Cell], ...] = tuple(self.parts)
        if self.target:
            facts = (*facts, ("target", self.target))
        blocks: list[Block] = [Facts(facts)]
        if self.leaks:
            blocks.append(Section("Leaks, the worst first", self.lines()))
        blocks += [self._closest(), self._checks(), self._thresholds()]
        notes = (*(f"{note[0].upper()}{note[1:]}." for note in self.partly), *self.notes)
        if notes:
            blocks.append(Section("Good to know", tuple(Text(note) for note in notes)))
        return Document(
            f"Leaks between the parts of {self.name}", self.verdict, tone, tuple(blocks)
        )

    def lines(self) -> tuple[Text, ...]:
        """Say every leak in a sentence, the worst first."""
        tones: dict[Severity, Tone] = {"critical": "bad", "high": "bad", "medium": "caution"}
        lines = [
            Text(_sentence(leak), tones.get(leak.severity, "fair"))
            for leak in self.leaks[:SHOWN_LEAKS]
        ]
        if n_more := len(self.leaks) - len(lines):
            lines.append(Text(f"… and {n_more:,} more"))
        return tuple(lines)

    def _closest(self) -> Block:
        found = self.closest
        if found is None:
            return Text("No two rows of different parts could be compared by distance.")
        pair = found.pair
        where = f"{pair.part_a} row {pair.row_a}", f"{pair.part_b} row {pair.row_b}"
        differing = set(found.differing)
        shown = found.cells[:SHOWN_COLUMNS]
        lines = tuple((name, a, b, "differs" if name in differing else "") for name, a, b in shown)
        caption = f"closest pair across parts: distance {pair.distance:.4g} ({found.unit})"
        n_more = len(found.cells) - len(shown)
        return Grid(("column", *where, ""), lines, caption, n_more=n_more)

    def _checks(self) -> Section:
        lines = tuple(
            Text(f"{each.check}: {each.verdict}: {each.said}.", MARKS[each.verdict])
            for each in self.outcomes
        )
        return Section("What was checked, and what could not be", lines)

    def _thresholds(self) -> Section:
        lines = tuple(
            (each.check, name, value) for each in self.outcomes for name, value in each.thresholds
        )
        return Section("Thresholds", (Grid(("check", "threshold", "value"), lines),), is_open=False)

    def metrics(self) -> tuple[Metric, ...]:
        """Count leaks by severity, and give the closest distance."""
        counts = Counter(leak.severity for leak in self.leaks)
        found = [Metric("leaks", float(len(self.leaks)))]
        found += [Metric(f"leaks_{name}", float(counts[name])) for name in SEVERITIES]
        found.append(Metric("checks_not_applicable", float(len(self.unchecked))))
        if self.closest is not None and self.closest.pair.distance is not None:
            nearest = self.closest.pair.distance
            found.append(Metric("closest_distance", nearest, unit=self.closest.unit))
        return tuple(found)

    def findings(self) -> tuple[Finding, ...]:
        """Give every leak as a finding; its rows are those of the later part."""
        return tuple(
            Finding(
                kind="leak",
                name=leak.said,
                n_rows=leak.n_rows,
                severity=leak.severity,
                column=leak.column,
                method=leak.check,
                statistic=leak.statistic,
                rows=tuple(pair.row_b for pair in leak.examples),
                note=leak.note,
                detail={"parts": list(leak.parts), "pairs": list(map(str, leak.examples))},
            )
            for leak in self.leaks
        )

    def frames(self) -> dict[str, pl.DataFrame]:
        """Give the example pairs of every leak as rows."""
        lines = [
            (leak.check, leak.severity, leak.column, pair.part_a, pair.row_a, pair.part_b,
             pair.row_b, pair.distance)
            for leak in self.leaks
            for pair in leak.examples
        ]  # fmt: skip
        schema = pl.Schema({
            "check": pl.String, "severity": pl.String, "column": pl.String, "part_a": pl.String,
            "row_a": pl.Int64, "part_b": pl.String, "row_b": pl.Int64, "distance": pl.Float64,
        })  # fmt: skip
        return {"leaks": pl.DataFrame(lines, schema=schema, orient="row")}

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember what was said of the parts."""
        return (Event(actor, "check leaks", f"parts/{self.name}", None, {"verdict": self.verdict}),)

    def payload(self) -> dict[str, Any]:
        """Give the certificate as JSON, without cells of the data."""
        closest = self.closest
        return {
            "name": self.name,
            "verdict": self.verdict,
            "is_clean": self.is_clean,
            "parts": [list(part) for part in self.parts],
            "target": self.target,
            "outcomes": [
                {
                    "check": each.check,
                    "verdict": each.verdict,
                    "said": each.said,
                    "thresholds": dict(each.thresholds),
                    "leaks": [asdict(leak) for leak in each.leaks],
                }
                for each in self.outcomes
            ],
            "closest": None
            if closest is None
            else {
                **asdict(closest.pair),
                "unit": closest.unit,
                "differing": list(closest.differing[:100]),
            },
            "partly": list(self.partly),
            "notes": list(self.notes),
            "seed": self.seed,
        }


def _sentence(leak: Leak) -> str:
    """Say a leak: how bad, what, in how many rows with a few pairs to look at, what it means."""
    pairs = "; ".join(map(str, leak.examples[:SHOWN_EXAMPLES]))
    counted = f"{leak.n_rows:,} row{'s' if leak.n_rows > 1 else ''}" if leak.n_rows else ""
    where = ", as ".join(filter(None, (counted, pairs)))
    at = f" ({where})" if where else ""
    note = f": {leak.note}" if leak.note else ""
    return f"{leak.severity}: {leak.said}{at}{note}."
