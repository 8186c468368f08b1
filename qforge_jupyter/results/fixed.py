"""A table after a fix, and what that really gained (S6)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Bar, Bars, Block, Cell, Document, Facts, Headline, Text
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.commit import CommitReport
from qforge_jupyter.results.recommendation import Gain
from qforge_jupyter.results.run import Event, LineageStep, Metric
from qforge_jupyter.results.tabular import Tabular


@dataclass(frozen=True, repr=False, eq=False)
class Fixed(Tabular, Result):
    """A table after a fix; it can be used like the table itself.

    Attributes
    ----------
    frame
        The rows, in the order in which they came; new ones last.
    fixes, title, sentence
        What was applied, what it does, and what it did.
    gain
        The score before and after, on rows that the fix has not seen.
    judged_by, n_judging
        Which rows these are, and how many.
    held_out
        The rows of the reference that the fix has not seen: check against them.
    share_copied, share_repeated, share_near, share_alike
        Rows that are rows of the reference, that repeat others, that nearly are rows of the
        reference and that nearly repeat others: before and after.
    commit
        The version that was made, where the table is a stored dataset.

    """

    kind: ClassVar[str] = "fixed"

    name: str
    frame: pl.DataFrame
    fixes: tuple[str, ...]
    title: str
    sentence: str
    n_before: int
    n_changed: int
    takes_rows: bool
    gain: Gain
    judged_by: str
    n_judging: int
    held_out: pl.DataFrame = field(repr=False)
    share_copied: tuple[float, float] = (0.0, 0.0)
    share_repeated: tuple[float, float] = (0.0, 0.0)
    share_near: tuple[float, float] = (0.0, 0.0)
    share_alike: tuple[float, float] = (0.0, 0.0)
    commit: CommitReport | None = field(default=None, repr=False)
    steps: tuple[LineageStep, ...] = field(default=(), repr=False)

    def document(self) -> Document:
        """Say what was done and what it gained."""
        facts: list[tuple[str, Cell]] = [
            ("rows before", self.n_before),
            ("rows after", self.frame.height),
            ("rows changed", self.n_changed),
            ("verdict before", self.gain.word_before),
            ("verdict after", self.gain.word_after),
            ("copies of real rows, before", f"{self.share_copied[0]:.1%}"),
            ("copies of real rows, after", f"{self.share_copied[1]:.1%}"),
            ("near copies, before", f"{self.share_near[0]:.1%}"),
            ("near copies, after", f"{self.share_near[1]:.1%}"),
        ]
        blocks: list[Block] = [
            Facts(tuple(facts)),
            Text(f"{self.sentence[:1].upper()}{self.sentence[1:]}."),
            self._bars(),
        ]
        if self.takes_rows:
            said = (
                "Real rows stand in it now, and a check against all of them calls these copies: "
                "check it against `held_out`, which holds real rows that it has not seen."
            )
            blocks.append(Text(said, "caution"))
        if self.commit is not None and self.commit.is_new:
            n = self.commit.n_rows
            blocks.append(
                Text(f"Committed to {self.commit.dataset}@{self.commit.branch}: {n:,} rows.")
            )
        gain = self.gain
        head = Headline(
            round(gain.value, 1), "points of score gained", round(gain.low, 1), round(gain.high, 1)
        )
        title = f"{self.title[:1].upper()}{self.title[1:]}: {self.name}"
        return Document(title, self._verdict, self._tone, tuple(blocks), head)  # type: ignore[arg-type]  # a tone

    @property
    def _verdict(self) -> str:
        gain = self.gain
        return f"score {gain.before:.1f} before and {gain.after:.1f} after: {gain.word_after}"

    @property
    def _tone(self) -> str:
        if self.gain.value <= -1:
            return "bad"
        return "good" if self.gain.word_after == "fit" else "caution"

    def _bars(self) -> Bars:
        gain = self.gain
        bars = (
            Bar("before", round(gain.before, 1), note=gain.word_before, whole=100.0),
            Bar("after", round(gain.after, 1), tone=self._tone, note=gain.word_after, whole=100.0),  # type: ignore[arg-type]  # a tone
        )
        return Bars(
            bars, f"Score on {self.n_judging:,} rows that the fix has not seen: {self.judged_by}"
        )

    def payload(self) -> dict[str, Any]:
        """Give the numbers; no cells of the data."""
        return {
            "name": self.name,
            "fixes": list(self.fixes),
            "title": self.title,
            "sentence": self.sentence,
            "n_before": self.n_before,
            "n_after": self.frame.height,
            "n_changed": self.n_changed,
            "takes_rows": self.takes_rows,
            "gain": asdict(self.gain),
            "judged_by": self.judged_by,
            "n_judging": self.n_judging,
            "share_copied": list(self.share_copied),
            "share_repeated": list(self.share_repeated),
            "share_near": list(self.share_near),
            "share_alike": list(self.share_alike),
            "commit": None if self.commit is None else self.commit.payload(),
        }

    def identity(self) -> dict[str, Any]:
        """Name the commit, which differs from run to run."""
        return {} if self.commit is None else self.commit.identity()

    def metrics(self) -> tuple[Metric, ...]:
        """Name the scores and the gain."""
        gain = self.gain
        return (
            Metric("score_before", gain.before),
            Metric("score_after", gain.after),
            Metric("gain", gain.value, low=gain.low, high=gain.high),
            Metric("n_rows", float(self.frame.height)),
            Metric("n_changed", float(self.n_changed)),
        )

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say from which table the rows came, and by which fix."""
        if self.commit is None:
            return self.steps
        about = {"fixes": list(self.fixes), "gain": self.gain.value}
        return tuple(
            replace(step, method="fix", parameters={**step.parameters, **about}, inputs=each.inputs)
            for step in self.commit.lineage()
            for each in self.steps
        )

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember what was changed."""
        after = {
            "fixes": list(self.fixes),
            "n_rows": self.frame.height,
            "n_changed": self.n_changed,
        }
        return (Event(actor, "fix", f"table/{self.name}", {"n_rows": self.n_before}, after),)

    def changes(self) -> tuple[Change, ...]:
        """Give the commit and its branch."""
        return () if self.commit is None else self.commit.changes()

    def has_seen(self) -> str:
        """Name the version that was made."""
        return "" if self.commit is None else self.commit.has_seen()
