"""What a labeler has before them, and what others had meanwhile: the state of a sitting."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.following import Following
from qforge_jupyter.labeling.plan import LabelPlan
from qforge_jupyter.labeling.queue import Queue
from qforge_jupyter.labeling.showing import Showing
from qforge_jupyter.results.label_events import LabelEvent, NewLabel
from qforge_jupyter.store.claims import Claim
from qforge_jupyter.store.labels import LabelTransaction
from qforge_jupyter.store.opening import Store

#: Who was not heard of for so long has no claim any more.
LEASE_S = 300.0
MOST_AT_ONCE = 50


@dataclass
class Seat:
    """A place before one queue, in one process.

    Attributes
    ----------
    given
        Rows in the order in which they were given; a place in it is a position.

    """

    store: Store
    queue: Queue
    plan: LabelPlan
    showing: Showing
    following: Following
    commit_id: str
    clock: Callable[[], datetime]
    position: int = 0
    lease_s: float = LEASE_S
    given: list[int] = field(default_factory=list)
    own: list[LabelEvent] = field(default_factory=list, repr=False)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    lock: Any = field(default_factory=threading.RLock, repr=False)
    #: How many others had an item before them, as of the last look.
    claimed: dict[int, int] = field(default_factory=dict, repr=False)
    _is_first: bool = True

    @property
    def labeler(self) -> str:
        """Who labels."""
        return self.queue.session.labeler

    @property
    def dataset_id(self) -> str:
        """Of what."""
        return self.queue.session.dataset_id

    @property
    def session_id(self) -> str:
        """In which session."""
        return self.queue.session.id

    def _labeling(self) -> Any:
        return self.store.labels.labeling(self.dataset_id)

    def _has(self, submission: str) -> bool:
        return any(one.submission == submission for one in self.own)

    def _place(self, key: Any) -> int:
        place = self.queue.items.place(key) if isinstance(key, str) else None
        if place is None:
            raise DataError(
                f"There is no such item in {self.following.name}: take a key that `next` gave"
            )
        return place

    def _enter(self, work: LabelTransaction) -> dict[int, int]:
        """Follow what others said, and count what lies before them."""
        self._take(work.since(self.position))
        now = self.clock()
        claims = work.claims.living(now - timedelta(seconds=self.lease_s))
        if self._is_first:  # what this labeler left in a dead kernel, or in a cell as it was
            old = [one.sitting for one in claims if one.labeler == self.labeler]
            work.claims.release(*old)
            self._is_first = False
            claims = tuple(one for one in claims if one.sitting not in old)
        self.claimed = self._counted(one for one in claims if one.sitting != self.id)
        return self.claimed

    def _of_others(self, work: LabelTransaction) -> dict[int, int]:
        """Count what lies before other people."""
        claims = work.claims.living(self.clock() - timedelta(seconds=self.lease_s))
        return self._counted(one for one in claims if one.labeler != self.labeler)

    def _counted(self, claims: Iterable[Claim]) -> dict[int, int]:
        counted: dict[int, int] = {}
        for claim in claims:
            for place in self.queue.items.written(claim.marks):
                counted[int(place)] = counted.get(int(place), 0) + 1
        return counted

    def _drop_lost(self, after: int, claimed: dict[int, int]) -> None:
        """Take from what was given, and not answered, that which others have by now."""
        waiting = [at for at in range(len(self.given)) if not self._is_handled(self.given[at])]
        if not waiting:
            return
        are_open = self.queue.are_open([self.given[at] for at in waiting], claimed)
        lost = {
            at for at, is_open in zip(waiting, are_open, strict=True) if at > after and not is_open
        }
        self.given = [place for at, place in enumerate(self.given) if at not in lost]

    def _take_up(self, wanted: Iterable[int], claimed: dict[int, int]) -> None:
        """Lay before the labeler what they had begun, unless others have it by now."""
        places = [place for place in wanted if place not in self.given]
        are_open = self.queue.are_open(places, claimed)
        self.given += [place for place, is_open in zip(places, are_open, strict=True) if is_open]

    def _waiting(self, first: int) -> list[int]:
        """Name the positions from one on whose items wait for an answer."""
        gone = self.queue.is_gone
        return [
            at
            for at in range(first, len(self.given))
            if not self._is_handled(self.given[at]) and not gone[self.given[at]]
        ]

    def _hold(self, work: LabelTransaction, new: tuple[LabelEvent, ...] = ()) -> None:
        """Claim what waits, as it will be when new events are kept."""
        told = self.queue.handled_after(new)
        waiting = [
            place for place in self.given if place not in told and not self._is_handled(place)
        ]
        waiting += [place for place, is_handled in told.items() if not is_handled]
        marks = tuple(map(self.queue.items.mark, waiting[-MOST_AT_ONCE:]))
        work.claims.hold(Claim(self.id, self.session_id, self.labeler, marks), self.clock())

    def _is_handled(self, place: int) -> bool:
        return bool(self.queue.is_mine[place] or self.queue.is_skipped[place])

    def _last_handled(self) -> int:
        """Give the position behind which lies the first item that was not answered."""
        return next(iter(self._waiting(0)), len(self.given)) - 1

    def _write(
        self,
        submission: str,
        place: int,
        labels: Callable[[LabelTransaction], tuple[NewLabel, ...]],
    ) -> str:
        """Append a submission, once, and give the tip of the branch that is followed."""
        with self._labeling() as work:
            standing = self.following.refuse_forgotten(work, self.queue.items, place)
            self._take(work.since(self.position))
            made = labels(work)
            if not work.has(self.session_id, submission):
                work.append(
                    self.session_id, submission, made, at=self.clock(), commit_id=self.commit_id
                )
                work.drafts.drop(self.session_id, made[0].item)
            new = work.since(self.position)
            self._hold(work, new)
        self._take(new)  # only now are they kept
        self._give([place])
        return standing.head

    def _append(
        self, work: LabelTransaction, undos: list[tuple[str, NewLabel]]
    ) -> tuple[LabelEvent, ...]:
        """Append several submissions of one label each, and give them as they are kept."""
        for submission, label in undos:
            if not work.has(self.session_id, submission):
                work.append(
                    self.session_id,
                    submission,
                    (label,),
                    at=self.clock(),
                    commit_id=self.commit_id,
                )
                work.drafts.drop(self.session_id, label.item)
        new = work.since(self.position)
        self._hold(work, new)
        return new

    def _give(self, places: Iterable[int]) -> None:
        known = set(self.given)
        self.given += [place for place in places if place not in known]

    def _take(self, events: tuple[LabelEvent, ...]) -> None:
        if not events:
            return
        unknown = {one.session_id for one in events} - set(self.queue.sessions)
        if unknown:
            known = self.store.labels.sessions(self.dataset_id)
            self.queue.sessions |= {one.id: one for one in known}
        self.queue.take(events)
        self.own += [one for one in events if one.session_id == self.session_id]
        self.position = events[-1].position
