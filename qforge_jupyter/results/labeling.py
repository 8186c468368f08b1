"""Labeling as a result: what is asked, how far it is, and the desk to work at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from qforge_jupyter.documents.blocks import Bar, Bars, Block, Document, Facts, Grid, Text
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.run import LineageStep

if TYPE_CHECKING:
    import polars as pl

N_LAST = 10


@dataclass(frozen=True)
class LabeledItem:
    """One item as it lies before a labeler.

    Parameters
    ----------
    key
        Names the row; hand it back with the answer.
    fields
        The cells that are shown.
    mine
        What this labeler answered before, by question.
    others
        Labeler, question and value of others' answers, where they are not hidden; of
        suspected labels also what is given and what is suggested.
    suggested
        The answer that suggestions propose, by question.
    said
        What undo or redo has to tell, as of items that were passed over.

    """

    key: str
    position: int
    fields: dict[str, Any] = field(repr=False)
    mine: dict[str, Any]
    status: str
    others: tuple[tuple[str, str, Any], ...] = ()
    suggested: dict[str, Any] = field(default_factory=dict)
    said: str = ""


class Desk(Protocol):
    """What labeling in plain Python rests on."""

    @property
    def handle(self) -> Any:
        """What a view asks."""

    def next(self) -> LabeledItem | None:
        """Give the item to label now."""

    def answer(self, key: Any, given: dict[str, Any]) -> dict[str, Any]:
        """Keep the answers to an item."""

    def skip(self, key: Any = None, reason: str = "") -> dict[str, Any]:
        """Pass over an item."""

    def undo(self) -> LabeledItem:
        """Take back the last step."""

    def redo(self) -> LabeledItem:
        """Bring back what was taken back last."""

    def back(self, position: int) -> LabeledItem:
        """Give an item that was given before."""

    def progress(self) -> dict[str, Any]:
        """Count what is done."""

    def counts(self) -> dict[str, Any]:
        """Count what is done as far as it is known."""

    def answers(self) -> pl.DataFrame:
        """Give the answers that stand."""

    def history(self) -> pl.DataFrame:
        """Give every label that was ever given."""

    def last(self, n: int) -> tuple[tuple[str, str, str], ...]:
        """Give the last answers of this session."""

    def close(self) -> None:
        """Let go of what lies before this labeler."""


@dataclass(frozen=True, repr=False, eq=False)
class Labeling(Result):
    """A labeler's work on a dataset, which goes on where it stopped.

    Every answer is in the store when the call that gives it returns.

    Attributes
    ----------
    questions
        Name, kind and possible answers of what is asked.
    note
        What has to be known about the order, if anything.

    """

    kind: ClassVar[str] = "labeling"

    dataset: str
    labeler: str
    type: str
    questions: tuple[tuple[str, str, str], ...]
    n_labelers: int
    order: str
    desk: Desk = field(repr=False)
    note: str = ""
    made: tuple[Change, ...] = field(default=(), repr=False)
    steps: tuple[LineageStep, ...] = field(default=(), repr=False)
    stands: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    #: Where the files lay of which the dataset was made; pictures are read from there, too.
    folders: tuple[str, ...] = field(default=(), repr=False)

    @property
    def handle(self) -> Any:
        """Answer the requests of a view: ``handle(request)`` gives the reply."""
        return self.desk.handle

    @property
    def progress(self) -> dict[str, Any]:
        """Items, done, left, skipped, mine, and known answers given right, as of now."""
        return self.desk.progress()

    @property
    def answers(self) -> pl.DataFrame:
        """The answers of all labelers that stand: item, labeler, question, value, at and more."""
        return self.desk.answers()

    @property
    def history(self) -> pl.DataFrame:
        """Every label that was ever given, with the one that it replaced."""
        return self.desk.history()

    def next(self) -> LabeledItem | None:
        """Give the item to label now; None where nothing is left."""
        return self.desk.next()

    def answer(self, key: Any, /, **answers: Any) -> dict[str, Any]:
        """Answer an item; it is kept when this returns.

        Parameters
        ----------
        key
            An item, its ``key``, or the value of its key column (several: a tuple).
        **answers
            A value for each question, or ``{"cant_tell": True}``. Where no question is called
            so, ``confidence``, ``note`` and ``submission`` say more about the answer.

        Raises
        ------
        DataError
            An answer is none, is missing, or there is no such item.

        """
        return self.desk.answer(key, answers)

    def skip(self, key: Any = None, *, reason: str = "") -> dict[str, Any]:
        """Pass over an item: the one to label now where none is named."""
        return self.desk.skip(key, reason)

    def undo(self) -> LabeledItem:
        """Take back the last answer or skip of this session that stands; without limit."""
        return self.desk.undo()

    def redo(self) -> LabeledItem:
        """Bring back what was taken back last."""
        return self.desk.redo()

    def back(self, position: int) -> LabeledItem:
        """Give the item at a position, which was given before; answer it again to change it."""
        return self.desk.back(position)

    def close(self) -> None:
        """Let others have what lies before this labeler."""
        self.desk.close()

    def document(self) -> Document:
        """Draw what is asked, how far it is, and the last labels."""
        counts = self.desk.counts()
        n_done, n_items = counts["n_done"], counts["n_items"]
        asked = "; ".join(f"{name}: {said[:60]}" for name, _, said in self.questions[:3])
        items = "item" if n_items == 1 else "items"
        title = f"Labeling {self.dataset}: {n_done:,} of {n_items:,} {items} labeled ({asked})"
        facts = Facts((
            ("labeler", self.labeler),
            ("type", self.type),
            ("order", self.order),
            ("labelers an item", self.n_labelers),
            ("left", counts["n_left"]),
            ("skipped", counts["n_skipped"]),
        ))  # fmt: skip
        share = n_done / n_items if n_items else 1.0
        blocks: list[Block] = [
            Bars((Bar("labeled", share, note=f"{n_done:,} of {n_items:,}"),)),
            facts,
            Grid(("question", "kind", "answers"), self.questions),
        ]
        if (gold := counts["gold"]) and gold["n"]:
            blocks.append(Text(f"{gold['n_right']} of {gold['n']} known answers were given right."))
        if self.note:
            blocks.append(Text(self.note, "caution"))
        if last := self.desk.last(N_LAST):
            blocks.append(Grid(("item", "question", "answer"), last, "last labels"))
        return Document(title, "", "neutral", tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give what is asked and how far it is; no label and no key of a row is in it."""
        return {
            "dataset": self.dataset,
            "labeler": self.labeler,
            "type": self.type,
            "order": self.order,
            "n_labelers": self.n_labelers,
            "questions": [list(each) for each in self.questions],
            "progress": self.desk.counts(),
            "note": self.note,
        }

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say from which table the dataset was made, where it was made just now."""
        return self.steps

    def changes(self) -> tuple[Change, ...]:
        """Give the session, and the dataset where it was made just now."""
        return self.made

    def stands_on(self) -> tuple[tuple[str, str, str], ...]:
        """Say on which version this process works, where it was made just now."""
        return self.stands
