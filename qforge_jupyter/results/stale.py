"""The alert that something was not made anew in the time in which it counts as fresh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from qforge_jupyter.documents.blocks import Document, Text
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Finding


@dataclass(frozen=True, repr=False, eq=False)
class Stale(Result):
    """A job whose last success lies further back than it may.

    Parameters
    ----------
    job
        Its name.
    subject
        What it makes.
    fresh_within_s
        For how many seconds that counts as fresh.

    """

    kind: ClassVar[str] = "stale"

    job: str
    subject: str
    fresh_within_s: float

    def document(self) -> Document:
        """Say what is stale."""
        said = Text(f"The job {self.job} did not make it anew in time", "caution")
        return Document(f"{self.subject or self.job} is stale", "stale", "bad", (said,))

    def payload(self) -> dict[str, Any]:
        """Name the job and what it makes."""
        return {"job": self.job, "subject": self.subject, "fresh_within_s": self.fresh_within_s}

    def findings(self) -> tuple[Finding, ...]:
        """Give the alert as a finding."""
        note = f"{self.subject} was not made anew in time" if self.subject else ""
        return (Finding("stale", self.job, 0, "high", note=note),)
