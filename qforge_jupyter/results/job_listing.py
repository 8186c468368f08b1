"""The jobs of a workspace as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Grid, Text, Tone
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.tabular import Tabular

MOST_SHOWN = 50
#: What to do about a job that stands so.
_ADVICE = {
    "interrupted": "`%qforge resume NAME` goes on where an interrupted job was stopped",
    "failed": "`%qforge attach NAME` says why a job failed, `%qforge resume NAME` tries it again",
    "running": "`%qforge attach NAME` waits for a job and gives its result",
}


@dataclass(frozen=True, repr=False, eq=False)
class JobListing(Tabular, Result):
    """How the jobs of a workspace stand.

    Parameters
    ----------
    frame
        One line a job, the latest first: ``name``, ``verb``, ``subject``, ``state``, ``done``,
        ``total``, ``doing``, ``schedule``, ``is_stale``, ``problem``, ``attempts``,
        ``next_at``, ``started_at``, ``ended_at``, ``run_id``, ``fingerprint``.

    """

    kind: ClassVar[str] = "jobs"

    frame: pl.DataFrame

    def document(self) -> Document:
        """Show each job with its state; no times, which differ from run to run."""
        states = self.frame["state"].value_counts(sort=True, name="n").sort("state").rows()
        verdict = ", ".join(f"{n} {state}" for state, n in states) or "no jobs yet"
        shown = tuple(_line(row) for row in self.frame.head(MOST_SHOWN).iter_rows(named=True))
        n_more = max(0, self.frame.height - MOST_SHOWN)
        head = ("job", "verb", "works on", "state", "done", "plan", "note")
        blocks: list[Block] = [Grid(head, shown, n_more=n_more)] if shown else []
        held = {state for state, _ in states}
        blocks += [Text(said) for state, said in _ADVICE.items() if state in held]
        is_bad = bool({"failed", "interrupted"} & held) or bool(self.frame["is_stale"].any())
        tone: Tone = "caution" if is_bad else "neutral"
        return Document("Jobs", verdict, tone, tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give name, verb, state and progress of each job."""
        told = ("name", "verb", "subject", "state", "done", "total", "schedule", "is_stale")
        return {"jobs": self.frame.select(told).head(1_000).to_dicts()}


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    total = row["total"]
    done = f"{row['done']:,} of {total:,}" if total else ""
    note = "stale" if row["is_stale"] else ""
    note = "; ".join(each for each in (note, row["problem"]) if each)
    return row["name"], row["verb"], row["subject"], row["state"], done, row["schedule"], note
