"""What a change of the data does to scores, labels and classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import written
from qforge_jupyter.context import Context
from qforge_jupyter.engine.band_moves import band_moves, count_moves
from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.engine.split_assignment import marks_of
from qforge_jupyter.errors import QForgeError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.consequences import Consequences, Flips
from qforge_jupyter.results.diff import DiffReport
from qforge_jupyter.results.score import ScoreReport
from qforge_jupyter.verbs.score import make_card

#: A column with so many values at most is taken for classes or labels.
MOST_CLASSES = 50
#: Rows in which too many values are looked for first.
N_LOOKED_AT = 10_000


def with_consequences(
    context: Context, report: DiffReport, *, by: str | None, target: list[str] | None = None
) -> DiffReport:
    """Score both states by one card, and follow labels from value to value.

    Parameters
    ----------
    context
        The open workspace.
    report
        What differs.
    by
        A ready scorecard; None takes the one by which the dataset was scored last.
    target
        Columns to follow; None takes every changed one with few values.

    """
    if report.is_empty:
        return report
    found = Consequences(flips=_flips(report, target), splits=_splits(context, report))
    try:
        card, name = _card(context, report, by)
        if card is None:
            skipped = "Scores are not compared: score a version once, or say by which card."
            found = replace(found, skipped=(skipped,))
        else:
            found = _scored(context, report, card, name, found)
    except QForgeError as problem:
        if by is not None:
            raise
        found = replace(found, skipped=(f"Scores are not compared: {problem.message}.",))
    return replace(report, consequences=found)


def _splits(context: Context, report: DiffReport) -> tuple[tuple[str, str, int, int], ...]:
    """Count, by part of each stored split of the former state, rows that changed or went."""
    stored = context.store.splits.list()
    before = Table.of_frame(report.name, report.before)
    kept = {each.name: each for each in reversed(stored) if each.fingerprint == before.fingerprint}
    found: list[tuple[str, str, int, int]] = []
    for split in kept.values():
        named = split.plan.get("key") or report.keys
        marks = marks_of(before, [name for name in named if name in before.columns])
        here = pl.DataFrame(
            {
                "mark_a": marks[0],
                "mark_b": marks[1],
                "changed": _touched(before.n_rows, report.pairs[0][report.modified]),
                "gone": _touched(before.n_rows, report.gone),
            }
        )
        parts = context.store.splits.assignment(split).select("mark_a", "mark_b", "part").unique()
        counted = (
            here.join(parts, on=["mark_a", "mark_b"])
            .group_by("part")
            .agg(pl.sum("changed", "gone"))
        )
        counts = {part: (changed, gone) for part, changed, gone in counted.iter_rows()}
        found += [(split.name, part, *counts.get(part, (0, 0))) for part in split.fractions]
    return tuple(found)


def _touched(n_rows: int, at: NDArray[np.int64]) -> pl.Series:
    flags = np.zeros(n_rows, dtype=bool)
    flags[at] = True
    return pl.Series(flags)


def _card(context: Context, report: DiffReport, by: str | None) -> tuple[Scorecard | None, str]:
    """Take the card that was asked for, or the one that was used last."""
    if by is not None:
        table = Table.of_frame(report.name, report.before)
        return make_card(context.settings, table, by, None, None), by
    last = context.store.runs.latest("score", dataset=report.name)
    kept: dict[str, Any] = (last.report or {}).get("card", {}) if last else {}
    return (Scorecard(**kept), "the card of its last score") if kept else (None, "")


def _scored(
    context: Context, report: DiffReport, card: Scorecard, name: str, found: Consequences
) -> Consequences:
    old, new = (
        _score(context, Table.of_frame(report.name, frame), card)
        for frame in (report.before, report.after)
    )
    dimensions = [*(part.name for part in new.dimensions), "overall"]
    scores = tuple(
        (each, old.scores.get(each), new.scores.get(each))
        for each in dimensions
        if each in old.scores or each in new.scores
    )
    before = {band.name: band.n_rows for band in old.bands}
    bands = tuple((band.name, before.get(band.name, 0), band.n_rows) for band in new.bands)
    moves = count_moves(band_moves(old, new, report.pairs))
    return replace(found, card=name, scores=scores, bands=bands, moves=moves)


def _score(context: Context, table: Table, card: Scorecard) -> ScoreReport:
    return score(Case(table, card, seed=context.seed, device=context.device))


def _flips(report: DiffReport, target: list[str] | None) -> tuple[Flips, ...]:
    """Count, column by column, which value became which."""
    found = []
    for column, cells in report.changed.items():
        if target is not None and column not in target:
            continue
        kind = report.before.schema[column]
        if target is None and not _may_be_classes(kind):
            continue
        states = [frame.get_column(column) for frame in (report.before, report.after)]
        if target is None and any(_has_many(state) for state in states):
            continue
        found.append(_flip(report, column, np.flatnonzero(cells), states))
    return tuple(found)


def _may_be_classes(kind: pl.DataType) -> bool:
    is_measured = kind.is_float() or kind.is_temporal()
    return not (is_measured or kind.is_nested() or kind == pl.Binary)


def _has_many(column: pl.Series) -> bool:
    """Say whether a column has too many values to be classes; a look at its head often tells."""
    return any(part.n_unique() > MOST_CLASSES for part in (column.head(N_LOOKED_AT), column))


def _texts(column: pl.Series, name: str) -> pl.Series:
    return written(column).alias(name)


def _flip(report: DiffReport, column: str, at: Any, states: list[pl.Series]) -> Flips:
    both = pl.DataFrame(
        [
            _texts(states[0][report.pairs[0][at]], "from"),
            _texts(states[1][report.pairs[1][at]], "to"),
        ]
    )
    counts = (
        both.group_by("from", "to")
        .len("n")
        .sort(["n", "from", "to"], descending=[True, False, False])
    )
    shares = [
        state.alias("value")
        .to_frame()
        .group_by("value")
        .len(f"n{place}")
        .with_columns(pl.col("value").map_batches(written, pl.String))
        for place, state in enumerate(states)
    ]
    joined = shares[0].join(shares[1], on="value", how="full", coalesce=True, nulls_equal=True)
    said = joined.select(
        "value",
        pl.col("n0").fill_null(0) / max(1, report.before.height),
        pl.col("n1").fill_null(0) / max(1, report.after.height),
    ).sort("value", nulls_last=True)
    return Flips(column, tuple(counts.rows()), tuple(said.rows()))
