"""The dashboard of a dataset: what is true of it and of its labeling, as of now."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.figures import Told, figures_of_board
from qforge_jupyter.labeling.folding_frames import fold_frame
from qforge_jupyter.labeling.measured import LastRuns, Measured, measure
from qforge_jupyter.labeling.rows import Rows
from qforge_jupyter.labeling.scored import last_run
from qforge_jupyter.results.label_events import LabelingSession
from qforge_jupyter.store.label_frames import SCHEMA
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.reading import table_of


@dataclass
class Board:
    """Reads a dataset and its labels, and reads again what changed since.

    Parameters
    ----------
    store
        The open store.
    name
        Of the dataset.
    branch
        The branch whose tip is looked at; empty where it is one version for good.
    rows
        The rows of the version that is looked at now.

    """

    store: Store = field(repr=False)
    name: str
    branch: str
    rows: Rows = field(repr=False)
    _measured: Measured | None = field(default=None, repr=False)
    _events: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCHEMA), repr=False)
    _position: int = field(default=0, repr=False)
    _seen: tuple[Any, ...] | None = field(default=None, repr=False)
    _stamp: str = field(default="", repr=False)
    _figures: dict[str, Any] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def look(self, since: str = "") -> dict[str, Any]:
        """Give the figures, or say that nothing changed since a stamp.

        Parameters
        ----------
        since
            The ``stamp`` of the last look.

        Raises
        ------
        DataError
            The dataset was deleted.

        """
        with self._lock:
            self._refresh()
            if since and since == self._stamp:
                return {"stamp": self._stamp, "unchanged": True}
            return {"stamp": self._stamp, "unchanged": False, "figures": self._figures}

    def _refresh(self) -> None:
        dataset = self.store.datasets.find(self.name)
        if dataset is None:
            raise DataError(f"The dataset {self.name} was deleted: nothing can be counted any more")
        last = self.store.labels.last_position()
        head = self._head(dataset.id)
        runs = self._runs(dataset.id, head)
        seen = (last, head, dataset.n_forgettings, runs)
        if seen == self._seen:
            return
        is_same = self._seen is not None and seen[1:] == self._seen[1:]
        if not is_same:
            self._lay(head)
        events = self._events if is_same else pl.DataFrame(schema=SCHEMA)
        new = self.store.labels.frame(dataset.id, self._position if is_same else 0)
        if not is_same or not new.is_empty():  # else somebody labeled another dataset
            events = pl.concat([events, new])
            position = int(events["position"].max() or 0)  # type: ignore[arg-type]
            told = self._told(events, self.store.labels.sessions(dataset.id))
            commits = self.store.commits.of(dataset.id)
            if self._measured is None or not is_same:
                self._measured = measure(self.store, self.rows, commits, runs)
            self._figures = figures_of_board(self.name, self.rows, told, commits, self._measured)
            parts = (position, head[:16], dataset.n_forgettings, *(run[:8] for run, _ in runs))
            self._stamp = ".".join(map(str, parts))
            self._events, self._position = events, position
        self._seen = seen  # last, so that a look that failed is taken again

    def _told(self, events: pl.DataFrame, sessions: tuple[LabelingSession, ...]) -> Told:
        placed = self.rows.placed(events)
        return Told(sessions, placed, fold_frame(placed, sessions))

    def _head(self, dataset_id: str) -> str:
        if not self.branch:
            return self.rows.commit
        heads = {
            one.name: one.head for one in self.store.refs.of(dataset_id) if one.kind == "branch"
        }
        return heads.get(self.branch, self.rows.commit)

    def _lay(self, head: str) -> None:
        if head == self.rows.commit and self._seen is None:  # they came with the call
            return
        commit = self.store.commits.get(head)
        dataset = self.store.datasets.find(self.name)
        if commit is None or dataset is None:
            return
        table = table_of(self.store, dataset, commit)
        self.rows = Rows(table.frame, dataset.keys, head)

    def _runs(self, dataset_id: str, head: str) -> LastRuns:
        """Name the last score, and the last suggestions over these rows."""
        contents = {one.id: one.fingerprint for one in self.store.commits.headlines(dataset_id)}
        own = contents.pop(head, "")
        earlier = [each for each in reversed(contents.values()) if each != own]
        scored = last_run(self.store, "score", [own, *earlier] if own else earlier)
        return scored, last_run(self.store, "suggest", [own] if own else [])
