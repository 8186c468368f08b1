"""A labeler at work: the next item, its answer kept before the one after it.

Safe to be called from several threads: the messages of a view come on another
one than the cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from qforge_jupyter.errors import QForgeError
from qforge_jupyter.labeling.region import Region
from qforge_jupyter.labeling.seat import MOST_AT_ONCE, Reply
from qforge_jupyter.labeling.submission import LeftOut, Submission, check_id, checked, labels_of
from qforge_jupyter.labeling.turning import Turning
from qforge_jupyter.results.label_events import NewLabel
from qforge_jupyter.store.labels import LabelTransaction


@dataclass
class Sitting(Turning):
    """One labeler before one queue, in one process.

    Attributes
    ----------
    region
        Of the map, where only its items are labeled for now.

    """

    region: Region | None = None
    #: By batch, the items that others had meanwhile.
    left_out: dict[str, set[str]] = field(default_factory=dict, repr=False)

    # --- What is asked of it -------------------------------------------------------------

    def items(self, after: int = -1, n: int = 1, begun: Iterable[int] = ()) -> list[Reply]:
        """Give what waits behind a position, begun items first, and claim it."""
        n = max(1, min(int(n), MOST_AT_ONCE))
        first = max(0, after + 1)
        with self.lock:
            if begun or not self._are_at_hand(first, n):
                self._fetch(first, n, begun)
            return [self.item(at) for at in self._waiting(first)[:n]]

    def current(self, begun: Iterable[int] = ()) -> Reply | None:
        """Give the first item that was given and not answered, or the next; None at the end."""
        with self.lock:
            found = self.items(self._last_handled(), begun=begun)
            return found[0] if found else None

    def choose(self, region: Region | None) -> None:
        """Give only the items of a region from now on; all of them again where none comes.

        Raises
        ------
        DataError
            Nothing in the region waits for this labeler.

        """
        with self.lock, self._labeling() as work:
            claimed = self._enter(work)
            if region is not None:
                region.check(self.queue, claimed)
            corners = () if region is None else region.corners
            work.regions.keep(self.session_id, corners, self.clock())
            self.region = region
            self.queue.chosen = None if region is None else region.is_inside
            self.given = [place for place in self.given if self._is_handled(place)]
            self._hold(work)

    def keep_draft(self, key: str, draft: dict[str, Any]) -> None:
        """Keep what is half answered, until the item is answered or passed over.

        Raises
        ------
        DataError
            The item is not here, or was forgotten.

        """
        with self.lock, self._labeling() as work:
            place = self._place(key)
            self.following.refuse_forgotten(work, self.queue.items, place)
            work.drafts.keep(self.session_id, key, draft, self.clock())

    def drafts(self) -> list[tuple[int, Reply]]:
        """Give what was half answered by row, the newest first."""
        with self.lock:
            kept = self.store.labels.drafts(self.dataset_id, self.session_id)
            places = self.queue.items.places([key for key, _ in kept])
            found = [
                (int(place), {"key": key, **draft})
                for place, (key, draft) in zip(places, kept, strict=True)
                if place >= 0 and not self.queue.is_gone[place]
            ]
            return found[::-1]

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

            def labels(work: LabelTransaction) -> tuple[NewLabel, ...]:
                if given.batch and self.queue.is_beyond(place, self._of_others(work)):
                    raise LeftOut
                before = self.queue.state(place).said(self.labeler)
                return labels_of(self.plan, given, answers, before)

            try:
                head = self._write(given.id, place, labels, is_alone=not given.batch)
            except LeftOut:
                return {**self._saved(given.id, self._left_out(given)), "left_out": True}
            return self._saved(given.id, self._told(place, head))

    def skip(self, submission: str, key: str, reason: str = "") -> Reply:
        """Pass over an item; this session is not given it again."""
        with self.lock:
            place = self._place(key)
            label = NewLabel(key, "", "skip", {"reason": str(reason)[:10_000]})
            self._write(check_id(submission), place, lambda _: (label,))
            return self._saved(submission)

    def close(self) -> None:
        """Let go of what lies before this labeler."""
        with self.lock, suppress(QForgeError), self._labeling() as work:
            work.claims.release(self.id)

    # --- How it is done ------------------------------------------------------------------

    def _fetch(self, first: int, n: int, begun: Iterable[int]) -> None:
        """Claim what was begun, and as many more as are lacking."""
        with self._labeling() as work:
            claimed = self._enter(work)
            self._drop_lost(first - 1, claimed)
            self._take_up(begun, claimed)
            n_lacking = n - len(self._waiting(first))
            if n_lacking > 0:
                self.given += self.queue.pick(
                    n_lacking, n_given=len(self.given), claimed=claimed, before=self.given
                )
            self._hold(work)

    def _left_out(self, given: Submission) -> str:
        """Say how many items did not get the answers that were given to many at once."""
        keys = self.left_out.setdefault(given.batch, set())
        keys.add(given.key)
        return (
            f"Left out of the same answers for all: {len(keys):,} that others have answered or "
            "have before them"
        )

    def _told(self, place: int, head: str) -> str:
        """Say it where the row is not in the newest version any more."""
        self._follow(head)
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
