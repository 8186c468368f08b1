"""How far the labeling of a dataset is, and what it lacks (G11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import polars as pl

from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Metric

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNTS = {"n": pl.Int64}
_CELLS = {
    "rule": pl.String,
    "n": pl.Int64,
    "expected": pl.Float64,
    "collect": pl.Int64,
    "tiers": pl.String,
}
_MODEL = {
    "class": pl.String,
    "n": pl.Int64,
    "n_right": pl.Int64,
    "accuracy": pl.Float64,
    "mean_probability": pl.Float64,
}
_NOT_BY_SESSION = ("labeler", "n_undone", "trend")
_LABELERS: dict[str, Any] = {
    "labeler": pl.String,
    "n_labels": pl.Int64,
    "n_items": pl.Int64,
    "n_cant_tell": pl.Int64,
    "n_skipped": pl.Int64,
    "n_undone": pl.Int64,
    "median_s": pl.Float64,
    "per_hour": pl.Float64,
    "n_compared": pl.Int64,
    "n_alike": pl.Int64,
    "trend": pl.Float64,
    "n_gold": pl.Int64,
    "n_gold_right": pl.Int64,
}
_SESSIONS: dict[str, Any] = {
    "labeler": pl.String,
    "nth": pl.Int64,
    "kind": pl.String,
    "started_at": pl.String,
    **{name: kind for name, kind in _LABELERS.items() if name not in _NOT_BY_SESSION},
    "quality": pl.Float64,
    "change": pl.Float64,
}
_AGREEMENT: dict[str, Any] = {
    "question": pl.String,
    "coefficient": pl.String,
    "value": pl.Float64,
    "n": pl.Int64,
    "reason": pl.String,
}


class Board(Protocol):
    """What reads the store again."""

    def look(self, since: str = "") -> dict[str, Any]:
        """Give the figures, or say that nothing changed since a stamp."""


@dataclass(frozen=True, repr=False, eq=False)
class Dashboard(Result):
    """The figures of a dataset as they were when it was made; `now` reads them again.

    Attributes
    ----------
    figures
        Every figure as plain values, of a size that does not grow with the data.
    stamp
        What they stand for: equal stamps, equal figures.
    board
        Reads the store again; a live widget asks it.

    """

    kind: ClassVar[str] = "dashboard"

    dataset: str
    figures: Mapping[str, Any] = field(repr=False)
    stamp: str = field(default="", repr=False)
    board: Board | None = field(default=None, repr=False)

    @property
    def status(self) -> pl.DataFrame:
        """Rows by what became of them: ``status``, ``n``."""
        return _frame(self.figures["status"], {"status": pl.String, **_COUNTS})

    @property
    def classes(self) -> pl.DataFrame:
        """Items by label, for each question: ``question``, ``label``, ``n``."""
        lines = [
            (each["name"], label, n)
            for each in self.figures["questions"]
            for label, n in each["balance"]
        ]
        return _frame(lines, {"question": pl.String, "label": pl.String, **_COUNTS})

    @property
    def tiers(self) -> pl.DataFrame:
        """Rows by band of the last score, the best first: ``tier``, ``n``, ``least`` score."""
        wanted = {"tier": pl.String, **_COUNTS, "least": pl.Float64}
        return _frame(self.figures["tiers"]["counts"], wanted)

    @property
    def agreement(self) -> pl.DataFrame:
        """Coefficients of each question: ``question``, ``coefficient``, ``value``, ``n``."""
        lines = [
            (each["name"], *(line[key] for key in ("coefficient", "value", "n", "reason")))
            for each in self.figures["questions"]
            for line in each["agreement"]
        ]
        return _frame(lines, _AGREEMENT)

    @property
    def labelers(self) -> pl.DataFrame:
        """One line a labeler: counts, times, known answers given right, likeness to others."""
        return _lines(self.figures["labelers"], _LABELERS)

    @property
    def sessions(self) -> pl.DataFrame:
        """One line a session of a labeler: how many labels, how fast, how good, and the change."""
        times = _lines(self.figures["sessions"], _SESSIONS)
        return times.with_columns(pl.col("started_at").str.to_datetime(time_zone="UTC"))

    @property
    def coverage(self) -> pl.DataFrame:
        """Thin cells: ``rule``, ``n``, ``expected``, how many to ``collect``, rows by tier."""
        cells = self.figures["coverage"]["cells"]
        return _frame([tuple(cell[name] for name in _CELLS) for cell in cells], _CELLS)

    @property
    def model(self) -> pl.DataFrame:
        """How well the model of the last `suggest` predicts the labels, by class."""
        return _frame(self.figures["model"]["classes"], _MODEL)

    @property
    def n_labeled(self) -> int:
        """Rows that have a label, as far as nobody rejected it."""
        return sum(n for status, n in self.figures["status"] if status in ("labeled", "validated"))

    def now(self) -> Dashboard:
        """Read the figures again."""
        if self.board is None:
            return self
        found = self.board.look(self.stamp)
        if found["unchanged"]:
            return self
        return Dashboard(self.dataset, found["figures"], found["stamp"], self.board)

    def look(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a view that asks what changed since a stamp."""
        if self.board is None:
            return {"ok": True, "stamp": self.stamp, "unchanged": True}
        return {"ok": True, **self.board.look(str(request.get("since") or ""))}

    def metrics(self) -> tuple[Metric, ...]:
        """Give the counts, and the agreement of each question."""
        named = ("n_rows", "n_answers", "n_labelers")
        counts = [Metric(name, float(self.figures[name])) for name in named]
        alphas = [
            Metric("alpha", line["value"], each["name"])
            for each in self.figures["questions"]
            for line in each["agreement"]
            if line["coefficient"].startswith("Krippendorff") and line["value"] is not None
        ]
        return (*counts, Metric("n_labeled", float(self.n_labeled)), *alphas)

    def payload(self) -> dict[str, Any]:
        """Give every figure; what names a single row stays on the page."""
        hidden = {"difficulty", "suspected"}
        content = {name: each for name, each in self.figures.items() if name not in hidden}
        known = self.figures["suspected"]
        hard = {name: len(lines) for name, lines in self.figures["difficulty"].items()}
        model = {name: each for name, each in content.pop("model").items() if name != "lowest"}
        return {
            **content,
            "model": model,
            "difficulty": hard,
            "n_suspected": known["n"] if known else 0,
        }

    def document(self) -> Document:
        """Describe how far the labeling is, and what it lacks."""
        from qforge_jupyter.results.dashboard_page import page_of

        return page_of(self)

    def identity(self) -> dict[str, Any]:
        """Name the version and the moment of the last label."""
        return {"version": self.figures["version"], "last_at": self.figures["last_at"]}


def _frame(lines: Any, schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([tuple(line) for line in lines], schema=schema, orient="row")


def _lines(lines: Any, schema: dict[str, Any]) -> pl.DataFrame:
    """Lay out lines of labelers, known answers as two numbers."""
    told = [{**line, "n_gold": line["gold"][0], "n_gold_right": line["gold"][1]} for line in lines]
    return _frame([[line.get(name) for name in schema] for line in told], schema)
