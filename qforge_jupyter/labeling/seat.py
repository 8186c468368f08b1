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
from qforge_jupyter.labeling.known import accuracy
from qforge_jupyter.labeling.laying_out import laid_out
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
Reply = dict[str, Any]


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
    #: What this sitting held at the last look, by mark, and when it was heard of last.
    held: frozenset[str] = field(default=frozenset(), repr=False)
    held_at: datetime | None = None
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

    def item(self, position: int) -> Reply:
        """Give an item that was given before."""
        with self.lock:
            if not 0 <= position < len(self.given):
                raise DataError(
                    f"There is no item at position {position}: {len(self.given)} were given"
                )
            return laid_out(self.queue, self.showing, self.given[position], position)

    def progress(self) -> Reply:
        """Count the queue, and how many hidden known answers were given right."""
        with self.lock:
            return {**self.queue.progress(), "gold": accuracy(self.queue)}

    def refresh(self) -> None:
        """Follow what others said meanwhile."""
        with self.lock:
            self._take(self.store.labels.since(self.dataset_id, self.position))

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
        claims = work.claims.living(self._lost_at())
        if self._is_first:  # what this labeler left in a dead kernel, or in a cell as it was
            old = [one.sitting for one in claims if one.labeler == self.labeler]
            work.claims.release(*old)
            self._is_first = False
            claims = tuple(one for one in claims if one.sitting not in old)
        self.claimed = self._counted(one for one in claims if one.sitting != self.id)
        self.held = frozenset(
            mark for one in claims if one.sitting == self.id for mark in one.marks
        )
        return self.claimed

    def _lost_at(self) -> datetime:
        """Give the moment since which nobody was heard of who is taken for lost."""
        return self.clock() - timedelta(seconds=self.lease_s)

    def _are_at_hand(self, first: int, n: int) -> bool:
        """Say whether so many items lie there already, so that nothing has to be written."""
        if len(self._waiting(first)) < n or self._is_first or self.held_at is None:
            return False
        if self.held_at < self.clock() - timedelta(seconds=self.lease_s / 2):
            return False  # it is time to be heard of again
        with self.store.labels.looking(self.dataset_id) as work:
            self._drop_lost(first - 1, self._enter(work))
        waiting = [self.queue.items.mark(self.given[at]) for at in self._waiting(first)[:n]]
        return len(waiting) == n and self.held.issuperset(waiting)

    def _of_others(self, work: LabelTransaction) -> dict[int, int]:
        """Count what lies before other people."""
        claims = work.claims.living(self._lost_at())
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

    def _hold(
        self, work: LabelTransaction, new: tuple[LabelEvent, ...] = (), *, is_ahead: bool = False
    ) -> list[int]:
        """Claim what waits, as it will be when new events are kept, and what comes after that.

        Parameters
        ----------
        is_ahead
            Whether to claim the next item where nothing waits; it is given back.

        """
        told = self.queue.handled_after(new)
        waiting = [
            place
            for place in self.given
            if place not in told and not self._is_handled(place) and not self.queue.is_gone[place]
        ]
        waiting += [place for place, is_handled in told.items() if not is_handled]
        ahead: list[int] = []
        if is_ahead and not waiting:
            claims = (one for one in work.claims.living(self._lost_at()) if one.sitting != self.id)
            before = {*self.given, *told}
            ahead = self.queue.pick(
                1, n_given=len(before), claimed=self._counted(claims), before=before
            )
        marks = tuple(map(self.queue.items.mark, [*waiting, *ahead][-MOST_AT_ONCE:]))
        self.held_at = self.clock()
        work.claims.hold(Claim(self.id, self.session_id, self.labeler, marks), self.held_at)
        work.claims.end(self._lost_at())
        return ahead

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
        *,
        is_alone: bool = True,
    ) -> str:
        """Append a submission, once, and give the tip of the branch that is followed.

        Whoever answers what lay before them goes on: the next item is claimed in the same
        transaction, so that they wait for the disk once. Not so amid a batch.
        """
        is_ahead = is_alone and place in self.given and not self._is_handled(place)
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
            ahead = self._hold(work, new, is_ahead=is_ahead)
        self._take(new)  # only now are they kept
        self._give([place, *ahead])
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

    def _follow(self, head: str) -> None:
        """Look which rows are not in the newest version any more, where that is another one."""
        gone = self.following.gone(self.queue.items, head)
        if gone is not None:
            self.queue.is_gone = gone

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
