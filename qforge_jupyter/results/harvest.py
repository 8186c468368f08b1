"""What collecting examples gives: the new examples, what was left out and why, the funnel (G10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import (
    Block,
    Cell,
    Document,
    Facts,
    Funnel,
    Grid,
    Headline,
    Section,
    Stage,
    Text,
    Tone,
)
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.commit import CommitReport
from qforge_jupyter.results.run import Event, Finding, LineageStep, Metric

SHOWN_EXAMPLES = 5


@dataclass(frozen=True)
class Step:
    """One step of a harvest: how many rows it let through, and why the others fell."""

    name: str
    n_before: int
    n_left: int
    reasons: tuple[tuple[str, int], ...] = ()

    @property
    def why(self) -> str:
        """The reasons in one line, each with its count where there are several."""
        if len(self.reasons) == 1:
            return self.reasons[0][0]
        return "; ".join(f"{reason}: {n:,}" for reason, n in self.reasons)


@dataclass(frozen=True, repr=False, eq=False)
class Harvest(Result):
    """Examples that were collected from a source for a dataset.

    Attributes
    ----------
    examples
        The new ones, as the dataset has them.
    left_out
        ``row`` (in the source, from 0), ``source_decision_id``, ``step``, ``reason``
        and ``like`` (the id of the example that it repeats) of every other row.
    steps
        What was asked, one after the other.
    made_of
        What each column of an example is made of.
    contradictions
        Rows of the source that repeat an input with another expected output.
    n_before
        Examples that the dataset held before.
    commit
        The version that was made; None where nothing is new, and in a preview.

    """

    kind: ClassVar[str] = "harvest"

    dataset: str
    source: str
    examples: pl.DataFrame
    left_out: pl.DataFrame
    steps: tuple[Step, ...]
    n_rows: int
    n_before: int = 0
    made_of: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    contradictions: tuple[int, ...] = ()
    n_contradictions: int = 0
    seed: int = 42
    is_preview: bool = False
    origin: str = ""
    source_fingerprint: str = ""
    #: Fingerprint and name of the version before.
    before: tuple[str, str] = ("", "")
    commit: CommitReport | None = field(default=None, repr=False)

    @property
    def n_new(self) -> int:
        """Examples that are new."""
        return self.examples.height

    def document(self) -> Document:
        """Draw the funnel and say what became of the rows."""
        facts: tuple[tuple[str, Cell], ...] = (
            ("rows of the source", self.n_rows),
            ("new examples", self.n_new),
            (f"in {self.dataset} before", self.n_before),
            ("would be there" if self.is_preview else "there now", self.n_before + self.n_new),
        )
        blocks: list[Block] = [Facts(facts), self.funnel]
        blocks += [Text(warning, "caution") for warning in self.warnings]
        blocks += [Text(note) for note in self.notes]
        if self.is_preview:
            blocks.append(Text("A preview: nothing was committed."))
        if self.n_new:
            blocks.append(Section("First new examples", (self._first,), is_open=False))
        made_of = Grid(("column of an example", "made of"), self.made_of)
        blocks.append(Section("How an example is made", (made_of,), is_open=False))
        title = f"Harvest of {self.source} for {self.dataset}"
        return Document(title, *self._verdict, tuple(blocks), Headline(self.n_new, "new examples"))

    @property
    def _verdict(self) -> tuple[str, Tone]:
        if not self.n_new:
            return f"nothing new: all that passed is in {self.dataset} already", "neutral"
        words = "1 example" if self.n_new == 1 else f"{self.n_new:,} examples"
        if self.is_preview:
            return f"{words} of {self.n_rows:,} rows would be new", "neutral"
        tone: Tone = "caution" if self.n_contradictions else "good"
        return f"{words} of {self.n_rows:,} rows, status pending", tone

    @property
    def funnel(self) -> Funnel:
        """The steps as a picture."""
        stages = [Stage(f"rows of {self.source}", self.n_rows)]
        for place, step in enumerate(self.steps, start=1):
            is_end = place == len(self.steps) and step.n_left > 0
            tone: Tone = "good" if is_end else "neutral"
            stages.append(Stage(step.name, step.n_left, step.why, tone))
        return Funnel(tuple(stages), "What each step left")

    @property
    def _first(self) -> Grid:
        shown = self.examples.head(SHOWN_EXAMPLES)
        rows = tuple(
            tuple(each if isinstance(each, float) or each is None else str(each) for each in row)
            for row in shown.rows()
        )
        return Grid(tuple(shown.columns), rows, n_more=self.n_new - shown.height)

    def payload(self) -> dict[str, Any]:
        """Give the counts of every step; no cells of the data."""
        return {
            "dataset": self.dataset,
            "source": self.source,
            "n_rows": self.n_rows,
            "n_new": self.n_new,
            "n_before": self.n_before,
            "steps": [
                {
                    "name": step.name,
                    "n_before": step.n_before,
                    "n_left": step.n_left,
                    "reasons": [list(each) for each in step.reasons],
                }
                for step in self.steps
            ],
            "made_of": [list(each) for each in self.made_of],
            "n_contradictions": self.n_contradictions,
            "notes": list(self.notes),
            "warnings": list(self.warnings),
            "is_preview": self.is_preview,
            "seed": self.seed,
        }

    def identity(self) -> dict[str, Any]:
        """Name the commit, which differs from run to run."""
        return {"commit": self.commit.commit} if self.commit else {}

    def metrics(self) -> tuple[Metric, ...]:
        """Count what came, what each step left, and what is new."""
        return (
            Metric("n_rows", float(self.n_rows)),
            *(Metric("n_left", float(step.n_left), step.name) for step in self.steps),
            Metric("n_new", float(self.n_new)),
            Metric("n_examples", float(self.n_before + self.n_new)),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Name the rows that contradict an example."""
        if not self.n_contradictions:
            return ()
        name = "same input, another expected output"
        found = (name, self.n_contradictions)
        return (Finding("contradiction", *found, rows=self.contradictions, action="excluded"),)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Give what was left out, with its reason."""
        return {} if self.is_preview else {"left_out": self.left_out}

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say that the version was made of the source and of the version before."""
        if self.commit is None or not self.commit.is_new:
            return ()
        inputs = ((self.source_fingerprint, self.source), self.before)
        known = [each for each in inputs if each[0]]
        step = LineageStep(
            self.dataset,
            self.commit.fingerprint,
            self.origin,
            "collect",
            parameters={
                "commit": self.commit.commit,
                "branch": self.commit.branch,
                "message": self.commit.message,
                "steps": {step.name: step.n_left for step in self.steps},
                **({"folder": self.commit.folder} if self.commit.folder else {}),
            },
            inputs=tuple(content for content, _ in known),
            input_names=tuple(name for _, name in known),
        )
        return (step,)

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember how many examples came from where."""
        before = {"n_rows": self.n_before}
        after = {"n_rows": self.n_before + self.n_new, "source": self.source}
        return (Event(actor, "collect", f"dataset/{self.dataset}", before, after),)

    def changes(self) -> tuple[Change, ...]:
        """Give the dataset, the commit and the branch that the store has to keep."""
        return self.commit.made if self.commit else ()
