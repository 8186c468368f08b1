"""What certifying a table gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Text, Tone
from qforge_jupyter.documents.numbers import show_percent
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Event, Finding, LineageStep, Metric
from qforge_jupyter.results.version import Version


@dataclass(frozen=True, repr=False, eq=False)
class Certificate(Result):
    """Which rows of a table may be trained on, by whose word.

    Attributes
    ----------
    rows
        ``row``, ``overall``, ``ml_ready``, ``refusals`` of every row.
    ready
        The certified rows of the table itself, in the order that was scored.

    """

    kind: ClassVar[str] = "certificate"

    name: str
    fingerprint: str
    n_rows: int
    n_documented: int
    refusals: tuple[tuple[str, int], ...]
    gate: str
    overall: float
    rows: pl.DataFrame
    source: pl.LazyFrame
    reason: str = ""
    is_lineage_approved: bool = False
    #: False for the one that was asked for and refused.
    is_granted: bool = True
    approval: LineageStep | None = None
    #: How the certified rows came about, where they are not the whole table.
    step: LineageStep | None = None
    documented: tuple[Finding, ...] = ()
    #: What names each row by its content, so that it is known again elsewhere.
    marks: pl.Series | None = None
    #: The stored version that was certified, where it is one.
    version: Version | None = None

    @property
    def n_ready(self) -> int:
        """Count of certified rows."""
        return int(self.rows["ml_ready"].sum())

    @property
    def ready(self) -> pl.DataFrame:
        """The certified rows, in the order that was scored."""
        return self.source.filter(self.rows["ml_ready"]).collect()

    def should_exclude(self, row: int) -> tuple[bool, str]:
        """Say whether to leave a row out of training, and why."""
        reasons = self.rows["refusals"][row]
        return bool(reasons), reasons

    def document(self) -> Document:
        """Describe the certificate as a page."""
        n_ready, total = self.n_ready, self.n_rows
        tone: Tone = "good" if n_ready == total else "fair" if n_ready else "bad"
        facts = (
            ("certified rows", n_ready),
            ("of", total),
            ("overall", round(self.overall, 3)),
            ("outliers documented", self.n_documented),
            ("lineage", "approved" if self.is_lineage_approved else "not approved"),
        )
        blocks: list[Block] = [Facts(facts)]
        if self.version is not None:
            blocks.append(Facts((("dataset", self.version.dataset),)))
        if self.reason:
            blocks.append(Facts((("approved because", self.reason),)))
        if self.refusals:
            rows = tuple((why, n, show_percent(n, total)) for why, n in self.refusals)
            blocks.append(Grid(("why rows are left out", "rows", "share"), rows))
        blocks.append(Text(f"A row is ML-ready when {self.gate}."))
        verdict = f"{n_ready:,} of {total:,} rows certified"
        return Document(f"Certificate of {self.name}", verdict, tone, tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give what is certified as JSON, without its rows."""
        return {
            "name": self.name,
            "n_rows": self.n_rows,
            "n_ready": self.n_ready,
            "n_documented": self.n_documented,
            "overall": round(self.overall, 10),
            "refusals": [list(pair) for pair in self.refusals],
            "gate": self.gate,
            "reason": self.reason,
            "is_lineage_approved": self.is_lineage_approved,
            "dataset": self.version.dataset if self.version else "",
        }

    def identity(self) -> dict[str, Any]:
        """Which content was certified."""
        commit = {"commit": self.version.commit} if self.version else {}
        return {"fingerprint": self.fingerprint, **commit}

    def metrics(self) -> tuple[Metric, ...]:
        """Counts of rows."""
        return (
            Metric("n_rows", float(self.n_rows)),
            Metric("n_ready", float(self.n_ready)),
            Metric("n_documented", float(self.n_documented)),
            Metric("score", self.overall, "overall"),
        )

    def frames(self) -> dict[str, pl.DataFrame]:
        """Readiness of every row."""
        marks = [] if self.marks is None else [self.marks.alias("mark")]
        return {"readiness": self.rows.with_columns(marks)}

    def findings(self) -> tuple[Finding, ...]:
        """Outliers that were explained with it."""
        return self.documented

    def lineage(self) -> tuple[LineageStep, ...]:
        """The approval that was given with it, and how the certified rows came about."""
        return tuple(filter(None, (self.approval, self.step)))

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember who certified what."""
        after = {"n_ready": self.n_ready, "n_rows": self.n_rows, "reason": self.reason}
        after |= {"version": str(self.version.commit)} if self.version else {}
        entity = f"dataset/{self.fingerprint}"
        if not self.is_granted:
            return (Event(actor, "refuse to certify", entity, None, after),)
        certified = Event(actor, "certify", entity, None, after)
        if self.approval is None:
            return (certified,)
        approved = Event(actor, "approve lineage", entity, None, {"reason": self.reason})
        return (approved, certified)
