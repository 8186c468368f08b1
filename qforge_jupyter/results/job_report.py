"""One job: how it stands, and what it made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from qforge_jupyter.documents.blocks import Block, Cell, Document, Facts, Text, Tone
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.jobs import Job

_TONES: dict[str, Tone] = {"done": "good", "failed": "bad", "interrupted": "caution"}


@dataclass(frozen=True, repr=False, eq=False)
class JobReport(Result):
    """A job as it stood when it was asked for.

    Attributes
    ----------
    job
        The job.
    value
        What it made: the result itself in the process that ran it, elsewhere the dataset that
        it made, read anew; None where there is neither.
    said
        What there is to do next.
    parts
        Of the value, where it has parts.

    """

    kind: ClassVar[str] = "job"

    job: Job
    value: Any = field(default=None, repr=False)
    said: str = ""
    parts: tuple[Any, ...] = field(default=(), repr=False)

    def document(self) -> Document:
        """Say how the job stands."""
        job = self.job
        facts: tuple[tuple[str, Cell], ...] = (("verb", job.verb), ("works on", job.subject))
        if job.n_total:
            facts += (("done", f"{job.n_done:,} of {job.n_total:,}"),)
        if job.error_message:
            facts += (("problem", job.error_message),)
        blocks: list[Block] = [Facts(facts), *([Text(self.said)] if self.said else [])]
        return Document(
            f"Job {job.name}", job.state, _TONES.get(job.state, "neutral"), tuple(blocks)
        )

    def payload(self) -> dict[str, Any]:
        """Name the job, its state and its progress."""
        job = self.job
        return {"name": job.name, "verb": job.verb, "subject": job.subject, "state": job.state}

    def identity(self) -> dict[str, Any]:
        """Name what differs from run to run."""
        return {"run": self.job.run_id, "fingerprint": self.job.fingerprint}
