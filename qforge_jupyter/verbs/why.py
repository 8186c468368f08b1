"""Explain a score, or tell the whole life of a row of a stored dataset."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.context import Context
from qforge_jupyter.documents.blocks import Block, Facts, Grid, Text
from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.biography import Biography
from qforge_jupyter.results.failures import failing_rows
from qforge_jupyter.results.page import Page
from qforge_jupyter.results.score import ScoreReport
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._biography import tell
from qforge_jupyter.verbs._split_parts import refuse_part

EXAMPLE = """\
%qforge why golden/tiers --key 1017
"""


def run(
    context: Context,
    subject: ScoreReport | str,
    *,
    at: int | None = None,
    key: str = "",
    where: str = "",
    top: int = 10,
) -> Page | Biography:
    """Explain what a row, or a table, was marked down for; or tell a row's life.

    Parameters
    ----------
    context
        The open workspace.
    subject
        A score report; or a stored dataset, of which a row is followed from the
        version that brought it on: changed, scored, flagged, split, exported,
        trained on.
    at
        Position of the row, counted from 0; without it the whole table.
    key
        Of a stored dataset: the values that name the row, with commas between them.
    where
        Of a stored dataset: a rule that holds for that row only.
    top
        How many rows to show for the whole table.

    """
    if isinstance(subject, str):
        refuse_part(
            context, subject, "ask for a row of the dataset, whose life tells its part: --key VALUE"
        )
        return tell(context, subject, key=key, at=at, where=where)
    if key or where:
        raise CallError("`key` and `where` find a row of a stored dataset: of a report, say `at`")
    return _row(subject, at) if at is not None else _table(subject, top)


def rehearse(
    settings: Settings,  # noqa: ARG001 - every verb has one shape
    subject: ScoreReport | str,
    *,
    at: int | None = None,
    key: str = "",  # noqa: ARG001 - every verb has one shape
    where: str = "",  # noqa: ARG001 - every verb has one shape
    top: int = 10,
) -> None:
    """Check that there is such a row."""
    if isinstance(subject, str):
        return
    if at is not None:
        subject.should_exclude(at)
    elif top < 1:
        _table(subject, top)


def _row(report: ScoreReport, row: int) -> Page:
    is_excluded, reasons = report.should_exclude(row)
    scores = report.rows.row(row, named=True)
    bad = failing_rows(report.checks, report.source, np.array([row], np.uint32), keys=report.keys)
    named = ("overall", *(part.name for part in report.dimensions if part.score))
    blocks: list[Block] = [
        Facts((*((name, scores[name]) for name in named), ("band", scores["band"])))
    ]
    if bad.height:
        shown = bad.select("check", "dimension", "observed", "expected").rows()
        blocks.append(Grid(("check", "dimension", "observed", "expected"), tuple(shown)))
    else:
        blocks.append(Text("Every check that could be asked holds."))
    if scores["is_outlier"]:
        blocks.append(Text("A value of this row is an outlier: `%qforge outliers` says which."))
    unasked = _not_evaluable(report, row)
    if unasked:
        blocks.append(Text(f"Not evaluable here: {', '.join(unasked)}."))
    verdict = f"left out: {reasons}" if is_excluded else "ML-ready"
    content = {
        "row": row,
        "reasons": reasons,
        "scores": {k: scores[k] for k in named},
        "bad": bad.to_dicts(),
    }
    return Page(
        f"Row {row} of {report.name}",
        verdict,
        "bad" if is_excluded else "good",
        tuple(blocks),
        content,
        bad,
    )


def _not_evaluable(report: ScoreReport, row: int) -> list[str]:
    """Name the checks that this row could not answer, by asking it again."""
    alone = Table.of_frame(report.name, report.source.slice(row, 1).collect())
    card = Scorecard(**{**report.card, "outliers": "none", "accuracy": {}})
    again = score(Case(alone, card))
    return [check.name for check in again.checks if check.n_not_evaluable]


def _table(report: ScoreReport, top: int) -> Page:
    if top < 1:
        raise CallError(f"`top` is {top} and must be at least 1")
    order = sorted((check for check in report.checks if check.n_failed), key=lambda c: -c.n_failed)
    lost = _lost(report)
    blocks: list[Block] = [Grid(("dimension", "score", "points lost of the overall"), lost)]
    checks = tuple((c.name, c.expected, c.n_failed) for c in order[:top])
    if checks:
        blocks.append(
            Grid(("check", "expected", "rows failing"), checks, n_more=max(0, len(order) - top))
        )
    if report.worst.height:
        rows = report.worst.select("row", "check", "observed", "expected").head(top).rows()
        blocks.append(
            Grid(
                ("row", "check", "observed", "expected"), tuple(rows), "rows with the lowest scores"
            )
        )
    overall = report.overall.value if report.overall else None
    verdict = "no overall score" if overall is None else f"overall {overall:.3f}"
    content = {"lost": [list(row) for row in lost], "checks": [list(row) for row in checks]}
    return Page(
        f"Why {report.name} scores so", verdict, "neutral", tuple(blocks), content, report.worst
    )


def _lost(report: ScoreReport) -> tuple[tuple[str, float | None, float | None], ...]:
    held = sum(part.weight for part in report.dimensions if part.score and part.weight)
    return tuple(
        (
            part.name,
            round(part.score.value, 4) if part.score else None,
            round((1 - part.score.value) * part.weight / held, 4) if part.score and held else None,
        )
        for part in report.dimensions
        if part.weight
    )
