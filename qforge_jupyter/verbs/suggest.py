"""Suggest which rows to label next, or which labels are probably wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.engine.active_learning.asked import Asked
from qforge_jupyter.engine.active_learning.labels import lacks_labels
from qforge_jupyter.engine.active_learning.many_labelers import majority_labels
from qforge_jupyter.engine.active_learning.strategies.disagreement import NOBODY
from qforge_jupyter.engine.active_learning.suggesting import SuggestCase, suggest
from qforge_jupyter.errors import CallError, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.suggestions import Suggestions
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._answers_of import (
    answers_in_columns,
    answers_in_store,
    answers_in_table,
)
from qforge_jupyter.verbs._scores_of import scores_of
from qforge_jupyter.versions.laying import pick

#: The strategy that asks what labelers said.
SPLIT = "disagreement"

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%qforge suggest golden/tiers --target tier --find errors top 50 into queue
"""


def run(
    context: Context,
    subject: Table,
    *,
    target: str,
    find: Literal["errors", "next"] | None = None,
    strategy: str | None = None,
    top: int = 50,
    by: list[str] | None = None,
    columns: list[str] | None = None,
    group: list[str] | None = None,
    labelers: list[str] | None = None,
    ratings: Table | None = None,
    labeler: str = "labeler",
    cost: str | None = None,
    quality: str | None = None,
    labeled_at: str | None = None,
    folds: int = 5,
) -> Suggestions:
    """Learn from the labels there are, with a model of its own, and suggest rows.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table; rows whose label is missing or blank count as not labeled.
    target
        The column of the labels.
    find
        errors: labels that the other labels contradict; next: rows to label. Without it next
        where a strategy is given or any row has no label, else errors.
    strategy
        How to choose what is next: uncertainty-diversity (usual), entropy, margin,
        least-confidence, committee, disagreement, diversity, density, label-error, low-score
        or random.
    top
        So many rows at most.
    by
        Columns whose values name a row; a dataset knows its own.
    columns
        Columns to learn from; all that describe a row by default.
    group
        Columns whose combined value is never learned from and judged by the same model.
    labelers
        Columns that hold what each labeler said: errors are then looked for among their
        labels, and the strategy disagreement asks them. Labels that several gave a stored
        dataset in sessions are taken by themselves, for either.
    ratings
        A table with a line an answer, instead: the keys, who spoke, and the target.
    labeler
        The column of `ratings` that says who spoke.
    cost
        Column of what it costs to label a row: worth is counted per cost.
    quality
        Column of scores for low-score; the last scores of these rows by default.
    labeled_at
        Column that says when a row was labeled, for the learning curve; at random by default.
    folds
        How often the labels are divided to predict each from the others.

    """
    asked = _asked(
        subject, target, find, strategy, top, by, columns, group, labelers, cost, quality,
        labeled_at, folds,
    )  # fmt: skip
    answers = _answers(context, subject, asked, ratings, labeler)
    if answers is not None:
        subject, asked = _voted(subject, asked, answers)
    asked.check(subject.schema)
    with telling_when_stopped("stopped before anything could be suggested; nothing was kept"):
        case = SuggestCase(
            subject,
            asked,
            quality=_quality(context, subject, asked),
            answers=answers,
            seed=context.seed,
            device=context.device,
            progress=context.progress,
        )
        return replace(suggest(case), order=subject.order)


def rehearse(
    settings: Settings,  # noqa: ARG001 — every verb's rehearsal is given them
    subject: Table,
    *,
    target: str,
    find: Literal["errors", "next"] | None = None,
    strategy: str | None = None,
    top: int = 50,
    by: list[str] | None = None,
    columns: list[str] | None = None,
    group: list[str] | None = None,
    labelers: list[str] | None = None,
    ratings: Table | None = None,  # noqa: ARG001 — read when there is work to do
    labeler: str = "labeler",  # noqa: ARG001 — as above
    cost: str | None = None,
    quality: str | None = None,
    labeled_at: str | None = None,
    folds: int = 5,
) -> None:
    """Check the columns, the strategy and the numbers."""
    asked = _asked(
        subject, target, find, strategy, top, by, columns, group, labelers, cost, quality,
        labeled_at, folds,
    )  # fmt: skip
    asked.check(subject.schema)


def _asked(  # noqa: PLR0917 — the options of the call, in their order
    subject: Table,
    target: str,
    find: Literal["errors", "next"] | None,
    strategy: str | None,
    top: int,
    by: list[str] | None,
    columns: list[str] | None,
    group: list[str] | None,
    labelers: list[str] | None,
    cost: str | None,
    quality: str | None,
    labeled_at: str | None,
    folds: int,
) -> Asked:
    """Put the question together; a stored version knows what names its rows."""
    keys = tuple(by or ()) or (subject.version.keys if subject.version else ())
    return Asked(
        target,
        find,
        strategy,
        top,
        tuple(dict.fromkeys(keys)),
        None if columns is None else tuple(columns),
        tuple(group or ()),
        tuple(labelers or ()),
        cost,
        quality,
        labeled_at,
        folds,
    )


def _answers(
    context: Context, subject: Table, asked: Asked, ratings: Table | None, labeler: str
) -> pl.DataFrame | None:
    """Give what several said, where errors or disagreement are looked for; None where one spoke."""
    is_split = asked.strategy == SPLIT
    if not is_split and (asked.find == "next" or asked.strategy is not None):
        return None
    if asked.labelers and ratings is not None:
        raise CallError("Labels come as columns and as a table: keep one of --labelers, --ratings")
    if is_split and asked.labelers:
        return None  # the columns themselves are asked
    if ratings is not None:
        target = asked.target
        found = answers_in_table(subject.frame, asked.keys, ratings, target, labeler)
    elif asked.find == "errors" and asked.labelers:
        asked.check_labelers(subject.schema)
        found = answers_in_columns(subject.frame, asked.labelers)
    elif not is_split and asked.find is None and _is_next(subject, asked.target):
        return None
    else:
        found = answers_in_store(context, subject, asked.target)
    if found["labeler"].n_unique() > 1:
        return found
    if is_split:  # said before models are fitted for nothing
        raise CallError(f"The strategy {SPLIT!r} cannot be followed: {NOBODY}")
    return None


def _is_next(subject: Table, target: str) -> bool:
    """Say whether a column of labels is there and not full yet, so that more are wanted."""
    return target in subject.schema and lacks_labels(subject.frame, target)


def _voted(subject: Table, asked: Asked, answers: pl.DataFrame) -> tuple[Table, Asked]:
    """Learn from what most labelers said of each row."""
    most = majority_labels(answers, subject.n_rows).alias(asked.target)
    others = [name for name in subject.columns if name != asked.target]
    frame = pick(subject.frame, others).hstack([most])
    table = Table(subject.name, frame.lazy(), subject.origin, version=subject.version)
    return table, replace(asked, find="next" if asked.strategy else "errors")


def _quality(context: Context, subject: Table, asked: Asked) -> pl.Series | None:
    """Give the scores of the last scoring, where the strategy asks for them."""
    if asked.strategy != "low-score" or asked.quality is not None:
        return None
    try:
        return scores_of(context, subject, None)["quality"]
    except CallError as problem:
        raise CallError(f"{problem.message}; or name a column of scores with --quality") from None
