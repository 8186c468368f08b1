"""The verdict on a candidate: whether it is fit to train on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

import polars as pl

from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change, NewSignature
from qforge_jupyter.results.run import Finding, Metric
from qforge_jupyter.results.signatures import Likeness, Signature

Word = Literal["fit", "collapsed", "not enough data to say"]


@dataclass(frozen=True)
class Copying:
    """Copies among the candidate's rows.

    Parameters
    ----------
    share_copied, natural_copied, least_copied
        Rows that are in the reference too: their share, the share that is natural, and a lower
        bound of what goes beyond.
    share_repeated, natural_repeated, least_repeated
        The same of rows that occur more than once in the candidate; the natural share is that
        at the size of the smaller side.
    share_near, natural_near, least_near
        The same of rows that are much nearer to one row of the reference than to the next,
        though not equal to it.
    share_alike, natural_alike, least_alike
        The same of rows that are much nearer to one other row of the candidate than to the next.
    tolerated
        Share beyond the natural one from which on copies matter.
    is_identifiable
        Whether copies can be told from rows that are alike by nature.

    """

    share_copied: float
    natural_copied: float
    least_copied: float
    share_repeated: float
    natural_repeated: float
    least_repeated: float
    tolerated: float
    is_identifiable: bool = True
    share_near: float = 0.0
    natural_near: float = 0.0
    least_near: float = 0.0
    share_alike: float = 0.0
    natural_alike: float = 0.0
    least_alike: float = 0.0

    @property
    def lines(self) -> tuple[tuple[str, float, float, float], ...]:
        """What is copied: its name, share and natural share, and the bound of what goes beyond."""
        return (
            ("rows of the reference", self.share_copied, self.natural_copied, self.least_copied),
            ("repeated rows", self.share_repeated, self.natural_repeated, self.least_repeated),
            ("nearly rows of the reference", self.share_near, self.natural_near, self.least_near),
            ("nearly other rows", self.share_alike, self.natural_alike, self.least_alike),
        )

    @property
    def worst(self) -> float:
        """The largest of the lower bounds; 0 where copies cannot be told."""
        bounds = (self.least_copied, self.least_repeated, self.least_near, self.least_alike)
        return max(bounds) if self.is_identifiable else 0.0

    @property
    def is_flagged(self) -> bool:
        """Whether copies matter."""
        return self.worst > self.tolerated


@dataclass(frozen=True)
class DimensionScore:
    """One of the eight dimensions.

    Parameters
    ----------
    name
        As the dimension's file.
    score
        0 to 100; None where the dimension has nothing to say.
    low, high
        Between these the score lies.
    worst, at
        The statistic that decided, and the column or pair where it is largest.
    least
        The smallest effect that would have been found, in tolerances.
    declined
        Why there is no score.
    by_chance
        ``low`` of 19 of 20 sound candidates is no lower than this.

    """

    name: str
    question: str
    score: float | None = None
    low: float | None = None
    high: float | None = None
    worst: str = ""
    at: str = ""
    excess: float = 0.0
    least: float = 0.0
    declined: str = ""
    by_chance: float | None = None


@dataclass(frozen=True)
class Statistic:
    """One statistic beside its null, at ``columns``; see `engine.collapse.readings.Judged`."""

    dimension: str
    name: str
    at: str
    value: float
    expected: float
    spread: float
    low: float
    high: float
    tolerance: float
    least: float
    excess: float
    p_value: float
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnPicture:
    """One column on both sides: shares of its values in the same bins."""

    title: str
    labels: tuple[str, ...]
    candidate: tuple[float, ...]
    reference: tuple[float, ...]
    apart: float


@dataclass(frozen=True, eq=False, repr=False)
class Verdict(Result):
    """Whether a candidate is fit to train on, and what that rests on.

    Parameters
    ----------
    candidate_name, reference_name, n_candidate, n_reference
        The two tables.
    verdict
        ``fit``, ``collapsed`` or ``not enough data to say``.
    score, low, high
        Of the eight dimensions together, 0 to 100.
    p_value, false_alarms
        Joint p-value of all statistics, and the share of sound candidates that may be called
        collapsed.
    dimensions, statistics
        The eight dimensions, and what they were read from.
    copying
        What is copied; apart from the score.
    because
        What made it collapsed, the worst first.
    n_needed
        Rows a side at which there would be enough to say.
    columns, left_out
        How many columns were compared, and why the others were not.
    pictures
        The columns that differ most.
    candidate, reference, plan
        The tables themselves and how they were compared, for `localize` and `recommend`.
    n_draws, n_draws_asked
        Draws from the null that the verdict rests on, and those there should have been.
    signature, looks_like
        What it has in common with checks that failed alike, and the modes of the nearest ones.
    unsettled
        What is open where there is not enough data to say, what takes most rows first.
    run_id
        Of the call that made it; empty outside of one.

    """

    kind: ClassVar[str] = "verdict"

    candidate_name: str
    reference_name: str
    n_candidate: int
    n_reference: int
    verdict: Word
    score: float
    low: float
    high: float
    p_value: float
    false_alarms: float
    dimensions: tuple[DimensionScore, ...]
    statistics: pl.DataFrame
    copying: Copying
    because: tuple[str, ...] = ()
    n_needed: int | None = None
    n_columns: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[ColumnPicture, ...] = ()
    notes: tuple[str, ...] = ()
    candidate: Any = None
    reference: Any = None
    plan: Mapping[str, Any] = field(default_factory=dict)
    n_draws: int = 0
    n_draws_asked: int = 0
    signature: Signature | None = None
    looks_like: tuple[Likeness, ...] = ()
    unsettled: tuple[str, ...] = ()
    run_id: str = ""

    @property
    def is_interrupted(self) -> bool:
        """Whether it was stopped, and rests on the draws that there were."""
        return self.n_draws < self.n_draws_asked

    def document(self) -> Document:
        """Describe the verdict, its bars and what is worst."""
        from qforge_jupyter.results.collapse_page import page_of

        return page_of(self)

    def payload(self) -> dict[str, Any]:
        """Give the typed JSON content."""
        return {
            "candidate": {"name": self.candidate_name, "n_rows": self.n_candidate},
            "reference": {"name": self.reference_name, "n_rows": self.n_reference},
            "verdict": self.verdict,
            "score": self.score,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
            "false_alarms": self.false_alarms,
            "n_needed": self.n_needed,
            "because": list(self.because),
            "unsettled": list(self.unsettled),
            "dimensions": [asdict(each) for each in self.dimensions],
            "copying": {**asdict(self.copying), "is_flagged": self.copying.is_flagged},
            "statistics": self.statistics.rows(named=True),
            "n_columns": self.n_columns,
            "left_out": dict(self.left_out),
            "columns": [asdict(each) for each in self.pictures],
            "looks_like": [asdict(each) for each in self.looks_like],
            "notes": list(self.notes),
            "n_draws": self.n_draws,
            "n_draws_asked": self.n_draws_asked,
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Name the score, the p-value, each dimension and the copied share."""
        found = [Metric("score", self.score), Metric("p_value", self.p_value)]
        found += [
            Metric(each.name, each.score) for each in self.dimensions if each.score is not None
        ]
        found += [
            Metric("share_copied", self.copying.share_copied),
            Metric("share_repeated", self.copying.share_repeated),
            Metric("share_nearly_copied", self.copying.share_near),
            Metric("share_nearly_repeated", self.copying.share_alike),
        ]
        return tuple(found)

    def findings(self) -> tuple[Finding, ...]:
        """Name what made it collapsed."""
        if self.verdict != "collapsed":
            return ()
        n = self.n_candidate
        return tuple(Finding("collapse", each, n, "high") for each in self.because)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the statistics."""
        return {"statistics": self.statistics}

    def changes(self) -> tuple[Change, ...]:
        """Remember the signature with the run."""
        return () if self.signature is None else (self.kept_signature(self.signature),)

    def changes_if_refused(self) -> tuple[Change, ...]:
        """Remember it too: what failed is what one wants to know again."""
        return self.changes()

    def kept_signature(self, signature: Signature) -> NewSignature:
        """Give what is remembered of this check."""
        about = {
            "candidate": self.candidate_name,
            "reference": self.reference_name,
            "verdict": self.verdict,
            "score": self.score,
            "n_rows": self.n_candidate,
            "n_columns": self.n_columns,
        }
        return NewSignature(self.run_id, signature, about)

    def __bool__(self) -> bool:
        """Say whether the candidate is fit."""
        return self.verdict == "fit"
