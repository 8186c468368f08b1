"""The predictions that a workspace keeps, as a table; perhaps those that go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.kept_predictions import DropPredictions
from qforge_jupyter.results.run import Event, Metric
from qforge_jupyter.results.tabular import Tabular

N_SHOWN = 20
#: Deleted predictions that the audit log names; it counts them all.
N_NAMED = 1_000


@dataclass(frozen=True, repr=False, eq=False)
class KeptListing(Tabular, Result):
    """What was predicted of which structure, by which model, when and by whom.

    Parameters
    ----------
    frame
        One line a prediction, the latest first: ``structure_hash``, ``model``,
        ``version``, ``parameters``, ``property``, ``value``, ``by``, ``at``.
    n_predictions
        How many these are.
    dropped
        Ids of those that are taken away with this call.
    reason
        Why they are.

    """

    kind: ClassVar[str] = "kept predictions"

    frame: pl.DataFrame
    n_predictions: int
    dropped: tuple[str, ...] = ()
    reason: str = ""

    def document(self) -> Document:
        """Show counts by model, and the first lines."""
        by_model = (
            self.frame.group_by("model", "version")
            .agg(pl.col("structure_hash").n_unique())
            .sort("model", "version")
        )
        blocks: list[Block] = [Grid(("model", "version", "structures"), tuple(by_model.rows()))]
        if self.dropped:
            blocks.insert(0, Facts((("reason", self.reason),)))
        shown = self.frame.select(
            pl.col("structure_hash").str.head(12), "model", "property", pl.col("value").round(4)
        )
        rows = tuple(shown.head(N_SHOWN).rows())
        n_more = max(0, shown.height - N_SHOWN)
        blocks.append(Grid(("structure", "model", "property", "value"), rows, n_more=n_more))
        n = len(self.dropped) or self.n_predictions
        noun = "prediction" if n == 1 else "predictions"
        verdict = f"{n:,} {noun} {'deleted' if self.dropped else 'kept'}"
        return Document("Kept predictions", verdict, "neutral", tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give the counts; the lines are in ``frame``."""
        return {"n_predictions": self.n_predictions, "n_deleted": len(self.dropped)}

    def metrics(self) -> tuple[Metric, ...]:
        """Count what is taken away; a list alone is no work."""
        return (Metric("n_deleted", len(self.dropped)),) if self.dropped else ()

    def events(self, actor: str) -> tuple[Event, ...]:
        """Say in the audit log which predictions go, and why."""
        if not self.dropped:
            return ()
        said = self.frame.unique(["structure_hash", "model", "version"], maintain_order=True)
        named = said.select("structure_hash", "model", "version", "by").head(N_NAMED)
        before = {"predictions": named.to_dicts()}
        after = {"reason": self.reason, "n_deleted": len(self.dropped)}
        return (Event(actor, "delete predictions", "predictions", before, after),)

    def changes(self) -> tuple[Change, ...]:
        """Take away what is to go."""
        return (DropPredictions(self.dropped),) if self.dropped else ()
