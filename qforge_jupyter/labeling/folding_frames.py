"""What is true of all items at once: the fold of `folding`, over one frame of labels."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qforge_jupyter.results.label_events import NOT_ASKED, LabelingSession

#: What becomes of an item; `skipped` and `can't tell` are those that nobody answered otherwise.
STATUSES = ("pending", "labeled", "validated", "rejected", "skipped", "can't tell")
_STATUS = pl.Enum(STATUSES)
_NOT_ASKED = json.dumps(NOT_ASKED)
_VALIDATED = json.dumps("validated")
_SESSIONS: dict[str, Any] = {
    "session": pl.String,
    "kind": pl.String,
    "plan": pl.String,
    "overlap": pl.Int64,
}
_ANSWER = ("item", "labeler", "question")
_CASE = ("item", "question")


@dataclass(frozen=True)
class Folded:
    """What people say of the items of a dataset.

    Parameters
    ----------
    living
        Labels that were not taken back, in order, with the ``kind`` and the ``overlap`` of
        their session.
    answers
        The answers that count: none that was taken back, rejected or corrected by somebody.
    items
        One line for each item that somebody spoke of: ``item``, ``status``.
    cases
        One line for each question of an item that has an answer: ``item``, ``question``,
        ``how`` it was decided, ``value`` (what most say, none where there is a tie),
        ``n_said``, ``n_votes``, ``n_top`` and ``n_second``.

    """

    living: pl.DataFrame = field(repr=False)
    answers: pl.DataFrame = field(repr=False)
    items: pl.DataFrame = field(repr=False)
    cases: pl.DataFrame = field(repr=False)


def fold_frame(events: pl.DataFrame, sessions: Iterable[LabelingSession]) -> Folded:
    """Fold the labels of a dataset.

    Parameters
    ----------
    events
        As `store.labels.Labels.frame` gives them, by position.
    sessions
        Of the dataset.

    """
    living = _living(events).join(
        _frame_of(sessions), on="session", how="left", maintain_order="left"
    )
    living = living.with_columns(
        pl.col("kind").fill_null("initial"), pl.col("overlap").fill_null(1)
    )
    judged = living.filter(pl.col("type") == "validation")
    given = living.filter(pl.col("type").is_in(["answer", "cant_tell"]))
    asked = given.filter(pl.col("value") != _NOT_ASKED)
    answers = _counting(given, asked, judged)
    items = _items(living, judged, asked, answers)
    return Folded(living, answers, items, _cases(living, answers, items))


def _living(events: pl.DataFrame) -> pl.DataFrame:
    """Leave out what was taken back; an undo of an undo brings it back."""
    is_word = ~pl.col("type").is_in(["undo", "forgotten"])
    undos = events.filter(pl.col("type") == "undo")
    if undos.is_empty():
        return events.filter(is_word)
    targets = undos["value"].str.json_path_match("$.submission")
    undone: set[tuple[str, str]] = set()
    told = zip(undos["session"], undos["submission"], targets, strict=True)
    for session, submission, target in reversed(list(told)):  # the last word counts
        if (session, submission) not in undone:
            undone.add((session, target))
    gone = pl.DataFrame(
        list(undone), schema={"session": pl.String, "submission": pl.String}, orient="row"
    )
    return events.filter(is_word).join(
        gone, on=["session", "submission"], how="anti", maintain_order="left"
    )


def _frame_of(sessions: Iterable[LabelingSession]) -> pl.DataFrame:
    lines = [(one.id, one.kind, one.plan, int(one.detail.get("overlap", 1))) for one in sessions]
    return pl.DataFrame(lines, schema=_SESSIONS, orient="row")


def _counting(given: pl.DataFrame, asked: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    last = given.unique(_ANSWER, keep="last", maintain_order=True)
    last = last.filter(pl.col("value") != _NOT_ASKED)
    rejected = judged.filter(pl.col("value") != _VALIDATED)
    rejected = rejected.group_by("item").agg(rejected=pl.col("position").max())
    rounds = asked.filter(pl.col("kind") == "correction")
    is_new = pl.col("plan").ne_missing(pl.col("plan").shift(1)).over(_CASE)
    begun = rounds.filter(is_new).group_by(_CASE).agg(begun=pl.col("position").max())
    last = last.join(rejected, on="item", how="left", maintain_order="left")
    last = last.join(begun, on=_CASE, how="left", maintain_order="left")
    since = pl.max_horizontal(pl.col("rejected").fill_null(0), pl.col("begun").fill_null(0))
    return last.filter(pl.col("position") >= since).drop("rejected", "begun")


def _items(
    living: pl.DataFrame, judged: pl.DataFrame, asked: pl.DataFrame, answers: pl.DataFrame
) -> pl.DataFrame:
    is_validated = pl.col("value") == _VALIDATED
    verdict = pl.when(is_validated).then(pl.lit("validated")).otherwise(pl.lit("rejected"))
    told = pl.concat([
        judged.select("item", "position", status=verdict),
        asked.filter(pl.col("kind") != "validation").select(
            "item", "position", status=pl.lit("labeled")
        ),
    ])  # fmt: skip
    status = told.sort("position").unique("item", keep="last", maintain_order=True)
    passed = living.unique(["item", "session"], keep="last").filter(pl.col("type") == "skip")
    skipped = passed.select("item", is_skipped=pl.lit(value=True)).unique()
    unsure = answers.group_by("item").agg(is_unsure=(pl.col("type") == "cant_tell").all())
    spoken = living.select("item").unique(maintain_order=True)
    for one in (status.select("item", "status"), skipped, unsure):
        spoken = spoken.join(one, on="item", how="left", maintain_order="left")
    is_labeled = pl.col("status") == "labeled"
    found = (
        pl.when(is_labeled & pl.col("is_unsure"))
        .then(pl.lit("can't tell"))
        .when(pl.col("status").is_null() & pl.col("is_skipped"))
        .then(pl.lit("skipped"))
        .otherwise(pl.col("status").fill_null("pending"))
    )
    return spoken.select("item", status=found.cast(_STATUS))


def _cases(living: pl.DataFrame, answers: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    votes = answers.filter(pl.col("type") != "cant_tell").group_by(*_CASE, "value").len("n")
    votes = votes.sort("n", "value", descending=[True, False])
    most = votes.group_by(_CASE, maintain_order=True).agg(
        top=pl.col("value").first(),
        n_votes=pl.col("n").sum(),
        n_top=pl.col("n").first(),
        n_second=pl.col("n").get(1, null_on_oob=True).fill_null(0),
    )
    said = answers.group_by(_CASE, maintain_order=True).agg(
        n_said=pl.len(), needed=pl.col("overlap").max()
    )
    settled = living.filter(pl.col("type") == "adjudication").unique(_CASE, keep="last")
    settled = settled.select(*_CASE, settled=pl.col("value"))
    cases = said.join(most, on=_CASE, how="left", maintain_order="left")
    cases = cases.join(settled, on=_CASE, how="full", coalesce=True, maintain_order="left")
    cases = cases.join(items, on="item", how="left", maintain_order="left")
    is_clear = pl.col("n_top") > pl.col("n_second")
    best = pl.when(is_clear & (pl.col("status") != "rejected")).then(pl.col("top"))
    numbers = ("n_said", "n_votes", "n_top", "n_second")
    return cases.select(
        *_CASE,
        *(pl.col(name).fill_null(0).cast(pl.Int64) for name in numbers),
        how=_how(),
        value=pl.coalesce("settled", best),
    )


def _how() -> pl.Expr:
    """Say how a question of an item was decided, in the words of `deciding`."""
    return (
        pl.when(pl.col("settled").is_not_null())
        .then(pl.lit("settled"))
        .when(pl.col("status") == "rejected")
        .then(pl.lit("rejected"))
        .when(pl.col("n_votes").is_null())
        .then(pl.lit("nobody can tell"))
        .when(pl.col("n_said") < pl.col("needed"))
        .then(pl.lit("incomplete"))
        .when(pl.col("n_second") == 0)
        .then(pl.lit("agreed"))
        .otherwise(pl.lit("open"))
    )
