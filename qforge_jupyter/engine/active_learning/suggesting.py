"""From a table to suggestions: suspected label errors, or the rows to label next."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column, free_name
from qforge_jupyter.engine.active_learning.asked import Asked
from qforge_jupyter.engine.active_learning.choosing import USUAL, WITHOUT_MODEL, choose
from qforge_jupyter.engine.active_learning.judging import judged_rows
from qforge_jupyter.engine.active_learning.label_errors import find_label_errors
from qforge_jupyter.engine.active_learning.labels import lacks_labels
from qforge_jupyter.engine.active_learning.learning import Learned, learn_table
from qforge_jupyter.engine.active_learning.learning_curve import Curve, learn
from qforge_jupyter.engine.active_learning.mapping import map_of
from qforge_jupyter.engine.active_learning.pool import Pool
from qforge_jupyter.engine.active_learning.relabeling import judged_by_many
from qforge_jupyter.engine.active_learning.strategies import STRATEGIES
from qforge_jupyter.engine.active_learning.voting import votes_among, votes_of
from qforge_jupyter.engine.uncertainty.proportions import wilson
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.progress import Progress, silent
from qforge_jupyter.results.suggestions import Suggestions

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class SuggestCase:
    """A table and what to suggest of it.

    Parameters
    ----------
    quality
        Score of each row, where one is known.
    answers
        ``row``, ``labeler`` and ``label`` of several labelers, where suspected errors or
        disagreement are looked for among such; the target then holds what most of them said.

    """

    table: Table
    asked: Asked
    quality: pl.Series | None = None
    seed: int = 42
    device: str = "cpu"
    progress: Progress = field(default=silent, repr=False)
    answers: pl.DataFrame | None = field(default=None, repr=False)


def suggest(case: SuggestCase) -> Suggestions:
    """Suggest labels to correct, or rows to label.

    Raises
    ------
    CallError, DataError
        It cannot be asked of this table.

    Examples
    --------
    >>> frame = pl.DataFrame({"x": [i / 10 for i in range(40)], "tier": ["a"] * 20 + ["b"] * 20})
    >>> frame[3, "tier"] = "b"
    >>> table = Table.of_frame("t", frame)
    >>> found = suggest(SuggestCase(table, Asked("tier", find="errors")))
    >>> found.rows.select("row", "given", "proposed").row(0)
    (3, 'b', 'a')

    """
    return _Suggesting(case).result()


class _Suggesting:
    """The steps of one call, each done once."""

    def __init__(self, case: SuggestCase) -> None:
        self.case, self.asked = case, case.asked
        self.asked.check(case.table.schema)
        if not case.table.n_rows:
            raise DataError(f"{case.table.name} has no rows, of which none can be suggested")

    @cached_property
    def frame(self) -> pl.DataFrame:
        """All rows."""
        return self.case.table.frame

    @cached_property
    def find(self) -> str:
        """What is looked for."""
        if self.asked.find is not None:
            return self.asked.find
        if self.asked.strategy is not None:
            return "next"
        return "next" if lacks_labels(self.frame, self.asked.target) else "errors"

    @cached_property
    def learned(self) -> Learned:
        """What the model says."""
        return learn_table(
            self.frame,
            self.asked,
            name=self.case.table.name,
            is_strict=self.find == "errors",
            seed=self.case.seed,
            device=self.case.device,
            progress=self.case.progress,
        )

    def result(self) -> Suggestions:
        """Make the report."""
        rows, more = self._errors() if self.find == "errors" else self._next()
        learned = self.learned
        curve = self._curve() if self.find == "next" else None
        return Suggestions(
            name=self.case.table.name,
            find=self.find,
            target=self.asked.target,
            keys=self.asked.keys,
            n_rows=self.frame.height,
            n_labeled=len(learned.given.known),
            classes=learned.given.classes,
            rows=self._keyed(rows),
            learned_from=learned.described.summary,
            linear_share=learned.predictions.said.share if learned.predictions else None,
            accuracy=self._accuracy(),
            seed=self.case.seed,
            n_folds=self.asked.folds if learned.folds is not None else 0,
            judged=judged_rows(learned.labels, learned.predictions, learned.folds),
            map=map_of(learned.matrices.points, rows["row"].to_numpy(), self.case.seed),
            **_told(curve),
            **more,
        )

    def _errors(self) -> tuple[pl.DataFrame, dict[str, Any]]:
        labels, predictions = self.learned.labels, self.learned.predictions
        if predictions is None:  # it was asked for strictly
            raise DataError("nothing could be learned")
        if self.case.answers is not None:
            rows, more = judged_by_many(
                self.case.answers, labels, self.learned, seed=self.case.seed
            )
            return rows.head(self.asked.top), more
        judged = np.flatnonzero(predictions.is_judged & (labels.codes >= 0))
        found = find_label_errors(
            labels.codes[judged], predictions.probabilities[judged], seed=self.case.seed
        )
        order = found.order[: self.asked.top]
        classes = np.array(labels.classes, dtype=object)
        rows = pl.DataFrame({
            "row": judged[order],
            "given": pl.Series(classes[labels.codes[judged][order]].tolist(), dtype=pl.String),
            "proposed": pl.Series(classes[found.proposed[order]].tolist(), dtype=pl.String),
            "probability": found.certainty[order],
            "self_confidence": found.self_confidence[order],
            "loss": found.loss[order],
            "score": 1.0 - found.self_confidence[order],
        })  # fmt: skip
        said = pl.format(
            "the model says {} with {}%, and gives the label {}%",
            "proposed", *((pl.col(each) * 100).round(0).cast(pl.Int64)
                          for each in ("probability", "self_confidence")),
        )  # fmt: skip
        return rows.with_columns(reason=said), {
            "n_suspected": int(found.is_suspected.sum()),
            "share_wrong": found.share,
            "confusion": found.confusion(labels.codes[judged], labels.classes),
            "confidences": found.binned(),
            "notes": self.learned.notes,
        }

    def _next(self) -> tuple[pl.DataFrame, dict[str, Any]]:
        learned = self.learned
        chosen, notes = learned.given.unknown, learned.notes
        if self.case.answers is not None:
            chosen = self.case.answers["row"].unique().sort().to_numpy()
        elif not len(chosen):
            chosen = np.arange(self.frame.height)
            notes += ("Every row has a label, so these are the ones to label once more.",)
        pool = self._pool(chosen)
        strategy = self.asked.strategy or (USUAL if pool.said is not None else WITHOUT_MODEL)
        choice = choose(pool, strategy, self.asked.top)
        order = choice.order[: self.asked.top]
        proposed, probability = self._proposals(chosen[order])
        given = learned.given
        names = [given.classes[code] if code >= 0 else None for code in given.codes[chosen[order]]]
        reason = STRATEGIES.get(strategy).REASON
        rows = pl.DataFrame({
            "row": chosen[order],
            "given": pl.Series(names, dtype=pl.String),
            "proposed": proposed,
            "probability": probability,
            "score": choice.worth[order],
            "reason": pl.Series([reason] * len(order), dtype=pl.String),
        })  # fmt: skip
        return rows, {"strategy": strategy, "n_candidates": len(chosen), "notes": notes}

    def _proposals(self, rows: Codes) -> tuple[pl.Series, pl.Series]:
        predictions = self.learned.predictions
        if predictions is None:
            return (
                pl.Series([None] * len(rows), dtype=pl.String),
                pl.Series([None] * len(rows), dtype=pl.Float64),
            )
        said = predictions.probabilities[rows]
        best = said.argmax(axis=1)
        is_told = predictions.is_judged[rows]
        names = [
            self.learned.labels.classes[each] if told else None
            for each, told in zip(best, is_told, strict=True)
        ]
        certainty = [
            float(p) if told else None for p, told in zip(said.max(1), is_told, strict=True)
        ]
        return pl.Series(names, dtype=pl.String), pl.Series(certainty, dtype=pl.Float64)

    def _pool(self, rows: Codes) -> Pool:
        learned, asked = self.learned, self.asked
        predictions = learned.predictions
        points = learned.matrices.points
        is_labeled = np.ones(self.frame.height, dtype=np.bool_)
        is_labeled[rows] = False
        quality = self.case.quality
        if asked.quality is not None:
            quality = self.frame.get_column(asked.quality)
        votes = None
        if self.case.answers is not None:
            votes = votes_among(self.case.answers, self.frame.height)[rows]
        elif asked.labelers:
            votes = votes_of(self.frame, asked.labelers, learned.given)[rows]
        return Pool(
            points[rows],
            points[is_labeled],
            self._weights()[rows],
            self.case.seed,
            said=None if predictions is None else predictions.probabilities[rows],
            members=None if predictions is None else predictions.said.members[:, rows],
            given=learned.labels.codes[rows],
            votes=votes,
            quality=None if quality is None else _floats(quality)[rows],
            device=self.case.device,
        )

    def _weights(self) -> NDArray[np.float64]:
        if self.asked.cost is None:
            return np.ones(self.frame.height)
        cost = _floats(self.frame.get_column(self.asked.cost))
        if not (np.isfinite(cost) & (cost > 0)).all():
            raise DataError(
                f"`cost` needs a number above 0 in every row, and some of {self.asked.cost[:60]!r} "
                "are missing, infinite or not above 0: fill them"
            )
        return float(np.median(cost)) / cost

    def _accuracy(self) -> Interval | None:
        learned = self.learned
        if learned.folds is None or learned.predictions is None:
            return None
        tried = np.flatnonzero(learned.folds >= 0)
        chosen = learned.predictions.probabilities[tried].argmax(axis=1)
        return wilson(int((chosen == learned.labels.codes[tried]).sum()), len(tried))

    def _curve(self) -> Curve | None:
        learned = self.learned
        if learned.folds is None or learned.predictions is None or not (learned.folds == 0).any():
            return None
        order = None
        if self.asked.labeled_at is not None:
            order = _floats(self.frame.get_column(self.asked.labeled_at).to_physical())
        return learn(
            learned.matrices,
            learned.labels,
            learned.folds,
            order=order,
            linear_share=learned.predictions.said.share,
            seed=self.case.seed,
        )

    def _keyed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Put the keys of each row in front."""
        if not self.asked.keys:
            return rows
        keys = self.frame.select(column(name) for name in self.asked.keys)[rows["row"]]
        own = rows.rename({name: free_name(name, self.asked.keys) for name in rows.columns})
        return pl.concat([keys, own], how="horizontal")


def _floats(cells: pl.Series) -> NDArray[np.float64]:
    return cells.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _told(curve: Curve | None) -> dict[str, Any]:
    if curve is None:
        return {}
    return {
        "curve": pl.DataFrame({
            "n_labels": curve.n_labels,
            "accuracy": [each.value for each in curve.accuracies],
            "low": [each.low for each in curve.accuracies],
            "high": [each.high for each in curve.accuracies],
            "kappa": [None, *curve.stopping.kappas] if curve.stopping.kappas
            else [None] * len(curve.n_labels),
        }, schema_overrides={"kappa": pl.Float64}),
        "should_stop": curve.stopping.should_stop,
        "stopping": curve.stopping.reason,
    }  # fmt: skip
