"""Walking back what a session kept, without limit, and forth again."""

from __future__ import annotations

from dataclasses import dataclass

from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.seat import Reply, Seat
from qforge_jupyter.labeling.submission import check_id
from qforge_jupyter.labeling.undoing import Part, nth_id, passed_over, steps_of
from qforge_jupyter.results.label_events import NewLabel
from qforge_jupyter.store.labels import LabelTransaction


@dataclass
class Turning(Seat):
    """A seat whose last steps can be taken back and brought back."""

    def undo(self, submission: str) -> Reply:
        """Take back the last submission of the session that stands; without limit."""
        return self._turn(submission, is_back=True)

    def redo(self, submission: str) -> Reply:
        """Bring back what was taken back last."""
        return self._turn(submission, is_back=False)

    def _turn(self, submission: str, *, is_back: bool) -> Reply:
        with self.lock:
            check_id(submission)
            self._look()
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

    def _look(self) -> None:
        """Follow what others did: their labels, and rows that they removed."""
        with self.store.labels.looking(self.dataset_id) as work:
            self._take(work.since(self.position))
            head = self.following.standing(work).head
        self._follow(head)

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
            here_still = {place for place in here_still if not self.queue.is_gone[place]}
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
