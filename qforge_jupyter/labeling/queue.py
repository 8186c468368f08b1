"""Which item comes next: for whom, in which order, and how often.

What counts is held in one number or truth value a row, so that the next of a
million rows is found in a few milliseconds, whatever the order is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.labeling.disagreement import disagreement
from qforge_jupyter.labeling.folding import ItemState, fold, round_of
from qforge_jupyter.labeling.items import Items
from qforge_jupyter.labeling.plan import LabelPlan
from qforge_jupyter.labeling.priority import STEP
from qforge_jupyter.labeling.suggested import Suggested
from qforge_jupyter.results.label_events import LabelEvent, LabelingSession

Flags = NDArray[np.bool_]
_UNTOUCHED = ItemState()


@dataclass
class Queue:
    """The items of one session, as they stand after the events it was given.

    Parameters
    ----------
    items, plan, session
        What is labeled, how, and by whom.
    sessions
        Every session of the dataset by its id.
    priority
        The higher, the sooner; of equals the first row.
    is_member
        Which rows are in the queue.
    gold
        Which of them have a known answer that nobody is told of.
    is_by_disagreement
        Whether the priority follows the answers that are given.
    levels
        What comes before that, where a column says so: the higher, the sooner.
    suggested
        What suggestions say of the rows, where they are labeled from such.

    """

    items: Items
    plan: LabelPlan
    session: LabelingSession
    sessions: dict[str, LabelingSession]
    priority: NDArray[np.float64] = field(repr=False)
    is_member: Flags = field(repr=False)
    gold: Flags = field(repr=False)
    is_by_disagreement: bool = False
    levels: NDArray[np.float64] | None = field(default=None, repr=False)
    suggested: Suggested | None = field(default=None, repr=False)
    events: dict[int, list[LabelEvent]] = field(default_factory=dict, repr=False)
    states: dict[int, ItemState] = field(default_factory=dict, repr=False)
    #: Known answers that were read already, by row.
    known: dict[int, str] = field(default_factory=dict, repr=False)
    #: The only rows to be given for now, where some were chosen.
    chosen: Flags | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        n = self.items.frame.height
        lowest = np.finfo(np.float64).min  # below it lies what was picked
        self.priority = np.nan_to_num(self.priority, nan=lowest, neginf=lowest)
        self.n_done = np.zeros(n, dtype=np.int16)
        self.is_mine = np.zeros(n, dtype=bool)
        self.is_skipped = np.zeros(n, dtype=bool)
        self.is_gone = np.zeros(n, dtype=bool)

    @property
    def has_gold(self) -> bool:
        """Whether any known answer is hidden among the items."""
        return bool(self.gold.any())

    def state(self, place: int) -> ItemState:
        """Say what people say of an item."""
        return self.states.get(place, _UNTOUCHED)

    def take(self, events: Iterable[LabelEvent]) -> None:
        """Follow what was said since; what is of rows that are not here is passed over."""
        new = list(events)
        places = self.items.places([one.label.item for one in new])
        touched = dict.fromkeys(int(place) for place in places if place >= 0)
        for place, event in zip(places, new, strict=True):
            if place >= 0:
                self.events.setdefault(int(place), []).append(event)
        for place in touched:
            self._fold(place)

    def _fold(self, place: int) -> None:
        state = self.states[place] = fold(self.events[place], self.sessions)
        who = self._done(state)
        me = self.session.labeler
        self.n_done[place] = len(who)
        self.is_skipped[place] = self.session.id in state.skipped
        self.is_mine[place] = me in who and not self.is_skipped[place]
        if self.is_by_disagreement:
            names = [one.name for one in self.plan.questions]
            level = 0.0 if self.levels is None else self.levels[place] * STEP
            self.priority[place] = level + disagreement(state, names)

    def handled_after(self, events: Iterable[LabelEvent]) -> dict[int, bool]:
        """Say of the rows of some events whether they would be answered or skipped after them."""
        new: dict[int, list[LabelEvent]] = {}
        for event in events:
            if (place := self.items.place(event.label.item)) is not None:
                new.setdefault(place, []).append(event)
        found = {}
        for place, said in new.items():
            state = fold([*self.events.get(place, ()), *said], self.sessions)
            mine = self.session.labeler in self._done(state)
            found[place] = mine or self.session.id in state.skipped
        return found

    def is_beyond(self, place: int, claimed: Mapping[int, int]) -> bool:
        """Say whether an answer of this labeler would be one more than are wanted."""
        if self.gold[place] or self.session.labeler in self._done(self.state(place)):
            return False
        return int(self.n_done[place]) + claimed.get(place, 0) >= self.plan.n_labelers

    def _done(self, state: ItemState) -> set[str]:
        """Name those who have nothing more to say of an item in this kind of session."""
        if self.session.kind != "initial":
            return state.done.get(round_of(self.session), set())
        asked = {one.name for one in self.plan.questions}
        return {who for who, said in state.answers.items() if not asked.isdisjoint(said)}

    def is_open(self, claimed: Mapping[int, int]) -> Flags:
        """Say which items can be given to this labeler now."""
        free = self.is_free(claimed)
        return free if self.chosen is None else free & self.chosen

    def are_open(self, places: Sequence[int], claimed: Mapping[int, int]) -> list[bool]:
        """Say of a few items what `is_open` says of all."""
        at = np.asarray(places, dtype=np.int64)
        n_before = self.n_done[at] + np.array([claimed.get(place, 0) for place in places], int)
        found = (n_before < self.plan.n_labelers) | self.gold[at]
        found &= self.is_member[at] & ~self.is_mine[at] & ~self.is_skipped[at] & ~self.is_gone[at]
        if self.chosen is not None:
            found &= self.chosen[at]
        answers: list[bool] = found.tolist()
        return answers

    def is_free(self, claimed: Mapping[int, int]) -> Flags:
        """Say which items this labeler may answer, who others have before them aside."""
        more = (self.n_done < self.plan.n_labelers) | self.gold
        found = self.is_member & more & ~self.is_mine & ~self.is_skipped & ~self.is_gone
        for place, n_claims in claimed.items():
            if not self.gold[place] and self.n_done[place] + n_claims >= self.plan.n_labelers:
                found[place] = False
        return found

    def pick(
        self, n: int, *, n_given: int, claimed: Mapping[int, int], before: Iterable[int]
    ) -> list[int]:
        """Choose the next items.

        Parameters
        ----------
        n
            How many at most.
        n_given
            How many this session was given before.
        claimed
            How many others have an item before them.
        before
            Items that lie before this labeler already.

        """
        found = self.is_open(claimed)
        found[list(before)] = False
        picked: list[int] = []
        hidden = _Ordered(self.priority, found & self.gold if self.has_gold else None)
        others = _Ordered(self.priority, found & ~self.gold if self.has_gold else found)
        while len(picked) < n and hidden.n_left + others.n_left:
            share = hidden.n_left / (hidden.n_left + others.n_left)
            is_hidden = _chance(self.session.id, n_given + len(picked)) < share
            picked.append(hidden.next() if is_hidden else others.next())
        return picked

    def progress(self) -> dict[str, int]:
        """Count the queue: all items, done, left, skipped, and those done by this labeler."""
        member = self.is_member & ~self.is_gone
        is_enough = (self.n_done >= self.plan.n_labelers) & ~self.gold
        done = member & (self.is_mine | is_enough)
        skipped = member & self.is_skipped & ~done
        n_items, n_done, n_skipped, n_mine = (
            int(np.count_nonzero(each)) for each in (member, done, skipped, member & self.is_mine)
        )
        left = {} if self.chosen is None else {"n_chosen_left": self.n_left_of_chosen()}
        return {
            "n_items": n_items,
            "n_done": n_done,
            "n_left": n_items - n_done - n_skipped,
            "n_skipped": n_skipped,
            "n_mine": n_mine,
            **left,
        }

    def n_left_of_chosen(self) -> int:
        """Count what is left of the rows that were chosen."""
        return int(np.count_nonzero(self.is_open({})))

    def answered_gold(self) -> list[int]:
        """Name the rows whose known answer this labeler was asked for."""
        return [int(place) for place in np.flatnonzero(self.gold & self.is_mine)]


class _Ordered:
    """Gives the places of a mask, the highest priority first, of equals the first row."""

    def __init__(self, priority: NDArray[np.float64], mask: Flags | None) -> None:
        self.n_left, self.values = 0, priority[:0]
        if mask is not None:
            self.n_left = int(np.count_nonzero(mask))
            self.values = np.where(mask, priority, -np.inf)

    def next(self) -> int:
        at = int(np.argmax(self.values))
        self.values[at] = -np.inf
        self.n_left -= 1
        return at


def _chance(session: str, n: int) -> float:
    """Give a number from 0 to 1 that hangs on a session and a count alone."""
    digest = hashlib.sha256(f"{session} {n}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
