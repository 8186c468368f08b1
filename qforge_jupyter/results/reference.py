"""What moving a branch or a tag gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from qforge_jupyter.documents.blocks import Document, Facts
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change


@dataclass(frozen=True, repr=False, eq=False)
class RefReport(Result):
    """A branch or a tag, and where it points now."""

    kind: ClassVar[str] = "reference"

    dataset: str
    what: str
    name: str
    commit: str
    outcome: str
    message: str = ""
    n_rows: int = 0
    made: tuple[Change, ...] = field(default=(), repr=False)

    def document(self) -> Document:
        """Say where it points."""
        facts = Facts((("rows", self.n_rows), ("message", self.message)))
        title = f"{self.what.capitalize()} {self.name} of {self.dataset}"
        return Document(title, self.outcome, "good", (facts,))

    def payload(self) -> dict[str, Any]:
        """Give the name and the outcome as JSON."""
        return {
            "dataset": self.dataset,
            "what": self.what,
            "name": self.name,
            "outcome": self.outcome,
            "n_rows": self.n_rows,
        }

    def identity(self) -> dict[str, Any]:
        """Name the commit, which differs from run to run."""
        return {"commit": self.commit}

    def changes(self) -> tuple[Change, ...]:
        """Give the move that the store has to make."""
        return self.made
