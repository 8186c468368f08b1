"""All figures of a dashboard as plain values, of a size that does not grow with the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.engine.difficulty import divided, slowest, unsurest
from qforge_jupyter.engine.labeling_pace import labels_over
from qforge_jupyter.labeling.covering import coverage_of
from qforge_jupyter.labeling.folding_frames import STATUSES, Folded
from qforge_jupyter.labeling.labeler_figures import labelers_of, sessions_of
from qforge_jupyter.labeling.measured import Measured
from qforge_jupyter.labeling.plan import VERDICT
from qforge_jupyter.labeling.question_figures import figures_of
from qforge_jupyter.labeling.questions import Question, question_of
from qforge_jupyter.labeling.rows import LABELS, TYPES, Rows
from qforge_jupyter.labeling.rows import STATUSES as STATUS_COLUMNS
from qforge_jupyter.results.label_events import LabelingSession
from qforge_jupyter.store.commits import KeptCommit

MOST_QUESTIONS = 20
MOST_VERSIONS = 200
_NOMINAL = ("choose", "several")


@dataclass(frozen=True)
class Told:
    """What was said: the sessions, every label whose row is there, and what is true by now."""

    sessions: tuple[LabelingSession, ...] = field(repr=False)
    events: pl.DataFrame = field(repr=False)
    folded: Folded = field(repr=False)

    @property
    def questions(self) -> dict[str, Question]:
        """Every question that was asked, as it was asked last."""
        found: dict[str, Question] = {}
        for session in self.sessions:
            for payload in session.detail.get("questions", ()):
                if session.kind != "validation" or payload["name"] != VERDICT:
                    found[payload["name"]] = question_of(payload)
        return found

    @property
    def nominal(self) -> pl.DataFrame:
        """The answers that count, say something, and can only be the same or not."""
        names = [one.name for one in self.questions.values() if one.kind in _NOMINAL]
        answers = self.folded.answers.filter(pl.col("type") != "cant_tell")
        return answers.filter(pl.col("question").is_in(names))


def figures_of_board(
    name: str, rows: Rows, told: Told, commits: Sequence[KeptCommit], measured: Measured
) -> dict[str, Any]:
    """Give every figure of a dataset.

    Parameters
    ----------
    name
        Of the dataset.
    rows
        Of the version that is looked at.
    told
        What was said of them.
    commits
        The versions of the dataset, the latest first.
    measured
        What runs found of the rows.

    """
    answers, spoken = told.folded.answers, told.folded.items
    last = told.events["at"].max()
    return {
        "dataset": name,
        "version": rows.commit[:12],
        "n_rows": rows.frame.height,
        "n_spoken": spoken.height,
        "n_answers": answers.height,
        "n_labelers": answers["labeler"].n_unique(),
        "n_sessions": len(told.sessions),
        "last_at": last.isoformat() if last is not None else "",  # type: ignore[union-attr]
        "status": _status(rows, spoken),
        "types": rows.counts(TYPES),
        "statuses": rows.counts(STATUS_COLUMNS),
        "questions": _questions(rows, told),
        "tiers": measured.tiers,
        "labelers": labelers_of(rows, told),
        "sessions": sessions_of(rows, told),
        "pace": _pace(told.folded.living),
        "growth": _growth(commits),
        "difficulty": _difficulty(rows, told),
        "suspected": measured.suspected,
        "model": measured.model,
        "coverage": coverage_of(rows, told, measured.bands),
    }


def _status(rows: Rows, spoken: pl.DataFrame) -> list[list[Any]]:
    counted = dict(spoken["status"].cast(pl.String).value_counts().iter_rows())
    counted["pending"] = rows.frame.height - spoken.height + counted.get("pending", 0)
    return [[each, int(counted.get(each, 0))] for each in STATUSES]


def _questions(rows: Rows, told: Told) -> list[dict[str, Any]]:
    found = []
    for question in list(told.questions.values())[:MOST_QUESTIONS]:
        is_it = pl.col("question") == question.name
        answers, cases = told.folded.answers.filter(is_it), told.folded.cases.filter(is_it)
        extra = _unsaid(rows, question.name, cases) if question.kind == "choose" else _nothing()
        found.append(figures_of(question, answers, cases, extra))
    return found or _of_a_column(rows)


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={"text": pl.String})


def _unsaid(rows: Rows, question: str, cases: pl.DataFrame) -> pl.DataFrame:
    """Give the labels in the dataset itself of rows of which nobody says one."""
    if not rows.has_texts(question):
        return _nothing()
    said = cases.filter(pl.col("value").is_not_null()).select("item")
    own = rows.frame.select(text=column(question).cast(pl.String, strict=False))
    own = own.with_row_index("item").with_columns(pl.col("item").cast(pl.Int64)).drop_nulls()
    return own.join(said, on="item", how="anti").select("text")


def _of_a_column(rows: Rows) -> list[dict[str, Any]]:
    """Count the labels that rows brought with them, where nobody was asked for any."""
    counted = rows.counts(LABELS)
    if counted is None:
        return []
    balance = [[value, n] for value, n in counted["counts"] if value is not None]
    return [
        {
            "name": counted["column"],
            "kind": "column",
            "n_answers": 0,
            "n_items": sum(n for _, n in balance),
            "n_cant_tell": 0,
            "n_valued": sum(n for _, n in balance),
            "how": [],
            "balance": balance,
            "n_more": counted["n_more"],
            "histogram": None,
            "agreement": [],
            "pairs": None,
            "note": "Nobody was asked yet: these labels stand in the dataset.",
        }
    ]


def _pace(living: pl.DataFrame) -> dict[str, Any]:
    once = living.filter(pl.col("type") != "skip").unique(["session", "submission"])
    unit, points = labels_over(once["at"])
    return {"unit": unit, "points": [list(each) for each in points]}


def _growth(commits: Sequence[KeptCommit]) -> list[list[Any]]:
    """Give the rows of each version, the oldest first."""
    shown = list(commits)[:MOST_VERSIONS]
    return [
        [one.committed_at.isoformat(), one.n_rows - one.n_forgotten, one.short, one.message[:80]]
        for one in reversed(shown)
    ]


def _difficulty(rows: Rows, told: Told) -> dict[str, list[list[Any]]]:
    answers = told.folded.answers
    found = {
        "divided": divided(told.nominal),
        "unsure": unsurest(answers),
        "slow": slowest(answers),
    }
    return {
        name: [[rows.key(place), *rest] for place, *rest in frame.iter_rows()]
        for name, frame in found.items()
    }
