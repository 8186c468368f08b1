"""What differs between two versions of a sky dataset, beyond its rows (A7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qforge_jupyter.documents.blocks import Block, Gallery, Grid, Overlay, Section, Text
from qforge_jupyter.results.run import Metric
from qforge_jupyter.results.sky_quality import DataQualityReport

N_SHOWN = 12
#: A value of a column, and how many detections have it before and after.
Counts = tuple[tuple[str | None, int, int], ...]


@dataclass(frozen=True)
class SkyChange:
    """Quality, counts, distributions and some cut-outs, before and after.

    Parameters
    ----------
    before, after
        The quality of each version.
    counts
        By what is counted (anomaly type, survey, field), each value before and after.
    distributions
        Of what was measured, in the same bins.
    samples
        Up to ten cut-outs that only one of the versions has: what each is called, and its PNG.
    n_unread
        Cut-outs that were to be shown and whose images cannot be read any more.

    """

    before: DataQualityReport
    after: DataQualityReport
    counts: Mapping[str, Counts]
    distributions: tuple[Overlay, ...] = ()
    samples: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    n_unread: int = 0

    @property
    def scores(self) -> tuple[tuple[str, float | None, float | None], ...]:
        """The quality and each of its dimensions, before and after; None where not measured."""
        names = dict.fromkeys(
            name
            for report in (self.before, self.after)
            for name in (*report.dimensions, *report.not_measured)
        )
        return tuple(
            (name, self.before.score_of(name), self.after.score_of(name))
            for name in ("quality", *names)
        )

    @property
    def worse(self) -> str:
        """One phrase where the quality fell; empty where it did not."""
        fall = self.before.quality_score - self.after.quality_score
        return f"the quality falls by {fall:.3f}" if fall >= 0.0005 else ""

    def blocks(self) -> list[Block]:
        """Draw quality, counts, distributions and cut-outs."""
        scores = tuple((n.replace("-", " "), *_both(old, new)) for n, old, new in self.scores)
        head = ("dimension", "before", "after", "change")
        found: list[Block] = [Grid(head, scores, "quality of the dataset")]
        found += [_counted(name, rows) for name, rows in self.counts.items()]
        if self.samples:
            found.append(Gallery(self.samples, "Some cut-outs that only one version has"))
        if self.n_unread:
            n = self.n_unread
            found.append(Text(f"{n:,} cut-out{'s' * (n != 1)} could not be read to be shown"))
        if self.distributions:
            found.append(Section("Distributions", self.distributions, is_open=False))
        return found

    def payload(self) -> dict[str, Any]:
        """Give the scores, the counts and the shares as JSON."""
        return {
            "scores": [list(each) for each in self.scores],
            "counts": {name: [list(each) for each in rows] for name, rows in self.counts.items()},
            "distributions": {
                each.caption: {
                    "bins": list(each.labels),
                    "before": list(each.first),
                    "after": list(each.second),
                }
                for each in self.distributions
            },
            "n_samples": len(self.samples),
            "n_unread": self.n_unread,
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Give the scores that both versions have."""
        return tuple(
            Metric(name, value, subject.replace("-", "_"))
            for subject, *both in self.scores
            for name, value in zip(("before", "after"), both, strict=True)
            if value is not None
        )


def _both(old: float | None, new: float | None) -> tuple[str | None, str | None, str | None]:
    change = None if old is None or new is None else f"{new - old:+.3f}"
    said = (None if each is None else f"{each:.3f}" for each in (old, new))
    return next(said), next(said), change


def _counted(name: str, rows: Counts) -> Grid:
    shown = tuple(
        ("(missing)" if value is None else value, old, new, f"{new - old:+,}")
        for value, old, new in rows[:N_SHOWN]
    )
    head = (name.replace("_", " "), "before", "after", "change")
    return Grid(head, shown, n_more=max(0, len(rows) - N_SHOWN))
