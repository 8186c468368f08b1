"""How far labelers agree, and the labels made of what they said (G6)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Document, Tone
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.run import Finding, Metric
from qforge_jupyter.results.uncertainty import NotApplicable

#: Alpha from which conclusions can be drawn, firm and tentative ones (Krippendorff 2019, ch. 12).
RELIABLE, TENTATIVE = 0.8, 0.667
#: So many questions and labelers have metrics of their own.
METRICS_AT_MOST = 200
#: So many lines of each table are in the payload; frames hold all.
LINES_AT_MOST = 400


@dataclass(frozen=True)
class Fit:
    """How the labels of one question were found.

    Parameters
    ----------
    question
        Its name; empty where there is but one.
    method
        ``majority``, ``dawid-skene`` or ``one-coin``.
    n_iterations, is_converged, log_likelihood
        Of EM; none for the majority.

    """

    question: str
    method: str
    n_iterations: int = 0
    is_converged: bool = True
    log_likelihood: float | None = None


@dataclass(frozen=True, eq=False, repr=False)
class AgreementReport(Result):
    """The agreement of labelers, by question, pair, label and time.

    Parameters
    ----------
    table, item
        Name of the table, and of its column of items.
    level, is_level_given
        What the values mean, and whether somebody said so.
    confidence, seed
        Of the intervals.
    n_ratings, n_missing, n_repeated
        Ratings used; rows without item, labeler, value or question; ratings that a later
        one of the same labeler replaced.
    has_time
        Whether the table says when.
    questions
        One row a question: question, n_items, n_pairable, n_ratings, n_labelers,
        n_categories, alpha.
    coefficients
        question, coefficient, value, low, high, method, n_items, reason, note.
    pairs
        question, first, second, n_items, percent, kappa, reason.
    by_label
        question, label, n_ratings, share, specific (agreement), kappa, reason.
    over_time
        question, window, start, end, n_items, percent, alpha, low, high, reason.
    labelers
        question, labeler, n_ratings, confirmed, quality.
    labels
        question, item, label (none where tied), posterior, n_ratings, is_open;
        empty where no labels were asked for.
    confusion
        question, labeler, true, given, probability; of ``dawid-skene``.
    fits
        How labels were found.
    notes
        What to know.

    """

    kind: ClassVar[str] = "agreement"

    table: str
    item: str
    level: str
    is_level_given: bool
    confidence: float
    seed: int
    n_ratings: int
    n_missing: int
    n_repeated: int
    has_time: bool
    questions: pl.DataFrame
    coefficients: pl.DataFrame
    pairs: pl.DataFrame
    by_label: pl.DataFrame
    over_time: pl.DataFrame
    labelers: pl.DataFrame
    labels: pl.DataFrame = field(default_factory=pl.DataFrame)
    confusion: pl.DataFrame = field(default_factory=pl.DataFrame)
    fits: tuple[Fit, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def alpha_name(self) -> str:
        """Name of the alpha at this level."""
        return f"Krippendorff's alpha, {self.level}"

    @property
    def alpha(self) -> float | None:
        """Krippendorff's alpha, the lowest of all questions; None where there is none."""
        value = self.questions["alpha"].min()
        return None if value is None else float(str(value))

    def coefficient(self, name: str, question: str = "") -> Interval | NotApplicable:
        """Give one coefficient with its interval, or why there is none.

        Parameters
        ----------
        name
            As in ``coefficients``, e.g. ``Fleiss' kappa``.
        question
            Of which question, where there are several.

        Raises
        ------
        CallError
            There is no such coefficient or question.

        """
        known = self.questions["question"].to_list()
        if question not in known:
            raise CallError(f"No question named {question!r}{nearest(question, known)}")
        of_it = self.coefficients.filter(pl.col("question") == question)
        found = of_it.filter(pl.col("coefficient") == name)
        if not found.height:
            raise CallError(
                f"No coefficient named {name!r}{nearest(name, of_it['coefficient'].to_list())}"
            )
        line = found.row(0, named=True)
        if line["value"] is None:
            return NotApplicable(line["reason"], line["n_items"])
        low, high = (
            float("nan") if line[end] is None else float(line[end]) for end in ("low", "high")
        )
        return Interval(
            line["value"], low, high, self.confidence, line["method"], line["n_items"], line["note"]
        )

    @property
    def n_open(self) -> int:
        """Items whose label is a tie."""
        return int(self.labels["is_open"].sum()) if self.labels.height else 0

    def metrics(self) -> tuple[Metric, ...]:
        """Give every coefficient of each question, and the open labels."""
        found = [
            Metric(
                _plain(line["coefficient"]),
                line["value"],
                line["question"] or "dataset",
                line["low"],
                line["high"],
                None if line["low"] is None else self.confidence,
                line["method"],
            )
            for line in self.coefficients.iter_rows(named=True)
            if line["value"] is not None
        ]
        labels = (Metric("open_labels", self.n_open),) if self.labels.height else ()
        return (*found[:METRICS_AT_MOST], *labels)

    def findings(self) -> tuple[Finding, ...]:
        """Name the questions on which labelers agree too little, and labels that stay open."""
        found = [
            Finding(
                "low agreement",
                f"agreement on {line['question'] or self.table}",
                line["n_items"],
                "high" if line["value"] < TENTATIVE / 2 else "medium",
                method=self.alpha_name,
                statistic=line["value"],
                low=line["low"],
                high=line["high"],
                note=f"below {TENTATIVE:g}, from which tentative conclusions can be drawn",
            )
            for line in self.coefficients.iter_rows(named=True)
            if line["coefficient"] == self.alpha_name
            and line["value"] is not None
            and line["value"] < TENTATIVE
        ]
        if not self.n_open:
            return tuple(found)
        items = self.labels.filter("is_open")["item"].head(100).cast(pl.String).to_list()
        name = "labels that stay open"
        tied = Finding("open label", name, self.n_open, "low", self.item, entities=tuple(items))
        return (*found, tied)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Give every table that has rows."""
        names = ("coefficients", "pairs", "by_label", "over_time", "labelers", "labels")
        every = {name: getattr(self, name) for name in (*names, "confusion")}
        return {name: frame for name, frame in every.items() if frame.height}

    def payload(self) -> dict[str, Any]:
        """Give the counts, the coefficients and what stands on the page."""
        return {
            "table": self.table,
            "item": self.item,
            "level": self.level,
            "confidence": self.confidence,
            "seed": self.seed,
            "n_ratings": self.n_ratings,
            "n_missing": self.n_missing,
            "n_repeated": self.n_repeated,
            "questions": self.questions.head(LINES_AT_MOST).to_dicts(),
            "coefficients": self.coefficients.head(LINES_AT_MOST).to_dicts(),
            "pairs": self.pairs.head(LINES_AT_MOST).to_dicts(),
            "by_label": self.by_label.head(LINES_AT_MOST).to_dicts(),
            "over_time": self.over_time.head(LINES_AT_MOST).to_dicts(),
            "labelers": self.labelers.head(LINES_AT_MOST).to_dicts(),
            "n_labels": self.labels.height,
            "n_open": self.n_open,
            "fits": [vars(fit) for fit in self.fits],
            "notes": list(self.notes),
        }

    def document(self) -> Document:
        """Describe how far labelers agree, and where they do not."""
        from qforge_jupyter.results.agreement_page import page_of

        return page_of(self)


def tone_of(alpha: float | None) -> Tone:
    """Judge an alpha by what may be concluded from such data.

    Examples
    --------
    >>> tone_of(0.85), tone_of(0.7), tone_of(0.2), tone_of(None)
    ('good', 'fair', 'caution', 'neutral')

    """
    if alpha is None:
        return "neutral"
    if alpha < 0:
        return "bad"
    return "good" if alpha >= RELIABLE else "fair" if alpha >= TENTATIVE else "caution"


def _plain(coefficient: str) -> str:
    """Write a name of letters and underscores, as in ``krippendorff_alpha_nominal``."""
    return re.sub(r"[^a-z0-9]+", "_", coefficient.lower().replace("'s", "").replace("'", ""))
