"""A labeler at work: the next item, its answer kept before the one after it.

Safe to be called from several threads: the messages of a view come on another
one than the cells.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from qforge_jupyter.errors import DataError, QForgeError
from qforge_jupyter.labeling.following import Following
from qforge_jupyter.labeling.known import accuracy
from qforge_jupyter.labeling.laying_out import laid_out
from qforge_jupyter.labeling.plan import LabelPlan
from qforge_jupyter.labeling.queue import Queue
from qforge_jupyter.labeling.showing import Showing
from qforge_jupyter.labeling.submission import Submission, check_id, checked, labels_of
from qforge_jupyter.labeling.undoing import steps_of
from qforge_jupyter.results.label_events import LabelEvent, NewLabel
from qforge_jupyter.store.claims import Claim
from qforge_jupyter.store.labels import LabelTransaction
from qforge_jupyter.store.opening import Store

#: Who was not heard of for so long has no claim any more.
LEASE_S = 300.0
MOST_AT_ONCE = 50
Reply = dict[str, Any]


@dataclass
class Sitting:
    """One labeler before one queue, in one process.

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
    _is_first: bool = True

    # --- What is asked of it -------------------------------------------------------------

    def items(self, after: int = -1, n: int = 1) -> list[Reply]:
        """Give the items behind a position, and claim those that were not answered."""
        n = max(1, min(int(n), MOST_AT_ONCE))
        with self.lock:
            with self._labeling() as work:
                claimed = self._enter(work)
                self._drop_lost(after, claimed)
                first = max(0, after + 1)
                n_lacking = first + n - len(self.given)
                if n_lacking > 0:
                    self.given += self.queue.pick(
                        n_lacking, n_given=len(self.given), claimed=claimed, before=self.given
                    )
                self._hold(work)
            return [self.item(at) for at in range(first, min(first + n, len(self.given)))]

    def current(self) -> Reply | None:
        """Give the first item that was given and not answered, or the next; None at the end."""
        with self.lock:
            after = self._last_handled()
            found = self.items(after)
            return found[0] if found else None

    def submit(self, given: Submission) -> Reply:
        """Keep the answers to one item; they are in the store when this returns.

        Raises
        ------
        DataError
            An answer is none, or the item is not here.

        """
        with self.lock:
            place = self._place(given.key)
            check_id(given.id)
            if self._has(given.id):
                return self._saved(given.id)
            columns = [one.column for one in self.plan.questions if one.column]
            answers = checked(self.plan, given, self.queue.items.cells(place, columns))

            def labels() -> tuple[NewLabel, ...]:
                before = self.queue.state(place).said(self.labeler)
                return labels_of(self.plan, given, answers, before)

            head = self._write(given.id, place, labels)
            return self._saved(given.id, self._told(place, head))

    def skip(self, submission: str, key: str, reason: str = "") -> Reply:
        """Pass over an item; this session is not given it again."""
        with self.lock:
            place = self._place(key)
            label = NewLabel(key, "", "skip", {"reason": str(reason)[:10_000]})
            self._write(check_id(submission), place, lambda: (label,))
            return self._saved(submission)

    def undo(self, submission: str) -> Reply:
        """Take back the last submission of the session that stands; without limit."""
        return self._turn(submission, is_back=True)

    def redo(self, submission: str) -> Reply:
        """Bring back what was taken back last."""
        return self._turn(submission, is_back=False)

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

    def close(self) -> None:
        """Let go of what lies before this labeler."""
        with self.lock, suppress(QForgeError), self._labeling() as work:
            work.claims.release(self.id)

    # --- How it is done ------------------------------------------------------------------

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
        if self._is_first:  # what this session left behind in a kernel that is gone
            old = [one.sitting for one in claims if one.session_id == self.session_id]
            work.claims.release(*old)
            self._is_first = False
            claims = tuple(one for one in claims if one.sitting not in old)
        counted: dict[int, int] = {}
        for claim in claims:
            if claim.sitting != self.id:
                for place in self.queue.items.written(claim.marks):
                    counted[int(place)] = counted.get(int(place), 0) + 1
        return counted

    def _drop_lost(self, after: int, claimed: dict[int, int]) -> None:
        """Take from what was given, and not answered, that which others have by now."""
        waiting = [at for at in range(len(self.given)) if not self._is_handled(self.given[at])]
        if not waiting:
            return
        is_open = self.queue.is_open(claimed)
        lost = {at for at in waiting if at > after and not is_open[self.given[at]]}
        self.given = [place for at, place in enumerate(self.given) if at not in lost]

    def _hold(self, work: LabelTransaction, but: int | None = None) -> None:
        waiting = [place for place in self.given if place != but and not self._is_handled(place)]
        marks = tuple(map(self.queue.items.mark, waiting[-MOST_AT_ONCE:]))
        work.claims.hold(Claim(self.id, self.session_id, self.labeler, marks), self.clock())

    def _is_handled(self, place: int) -> bool:
        return bool(self.queue.is_mine[place] or self.queue.is_skipped[place])

    def _last_handled(self) -> int:
        """Give the position behind which lies the first item that was not answered."""
        for at, place in enumerate(self.given):
            if not self._is_handled(place) and not self.queue.is_gone[place]:
                return at - 1
        return len(self.given) - 1

    def _write(
        self, submission: str, place: int, labels: Callable[[], tuple[NewLabel, ...]]
    ) -> str:
        """Append a submission, once, and give the tip of the branch that is followed."""
        with self._labeling() as work:
            standing = self.following.refuse_forgotten(work, self.queue.items, place)
            self._take(work.since(self.position))
            made = labels()
            if not work.has(self.session_id, submission):
                work.append(
                    self.session_id, submission, made, at=self.clock(), commit_id=self.commit_id
                )
            self._hold(work, None if made[0].label_type == "undo" else place)
            new = work.since(self.position)
        self._take(new)  # only now are they kept
        if place not in self.given:
            self.given.append(place)
        return standing.head if standing else ""

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

    def _turn(self, submission: str, *, is_back: bool) -> Reply:
        with self.lock:
            check_id(submission)
            self.refresh()
            if self._has(submission):
                key = next(one.label.item for one in self.own if one.submission == submission)
            else:
                key = self._take_back(submission, is_back=is_back)
            place = self._place(key)
            position = self.given.index(place)
            return {"item": self.item(position), "progress": self.progress()}

    def _take_back(self, submission: str, *, is_back: bool) -> str:
        steps = steps_of(self.own)
        if is_back and not steps.done:
            raise DataError("There is nothing to undo: this session kept nothing that stands")
        if not is_back and not steps.undone:
            raise DataError("There is nothing to bring back: the last step was no undo")
        target, key = steps.done[-1] if is_back else (steps.undone[-1][0], steps.undone[-1][2])
        label = NewLabel(key, "", "undo", {"submission": target})
        self._write(submission, self._place(key), lambda: (label,))
        return key

    def _told(self, place: int, head: str) -> str:
        """Say it where the row is not in the newest version any more."""
        gone = self.following.gone(self.queue.items, head)
        if gone is not None:
            self.queue.is_gone = gone
        if not self.queue.is_gone[place]:
            return ""
        return (
            f"The row is not in the newest version of {self.following.name} any more: "
            "its label is kept in the history, and it is not asked again"
        )

    def _saved(self, submission: str, said: str = "") -> Reply:
        progress = self.progress()
        reply: Reply = {"saved": submission, "progress": progress}
        if progress["gold"] is not None:
            reply["accuracy"] = progress["gold"]
        return {**reply, "said": said} if said else reply
