"""Claims: which items of a dataset lie before whom, until they are not heard of any more.

A claim names an item by its mark, a hash of its key, and holds nothing of the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qforge_jupyter.store.states import States


@dataclass(frozen=True)
class Claim:
    """What lies before one sitting."""

    sitting: str
    session_id: str
    labeler: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Claims:
    """The claims on the items of one dataset, within a transaction that serialises them."""

    states: States

    def living(self, since: datetime) -> tuple[Claim, ...]:
        """Give the claims of those who were heard of since then; the others' count no more."""
        return tuple(
            Claim(sitting, value["session"], value["labeler"], tuple(value["marks"]))
            for sitting, value in self.states.all(since).items()
        )

    def end(self, before: datetime) -> None:
        """Let go of what those hold who were not heard of since then."""
        self.states.drop_unheard(before)

    def hold(self, claim: Claim, at: datetime) -> None:
        """Let a sitting hold these items and no others."""
        value = {"session": claim.session_id, "labeler": claim.labeler, "marks": list(claim.marks)}
        self.states.keep(claim.sitting, value, at)

    def release(self, *sittings: str) -> None:
        """Let go of all that these sittings hold."""
        self.states.drop(*sittings)
