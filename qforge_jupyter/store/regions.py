"""Regions: what labelers chose on a map to label first, by session, until they choose anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qforge_jupyter.store.states import States

Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Regions:
    """The regions of one dataset's sessions, within a transaction."""

    states: States

    def of(self, session_id: str) -> Corners:
        """Give the corners that a session chose last; none where all items are labeled."""
        return tuple((float(x), float(y)) for x, y in self.states.of(session_id) or ())

    def keep(self, session_id: str, corners: Corners, at: datetime) -> None:
        """Keep the corners in the place of the last ones; nothing where there are none."""
        if corners:
            self.states.keep(session_id, [list(each) for each in corners], at)
        else:
            self.states.drop(session_id)
