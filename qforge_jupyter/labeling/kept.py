"""All that was said of a stored dataset, beside its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames.table import Table
from qforge_jupyter.labeling.folding import ItemState
from qforge_jupyter.labeling.items import Items
from qforge_jupyter.labeling.plan import VERDICT
from qforge_jupyter.labeling.questions import Question, question_of
from qforge_jupyter.labeling.told import states_of
from qforge_jupyter.results.label_events import LabelEvent, LabelingSession
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.identities import naming_columns


@dataclass(frozen=True)
class KeptLabels:
    """The labels of a dataset as they are in the store.

    Parameters
    ----------
    last_position
        Of the workspace's labels when these were read.

    """

    dataset: KeptDataset
    items: Items = field(repr=False)
    sessions: dict[str, LabelingSession] = field(repr=False)
    events: tuple[LabelEvent, ...] = field(repr=False)
    last_position: int = 0

    @cached_property
    def states(self) -> dict[str, ItemState]:
        """What is true of each item that somebody spoke of and that is still there."""
        found = states_of(self.events, self.sessions)
        places = self.items.places(list(found))
        return {
            item: state
            for (item, state), place in zip(found.items(), places, strict=True)
            if place >= 0
        }

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question that was asked, as it was asked last."""
        found: dict[str, Question] = {}
        for session in self.sessions.values():
            for payload in session.detail.get("questions", ()):
                if session.kind != "validation" or payload["name"] != VERDICT:
                    found[payload["name"]] = question_of(payload)
        return found

    def question(self, name: str) -> Question:
        """Find a question that was asked.

        Raises
        ------
        CallError
            None is called so, or several were asked and none is named.

        """
        if not name and len(self.questions) == 1:
            return next(iter(self.questions.values()))
        if name not in self.questions:
            said = (
                f"No question {name[:60]!r} was asked" if name else "Several questions were asked"
            )
            raise CallError(
                f"{said} of {self.dataset.name}{nearest(name, self.questions)}"
                + ("" if name else ": name one with --question")
            )
        return self.questions[name]


def kept_labels(store: Store, table: Table) -> KeptLabels:
    """Read what was said of the rows of a version.

    Raises
    ------
    CallError
        The table is no stored dataset, or nobody labeled it.

    """
    dataset = store.datasets.find(table.version.dataset) if table.version else None
    if dataset is None:
        raise CallError(
            f"{table.name} is no stored dataset, and labels are given to one: name the dataset"
        )
    last = store.labels.last_position()
    events = store.labels.since(dataset.id)
    if not events:
        raise CallError(
            f"Nobody has labeled {dataset.name} yet: write  %%qforge label {dataset.name}"
        )
    sessions = {one.id: one for one in store.labels.sessions(dataset.id)}
    content = tuple(naming_columns(store, dataset, table.columns))
    items = Items(table.frame, dataset.keys, content)
    return KeptLabels(dataset, items, sessions, events, last)
