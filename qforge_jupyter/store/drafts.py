"""Drafts: what labelers had half answered, by session, until they answer or pass over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qforge_jupyter.store.states import States

#: Items of one session that may be half answered at once; the oldest goes first.
MOST = 20
Draft = dict[str, Any]


@dataclass(frozen=True)
class Drafts:
    """The drafts of one dataset's sessions, within a transaction."""

    states: States

    def of(self, session_id: str) -> tuple[tuple[str, Draft], ...]:
        """Give the drafts of a session with their items, the newest last."""
        return tuple((item, draft) for item, draft in self.states.of(session_id) or ())

    def keep(self, session_id: str, item: str, draft: Draft, at: datetime) -> None:
        """Keep the draft of an item in the place of its last one."""
        before = [each for each in self.states.of(session_id) or [] if each[0] != item]
        self.states.keep(session_id, [*before, [item, draft]][-MOST:], at)

    def drop(self, session_id: str, item: str) -> None:
        """Let go of the draft of an item."""
        self._leave(session_id, self.states.of(session_id) or [], item)

    def erase(self, item: str) -> None:
        """Let go of every draft of a forgotten row."""
        for owner, drafts in self.states.all().items():
            self._leave(owner, drafts, item)

    def _leave(self, session_id: str, drafts: list[Any], item: str) -> None:
        left = [each for each in drafts if each[0] != item]
        if not left:
            self.states.drop(session_id)
        elif len(left) < len(drafts):
            self.states.keep(session_id, left)
