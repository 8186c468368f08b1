"""Which known cases a check is like, and what is remembered of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from qforge_jupyter.documents.blocks import Block, Cell, Document, Facts, Grid, Section, Text, Tone
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change, NameSignature
from qforge_jupyter.results.signatures import KnownCase, Likeness

#: What nothing known is like.
UNLIKE = "unlike anything known"


@dataclass(frozen=True, eq=False, repr=False)
class Match(Result):
    """What a check is like.

    Parameters
    ----------
    name, verdict, score
        The candidate, and what was said of it.
    modes
        Modes of damage by the vote of the nearest known cases, the likeliest first; none where
        nothing known is near, or where the candidate is fit.
    cases
        The nearest cases whose mode is known.
    past
        The nearest checks of this workspace.

    """

    kind: ClassVar[str] = "match"

    name: str
    verdict: str
    score: float
    modes: tuple[Likeness, ...]
    cases: tuple[KnownCase, ...]
    past: tuple[KnownCase, ...] = ()

    @property
    def mode(self) -> str:
        """The likeliest mode; empty where there is none."""
        return self.modes[0].mode if self.modes else ""

    @property
    def said(self) -> str:
        """The answer in a few words."""
        if self.verdict != "collapsed":
            return f"{self.verdict}: there is no damage to be named"
        if not self.modes:
            return UNLIKE
        return f"{self.mode} ({self.modes[0].share:.0%} of the votes)"

    @property
    def helped(self) -> tuple[str, ...]:
        """What helped the cases that it is like, in a sentence each, the nearest first."""
        said = (
            f"What helped {each.table}{f' (“{each.mode}”)' if each.mode else ''}: {each.helped}."
            for each in sorted((*self.cases, *self.past), key=lambda each: -each.similarity)
            if each.helped
        )
        return tuple(dict.fromkeys(said))

    def document(self) -> Document:
        """Show the modes and the cases."""
        blocks: list[Block] = [Facts((("verdict", self.verdict), ("score", round(self.score, 1))))]
        if self.modes:
            blocks.append(_modes(self.modes))
        blocks += [Text(each) for each in self.helped]
        if self.modes or self.verdict == "collapsed":
            blocks.append(Section("Nearest cases with a name", (_cases(self.cases),)))
        if self.past:
            blocks.append(Section("Nearest checks of this workspace", (_cases(self.past),)))
        blocks.append(
            Text("%qforge remember VERDICT as NAME gives this check's damage a name of your own.")
        )
        tone: Tone = "neutral" if self.verdict != "collapsed" else "caution"
        return Document(f"What {self.name} looks like", self.said, tone, tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give modes and cases; runs and times are in the page only."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "score": self.score,
            "mode": self.mode,
            "modes": [asdict(each) for each in self.modes],
            "cases": [_as_json(each) for each in self.cases],
            "past": [_as_json(each) for each in self.past],
        }

    def identity(self) -> dict[str, Any]:
        """Name the runs of the cases, which differ from workspace to workspace."""
        return {"runs": [each.run_id for each in (*self.cases, *self.past) if each.run_id]}


def _modes(modes: tuple[Likeness, ...]) -> Grid:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            each.mode,
            f"{each.share:.0%}",
            f"{each.n_near} of {each.n_voters}",
            round(each.similarity, 3),
            "remembered here" if each.is_remembered else "reference",
        )
        for each in modes
    )
    return Grid(("mode", "votes", "of the nearest", "similarity", "known from"), rows)


def _cases(cases: tuple[KnownCase, ...]) -> Grid:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            each.mode or "not named",
            round(each.similarity, 3),
            each.table,
            {"reference": "ships with Q-Forge"}.get(each.origin, each.verdict),
            None if each.score is None else round(each.score, 1),
            f"{each.made_at:%Y-%m-%d}" if each.made_at else "",
            each.note,
            each.helped,
        )
        for each in cases
    )
    columns = ("mode", "similarity", "table", "verdict", "score", "when", "note", "what helped")
    return Grid(columns, rows)


def _as_json(case: KnownCase) -> dict[str, Any]:
    made_at = case.made_at
    return {**asdict(case), "made_at": made_at.isoformat() if made_at else None}


@dataclass(frozen=True, eq=False, repr=False)
class Remembered(Result):
    """The name that a check's damage has from now on."""

    kind: ClassVar[str] = "remembered"

    name: str
    mode: str
    note: str
    looked_like: str
    made: NameSignature

    def document(self) -> Document:
        """Say what is remembered."""
        facts: tuple[tuple[str, Cell], ...] = (
            ("mode", self.mode),
            ("looked like before", self.looked_like or UNLIKE),
            *((("note", self.note),) if self.note else ()),
        )
        return Document(f"The damage of {self.name}", "remembered", "good", (Facts(facts),))

    def payload(self) -> dict[str, Any]:
        """Give the names."""
        return {
            "name": self.name,
            "mode": self.mode,
            "note": self.note,
            "looked_like": self.looked_like,
        }

    def changes(self) -> tuple[Change, ...]:
        """Name the signature in the store."""
        return (self.made,)
