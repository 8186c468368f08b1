"""A plan of fixes, each with the gain that was measured when it was tried (S6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Document
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.listed import Listed
from qforge_jupyter.results.run import Metric


@dataclass(frozen=True)
class Gain:
    """What a fix does to the score.

    Parameters
    ----------
    before, after
        Scores, as far as copies let them count.
    value, low, high
        Their difference, with a 95 % interval.
    word_before, word_after
        The verdicts.

    """

    before: float
    after: float
    value: float
    low: float
    high: float
    word_before: str
    word_after: str

    def __str__(self) -> str:
        return f"{self.value:+.1f} ({self.low:+.1f} to {self.high:+.1f})"


@dataclass(frozen=True, eq=False, repr=False)
class Recommended(Result):
    """One fix that was tried.

    Parameters
    ----------
    place
        Its place in the plan.
    fixes
        Names of the fixes that are applied, one after the other.
    title, needs, sentence
        What it does, what it takes, and what it did in the trial.
    n_before, n_after, n_changed
        Rows in the trial.
    takes_rows
        Whether rows of the reference enter the table.
    standing
        ``helps``, ``not proven``, ``not verified``, ``no effect`` or ``harmful``.
    gain
        Measured on rows that the fix has not seen; None where it was not verified.
    estimated
        Gain by the rows that the fix has seen.
    share_copied, share_repeated, share_near, share_alike
        Rows that are rows of the reference, that repeat others, that nearly are rows of the
        reference and that nearly repeat others: before and after.
    seconds
        What applying it took.
    reference, keys, plan
        What it is applied with.

    """

    kind: ClassVar[str] = "recommendation"

    fixes: tuple[str, ...]
    title: str
    needs: str
    sentence: str
    n_before: int
    n_after: int
    n_changed: int
    takes_rows: bool
    estimated: float
    share_copied: tuple[float, float]
    share_repeated: tuple[float, float]
    share_near: tuple[float, float] = (0.0, 0.0)
    share_alike: tuple[float, float] = (0.0, 0.0)
    candidate_name: str = ""
    standing: str = "not verified"
    gain: Gain | None = None
    place: int = 0
    seconds: float = 0.0
    reference: Any = None
    keys: tuple[str, ...] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Names of its fixes in one text."""
        return "+".join(self.fixes)

    @property
    def code(self) -> str:
        """The line that applies it, if the plan is called ``plan``."""
        return f"%qforge fix {self.candidate_name} with plan[{self.place}] as trial"

    def document(self) -> Document:
        """Describe what it does and gains."""
        from qforge_jupyter.results.recommendation_page import page_of_one

        return page_of_one(self)

    def payload(self) -> dict[str, Any]:
        """Give the numbers; how long it took differs from run to run."""
        return {
            "place": self.place,
            "fixes": list(self.fixes),
            "title": self.title,
            "needs": self.needs,
            "sentence": self.sentence,
            "n_before": self.n_before,
            "n_after": self.n_after,
            "n_changed": self.n_changed,
            "takes_rows": self.takes_rows,
            "standing": self.standing,
            "gain": None if self.gain is None else asdict(self.gain),
            "estimated": self.estimated,
            "share_copied": list(self.share_copied),
            "share_repeated": list(self.share_repeated),
            "share_near": list(self.share_near),
            "share_alike": list(self.share_alike),
            "code": self.code,
        }

    def identity(self) -> dict[str, Any]:
        """Say how long it took."""
        return {"seconds": self.seconds}


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Listed, Result):
    """Fixes in the order in which to try them: ``plan[0]`` first.

    Parameters
    ----------
    candidate_name, reference_name
        The two tables of the check.
    n_tried, n_seen, n_judging
        Rows of the candidate in the trials, of the half of the reference that fixes learned
        from, and of the half that judged them.
    entries
        The fixes; what helps first, by its gain, what is harmful last.
    declined
        Fixes that could not be applied, and why.
    score, word
        Score and verdict before, on the half that judges.
    n_left
        Fixes that were not tried or not verified, for lack of time.

    """

    kind: ClassVar[str] = "plan"

    candidate_name: str
    reference_name: str
    n_tried: int
    n_seen: int
    n_judging: int
    entries: tuple[Recommended, ...]
    declined: Mapping[str, str] = field(default_factory=dict)
    score: float | None = None
    word: str = ""
    n_left: int = 0
    is_interrupted: bool = False

    @property
    def helping(self) -> tuple[Recommended, ...]:
        """Those of which it is proven that they help."""
        return tuple(each for each in self.entries if each.standing == "helps")

    @property
    def advice(self) -> str:
        """What to do, in one sentence."""
        from qforge_jupyter.results.recommendation_page import advice_of

        return advice_of(self)

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds that applying each fix took."""
        return {each.name: each.seconds for each in self.entries}

    def document(self) -> Document:
        """Describe the fixes with their gains."""
        from qforge_jupyter.results.recommendation_page import page_of

        return page_of(self)

    def payload(self) -> dict[str, Any]:
        """Give every fix with its numbers."""
        return {
            "candidate": self.candidate_name,
            "reference": self.reference_name,
            "n_tried": self.n_tried,
            "n_seen": self.n_seen,
            "n_judging": self.n_judging,
            "score": self.score,
            "verdict": self.word,
            "advice": self.advice,
            "entries": [each.payload() for each in self.entries],
            "declined": dict(self.declined),
            "n_left": self.n_left,
            "is_interrupted": self.is_interrupted,
        }

    def identity(self) -> dict[str, Any]:
        """Say how long each took."""
        return {"seconds": self.seconds}

    def metrics(self) -> tuple[Metric, ...]:
        """Name the score before, the best gain, and how many fixes help."""
        found = [Metric("n_helping", float(len(self.helping)))]
        if self.score is not None:
            found.append(Metric("score", self.score))
        if self.helping and (gain := self.helping[0].gain) is not None:
            found.append(Metric("best_gain", gain.value, low=gain.low, high=gain.high))
        return tuple(found)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the trials."""
        rows = [
            {
                "place": each.place,
                "fixes": each.name,
                "standing": each.standing,
                "before": each.gain.before if each.gain else None,
                "after": each.gain.after if each.gain else None,
                "gain": each.gain.value if each.gain else None,
                "low": each.gain.low if each.gain else None,
                "high": each.gain.high if each.gain else None,
                "estimated": each.estimated,
                "n_changed": each.n_changed,
                "n_after": each.n_after,
            }
            for each in self.entries
        ]
        return {"trials": pl.DataFrame(rows, infer_schema_length=None)} if rows else {}
