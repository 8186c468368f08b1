"""Somebody's word for where data comes from, or its withdrawal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Event, LineageStep

N_SHOWN = 20


def approval(name: str, fingerprint: str, by: str, at: datetime, reason: str) -> LineageStep:
    """Write the step by which somebody vouches for how content came about."""
    return LineageStep(
        name,
        fingerprint,
        "a decision",
        "approval",
        approved_by=by,
        approved_at=at,
        reason=reason,
    )


def revocation(name: str, fingerprint: str, by: str, at: datetime, reason: str) -> LineageStep:
    """Write the step by which somebody withdraws that: it has a time and nobody's approval."""
    return LineageStep(
        name,
        fingerprint,
        "a decision",
        "revocation",
        parameters={"by": by},
        approved_at=at,
        reason=reason,
    )


@dataclass(frozen=True, repr=False, eq=False)
class LineageDecision(Result):
    """An approval or a revocation, and what it flows to.

    Attributes
    ----------
    step
        The decision as lineage keeps it.
    affected
        Name and standing of everything that was made of the data, as they are
        from now on.

    """

    kind: ClassVar[str] = "decision"

    name: str
    by: str
    step: LineageStep
    before: str
    affected: tuple[tuple[str, str], ...] = ()

    @property
    def is_approval(self) -> bool:
        """Whether it approves."""
        return bool(self.step.approved_by)

    def document(self) -> Document:
        """Say what was decided, why, and what follows."""
        word = "approved" if self.is_approval else "revoked"
        facts = (("by", self.by), ("because", self.step.reason), ("was before", self.before))
        blocks: list[Block] = [Facts(facts)]
        if self.affected:
            rows = self.affected[:N_SHOWN]
            n_more = len(self.affected) - len(rows)
            blocks.append(Grid(("made of it", "stands as"), rows, n_more=n_more))
        tone = "good" if self.is_approval else "bad"
        return Document(f"Lineage of {self.name}", word, tone, tuple(blocks))  # type: ignore[arg-type]

    def payload(self) -> dict[str, Any]:
        """Give the decision and what it flows to."""
        return {
            "name": self.name,
            "is_approval": self.is_approval,
            "by": self.by,
            "reason": self.step.reason,
            "before": self.before,
            "affected": [list(pair) for pair in self.affected],
        }

    def identity(self) -> dict[str, Any]:
        """Which content was decided about."""
        return {"fingerprint": self.step.fingerprint}

    def lineage(self) -> tuple[LineageStep, ...]:
        """The decision as a step."""
        return (self.step,)

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember who decided what, and why."""
        action = "approve lineage" if self.is_approval else "revoke lineage"
        entity = f"dataset/{self.step.fingerprint}"
        after = {"name": self.name, "reason": self.step.reason}
        return (Event(actor, action, entity, {"standing": self.before}, after),)
