"""The quality of a sky dataset, dimension by dimension (A4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Bar, Bars, Block, Document, Facts, Grid, Headline, Tone
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Finding, Metric

#: From here on a dataset is taken for good.
GOOD = 0.8


@dataclass(frozen=True)
class Scored:
    """One dimension: its score, facts to read beside it, what is wrong, and a value a row."""

    score: float
    facts: tuple[tuple[str, str], ...] = ()
    issues: tuple[str, ...] = ()
    rows: pl.Series | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, repr=False, eq=False)
class DataQualityReport(Result):
    """How good a dataset of cut-outs is to train on.

    Attributes
    ----------
    total_samples
        Detections with a cut-out.
    anomaly_ratio
        Share of those with an anomaly type; None where none has one.
    dimensions
        Score and issues by dimension.
    not_measured
        Why a dimension has no score.
    quality_score
        The weighted mean of the scores that there are, 0 to 1.

    """

    kind: ClassVar[str] = "sky quality"

    name: str
    total_samples: int
    anomaly_ratio: float | None
    dimensions: Mapping[str, Scored]
    not_measured: Mapping[str, str]
    weights: Mapping[str, float]
    quality_score: float

    def score_of(self, name: str) -> float | None:
        """Give the score of a dimension, or of the whole as ``quality``."""
        if name == "quality":
            return self.quality_score
        found = self.dimensions.get(name.replace("_", "-"))
        return None if found is None else found.score

    @property
    def image_quality_score(self) -> float | None:
        """Noise, saturation, seeing, blank pixels and background."""
        return self.score_of("image_quality")

    @property
    def label_consistency(self) -> float | None:
        """Share of the detections with the commonest type of their object."""
        return self.score_of("label_consistency")

    @property
    def temporal_distribution(self) -> float | None:
        """Share of the months that hold a detection."""
        return self.score_of("temporal_distribution")

    @property
    def survey_coverage(self) -> float | None:
        """Share of the surveys that hold a detection."""
        return self.score_of("survey_coverage")

    @property
    def issues(self) -> tuple[str, ...]:
        """All that is wrong, in one list."""
        return tuple(issue for each in self.dimensions.values() for issue in each.issues)

    def blocks(self) -> tuple[Block, ...]:
        """Draw the dimensions and what is wrong."""
        bars = [
            Bar(name.replace("-", " "), round(each.score, 4), tone=_tone(each.score),
                note=f"weight {self.weights[name]:g}")
            for name, each in self.dimensions.items()
        ]  # fmt: skip
        bars += [
            Bar(name.replace("-", " "), None, note=reason)
            for name, reason in self.not_measured.items()
        ]
        found: list[Block] = [
            Bars(
                (
                    Bar("quality", round(self.quality_score, 4), tone=_tone(self.quality_score)),
                    *bars,
                ),
                "Quality of the dataset",
            )
        ]
        if self.issues:
            found.append(Grid(("issue",), tuple((issue,) for issue in self.issues)))
        return tuple(found)

    def document(self) -> Document:
        """Draw the report."""
        ratio = None if self.anomaly_ratio is None else round(self.anomaly_ratio, 4)
        facts = Facts((("samples", self.total_samples), ("anomaly ratio", ratio)))
        n = len(self.issues)
        said = f"quality {self.quality_score:.2f}, {n} issue{'s' * (n != 1)}"
        head = Headline(round(self.quality_score, 2), "quality")
        title = f"Quality of {self.name}"
        return Document(title, said, _tone(self.quality_score), (facts, *self.blocks()), head)

    def payload(self) -> dict[str, Any]:
        """Give the scores and the issues."""
        return {
            "total_samples": self.total_samples,
            "anomaly_ratio": self.anomaly_ratio,
            "image_quality_score": self.image_quality_score,
            "label_consistency": self.label_consistency,
            "temporal_distribution": self.temporal_distribution,
            "survey_coverage": self.survey_coverage,
            "quality_score": self.quality_score,
            "issues": list(self.issues),
            "facts": {key: dict(each.facts) for key, each in self.dimensions.items()},
            "not_measured": dict(self.not_measured),
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Give the scores."""
        scores = (Metric("quality", each.score, name) for name, each in self.dimensions.items())
        return (Metric("quality_score", self.quality_score), *scores)

    def findings(self) -> tuple[Finding, ...]:
        """Name what is wrong."""
        return tuple(
            Finding("sky quality", name, 0, "medium", action="documented", note=issue)
            for name, each in self.dimensions.items()
            for issue in each.issues
        )


def _tone(score: float) -> Tone:
    return "good" if score >= GOOD else "caution" if score >= GOOD - 0.2 else "bad"
