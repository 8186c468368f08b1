"""What to label next, and which labels to look at again (G7, G8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.columns import free_name
from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.run import Finding, Metric

#: Lines of the payload; the frame holds all.
LINES_AT_MOST = 400


@dataclass(frozen=True, eq=False, repr=False)
class Suggestions(Result):
    """Rows to label next, or labels that are probably wrong, the most urgent first.

    Parameters
    ----------
    name, target, keys
        The table, its column of labels, and what names a row.
    find
        ``errors`` or ``next``.
    n_rows, n_labeled, classes
        Of the table.
    rows
        One line a suggestion: keys, ``row``, ``given``, ``proposed``, ``probability`` (of the
        proposed class), ``score`` (the more, the sooner) and ``reason``; of errors also
        ``self_confidence`` (probability of the given label) and ``loss`` (its -log).
    learned_from, linear_share, n_folds, seed
        What the model saw, what its linear member counts for, folds and seed.
    accuracy
        Out of sample, against the labels as they are given.
    share_wrong
        Share of all labels that is expected to be wrong.
    n_suspected, confusion, confidences
        Of errors: how many there are, by given and proposed class, and self-confidence of all
        labels and of the suspected ones in twenty bins.
    strategy, n_candidates
        Of what is next: how and from how many rows it was chosen.
    curve
        n_labels, accuracy, low, high, kappa (with the model before).
    should_stop, stopping
        Whether more labels would change the model, and why.
    map
        row, x, y, is_chosen: where suggestions lie among the other rows.
    labelers
        Of labels by several: ``labeler``, ``n_labels``, ``agreement`` with the consensus,
        ``quality`` and ``weakest`` class, the best first. ``rows`` then have ``n_labels``,
        ``agreement`` and ``asked_next``, the best labeler who has not labeled the row, and
        ``self_confidence`` is the quality of the consensus label, which is ``proposed``.
    judged
        One line a label that was predicted from the others: ``row``, ``given``, ``predicted``
        and ``self_confidence``, the probability of the given label.
    order
        In which order the rows stood.
    notes
        What to know.

    """

    kind: ClassVar[str] = "suggestions"

    name: str
    find: str
    target: str
    keys: tuple[str, ...]
    n_rows: int
    n_labeled: int
    classes: tuple[str, ...]
    rows: pl.DataFrame
    learned_from: str
    seed: int
    linear_share: float | None = None
    n_folds: int = 0
    accuracy: Interval | None = None
    share_wrong: Interval | None = None
    n_suspected: int = 0
    confusion: pl.DataFrame = field(default_factory=pl.DataFrame)
    confidences: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    strategy: str = ""
    n_candidates: int = 0
    curve: pl.DataFrame = field(default_factory=pl.DataFrame)
    should_stop: bool | None = None
    stopping: str = ""
    map: pl.DataFrame = field(default_factory=pl.DataFrame)
    labelers: pl.DataFrame = field(default_factory=pl.DataFrame)
    judged: pl.DataFrame = field(default_factory=pl.DataFrame)
    order: str = ""
    notes: tuple[str, ...] = ()

    @property
    def queue(self) -> pl.DataFrame:
        """What a labeling queue takes: keys, ``score`` and ``reason``, the highest score first.

        Of a table without keys it has one line for every row, in order, with null where a row is
        not suggested.
        """
        if self.keys:
            keys = pl.nth(range(len(self.keys)))
            return self.rows.select(keys, *(self.own(each) for each in ("score", "reason")))
        every = pl.DataFrame({"row": range(self.n_rows)}, schema={"row": pl.Int64})
        held = self.rows.select(pl.col("row").cast(pl.Int64), "score", "reason")
        return every.join(held, on="row", how="left", maintain_order="left").drop("row")

    def own(self, name: str) -> str:
        """Say what a column of ours is called in ``rows``, where a key has its name."""
        return free_name(name, self.keys)

    def metrics(self) -> tuple[Metric, ...]:
        """Give counts, the model's accuracy and the share that is expected to be wrong."""
        counts = {"n_labeled": self.n_labeled, "n_suggested": self.rows.height}
        if self.find == "errors":
            counts["n_suspected"] = self.n_suspected
        intervals = (("accuracy", self.accuracy), ("share_wrong", self.share_wrong))
        return tuple(Metric(name, float(n)) for name, n in counts.items()) + tuple(
            Metric(name, each.value, self.target, each.low, each.high, each.confidence, each.method)
            for name, each in intervals
            if each is not None
        )

    def findings(self) -> tuple[Finding, ...]:
        """Name the suspected labels as one finding, with the worst rows."""
        if not self.n_suspected:
            return ()
        return (
            Finding(
                kind="suspected label errors",
                name=f"labels of {self.target}"[:200],
                n_rows=self.n_suspected,
                severity="medium",
                column=self.target[:200],
                method="confident learning" if self.labelers.is_empty() else "crowdlab",
                statistic=self.share_wrong.value if self.share_wrong else None,
                low=self.share_wrong.low if self.share_wrong else None,
                high=self.share_wrong.high if self.share_wrong else None,
                rows=tuple(self.rows[self.own("row")].head(100).to_list()),
            ),
        )

    def frames(self) -> dict[str, pl.DataFrame]:
        """Give every suggestion, the learning curve, and what the model says of each label."""
        curve = {} if self.curve.is_empty() else {"curve": self.curve}
        people = {} if self.labelers.is_empty() else {"labelers": self.labelers}
        judged = {} if self.judged.is_empty() else {"judged": self._ordered()}
        return {"suggestions": self.rows, **curve, **people, **judged}

    def _ordered(self) -> pl.DataFrame:
        return self.judged.with_columns(order=pl.lit(self.order))

    def payload(self) -> dict[str, Any]:
        """Give the counts, the model, the curve and the first suggestions."""
        return {
            "name": self.name,
            "find": self.find,
            "target": self.target,
            "keys": list(self.keys),
            "n_rows": self.n_rows,
            "n_labeled": self.n_labeled,
            "classes": list(self.classes[:LINES_AT_MOST]),
            "learned_from": self.learned_from,
            "linear_share": self.linear_share,
            "n_folds": self.n_folds,
            "seed": self.seed,
            "accuracy": _interval(self.accuracy),
            "share_wrong": _interval(self.share_wrong),
            "n_suspected": self.n_suspected,
            "strategy": self.strategy,
            "n_candidates": self.n_candidates,
            "rows": [_speakable(line) for line in self.rows.head(LINES_AT_MOST).to_dicts()],
            "confusion": self.confusion.head(LINES_AT_MOST).to_dicts(),
            "curve": self.curve.to_dicts(),
            "labelers": self.labelers.head(LINES_AT_MOST).to_dicts(),
            "should_stop": self.should_stop,
            "stopping": self.stopping,
            "notes": list(self.notes),
        }

    def document(self) -> Document:
        """Describe what is suggested, where it lies, and what the model is worth."""
        from qforge_jupyter.results.suggestions_page import page_of

        return page_of(self)


def _interval(interval: Interval | None) -> dict[str, Any] | None:
    if interval is None:
        return None
    return {
        "value": interval.value,
        "low": interval.low,
        "high": interval.high,
        "confidence": interval.confidence,
        "method": interval.method,
        "n": interval.n,
        "note": interval.note,
    }


def _speakable(line: dict[str, Any]) -> dict[str, Any]:
    """Write what JSON does not know as text."""
    return {
        name: value if isinstance(value, str | int | float | bool) or value is None else str(value)
        for name, value in line.items()
    }
