"""A labeler at work: the next item, its answer kept before the one after it.

Safe to be called from several threads: the messages of a view come on another
one than the cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from qforge_jupyter.errors import DataError, QForgeError
from qforge_jupyter.labeling.known import accuracy
from qforge_jupyter.labeling.laying_out import laid_out
from qforge_jupyter.labeling.region import Region
from qforge_jupyter.labeling.seat import MOST_AT_ONCE, Seat
from qforge_jupyter.labeling.submission import LeftOut, Submission, check_id, checked, labels_of
from qforge_jupyter.labeling.undoing import Part, nth_id, passed_over, steps_of
from qforge_jupyter.results.label_events import NewLabel
from qforge_jupyter.store.labels import LabelTransaction

Reply = dict[str, Any]


@dataclass
class Sitting(Seat):
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
            with self._labeling() as work:
                claimed = self._enter(work)
                self._drop_lost(after, claimed)
                self._take_up(begun, claimed)
                n_lacking = n - len(self._waiting(first))
                if n_lacking > 0:
                    self.given += self.queue.pick(
                        n_lacking, n_given=len(self.given), claimed=claimed, before=self.given
                    )
                self._hold(work)
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
                head = self._write(given.id, place, labels)
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

    def _turn(self, submission: str, *, is_back: bool) -> Reply:
        with self.lock:
            check_id(submission)
            self.refresh()
            said = ""
            keys = self._turned(submission)
            if not keys:
                keys, said = self._take_back(submission, is_back=is_back)
            places = [self._place(key) for key in keys]
            self._give(places)
            position = min(map(self.given.index, places))
            reply: Reply = {"item": self.item(position), "progress": self.progress()}
            if said:
                reply["said"] = said
            if len(keys) == 1:
                return reply
            states = [(key, self.queue.state(at)) for key, at in zip(keys, places, strict=True)]
            return {**reply, "turned": [[key, each.said(self.labeler)] for key, each in states]}

    def _turned(self, submission: str) -> list[str]:
        """Name the items of an undo that was kept before, so that a resend is kept once."""
        return [
            one.label.item
            for one in self.own
            if submission in (one.submission, one.label.detail.get("batch"))
            and one.label.label_type == "undo"
        ]

    def _take_back(self, submission: str, *, is_back: bool) -> tuple[list[str], str]:
        """Undo or bring back the last step: all that was given at once, in one transaction."""
        with self._labeling() as work:
            self._take(work.since(self.position))
            parts, said = self._last_step(work, is_back=is_back)
            if not is_back:
                self._refuse_beyond(work, parts)
            detail = {"batch": submission} if len(parts) > 1 else {}
            new = self._append(work, [
                (
                    submission if not n else nth_id(submission, n),
                    NewLabel(part.item, "", "undo", {"submission": part.target}, detail=detail),
                )
                for n, part in enumerate(parts)
            ])  # fmt: skip
        self._take(new)  # only now are they kept
        return [part.item for part in parts], said

    def _last_step(self, work: LabelTransaction, *, is_back: bool) -> tuple[list[Part], str]:
        """Find the last step whose rows are here; parts whose rows are not are passed over."""
        gone: set[str] = set()
        found: list[Part] = []
        for parts in steps_of(self.own).latest(is_back=is_back):
            places = [self.queue.items.place(one.item) for one in parts]
            here = [place for place in places if place is not None]
            here_still = set(here) - self.following.forgotten(work, self.queue.items, here)
            gone |= {
                one.item
                for one, place in zip(parts, places, strict=True)
                if place not in here_still
            }
            found = [one for one in parts if one.item not in gone]
            if found:
                break
        self.own = [one for one in self.own if one.label.item not in gone]  # it is told once
        said = passed_over(len(gone), self.following.name)
        if not found:
            lack = (
                "There is nothing to undo: this session kept nothing that stands"
                if is_back
                else "There is nothing to bring back: the last step was no undo"
            )
            raise DataError(f"{lack}; {said}" if said else lack)
        return found, said

    def _refuse_beyond(self, work: LabelTransaction, parts: list[Part]) -> None:
        """Refuse to bring back answers where others have answered enough meanwhile."""
        skips = {one.submission for one in self.own if one.label.label_type == "skip"}
        claimed = self._of_others(work)
        n_beyond = sum(
            one.submission not in skips and self.queue.is_beyond(self._place(one.item), claimed)
            for one in parts
        )
        if n_beyond:
            raise DataError(
                f"Nothing was brought back: others answered {n_beyond} of {len(parts)} items "
                "meanwhile or have them before them, so go on with the next"
            )

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
