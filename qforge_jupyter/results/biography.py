"""A row's whole life: created, changed, scored, flagged, split, exported, trained on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.tabular import Tabular

N_SHOWN = 60


@dataclass(frozen=True, repr=False, eq=False)
class Biography(Tabular, Result):
    """What became of one row of a stored dataset.

    Attributes
    ----------
    frame
        One line an event, oldest first: ``at``, ``what``, ``detail``, ``by``, ``run``
        (id of the call), ``tracker_run`` (MLflow's id) and ``commit``.
    cells
        The row's cells in the version that was asked about; empty if it is gone.

    """

    kind: ClassVar[str] = "biography"

    dataset: str
    key: tuple[tuple[str, str], ...]
    frame: pl.DataFrame = field(repr=False)
    cells: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_there(self) -> bool:
        """Whether the row stands in the version that was asked about."""
        return bool(self.cells)

    def document(self) -> Document:
        """Draw the events in order; times and ids are in ``frame``."""
        rows = tuple(self.frame.select("what", "detail", "by").head(N_SHOWN).rows())
        n_more = max(0, self.frame.height - N_SHOWN)
        blocks: list[Block] = [Grid(("what happened", "detail", "by"), rows, n_more=n_more)]
        if self.cells:
            shown = [(name, str(value)) for name, value in list(self.cells.items())[:20]]
            blocks.append(Facts(tuple(shown)))
        named = ", ".join(f"{name} = {value}" for name, value in self.key)
        verdict = f"{self.frame.height:,} events" + ("" if self.is_there else "; it is gone")
        return Document(f"{named} of {self.dataset}", verdict, "neutral", tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give the events as JSON, without ids and times."""
        kept = self.frame.select("what", "detail", "by").head(500).to_dicts()
        return {
            "dataset": self.dataset,
            "key": [list(each) for each in self.key],
            "events": kept,
            "is_there": self.is_there,
        }

    def identity(self) -> dict[str, Any]:
        """Name the calls, which differ from run to run."""
        return {"runs": self.frame["run"].drop_nulls().head(100).to_list()}
