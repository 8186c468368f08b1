"""Which rows, columns and regions of a candidate carry its damage (S5)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.columns import free_name
from qforge_jupyter.documents.blocks import Document, Overlay
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.region import Region
from qforge_jupyter.results.run import Finding, Metric

#: Lines of the payload; the frames hold all.
LINES_AT_MOST = 400


@dataclass(frozen=True, eq=False, repr=False)
class Localization(Result):
    """The rows of a candidate that its reference would not have, and the rows it lacks.

    It is a table itself, of the suspect rows with their score and reason: what
    takes Arrow data takes it, as ``%qforge label culprits by id`` does.

    Parameters
    ----------
    table, reference, target
        What was compared, and the column that is to be predicted.
    n_rows, n_reference
        Rows of both.
    rows
        One line for each suspect row, the most suspect first: ``row``, ``score``,
        ``share_healthy`` (of the rows at least as suspect, at most), ``reason``,
        ``columns``.
    scores
        ``row``, ``score`` and ``share_healthy`` of every row, in their order.
    channels
        One line for each reason channel: ``channel``, ``said``, ``weight``,
        ``n_rows`` (suspect rows of which it is the reason), ``declined`` (why it
        could not judge).
    n_unlike
        So many rows at least would have to be others for the candidate to be like the
        reference, at 95 %: those that are bad, and as many as it lacks elsewhere.
    regions, missing_regions
        Rules where the candidate has too many rows, and too few.
    missing
        Rows of the reference that the candidate covers least; as ``rows``.
    overlays
        The columns that are blamed most, on both sides.
    source
        The candidate.
    keys
        Columns that name its rows.
    notes
        What to know.
    is_interrupted
        Whether it was stopped; the notes say what it rests on.

    """

    kind: ClassVar[str] = "localization"

    table: str
    reference: str
    n_rows: int
    n_reference: int
    rows: pl.DataFrame
    scores: pl.DataFrame
    channels: pl.DataFrame
    n_unlike: int
    regions: tuple[Region, ...] = ()
    missing_regions: tuple[Region, ...] = ()
    missing: pl.DataFrame = field(default_factory=pl.DataFrame)
    overlays: tuple[Overlay, ...] = ()
    source: pl.LazyFrame = field(default_factory=pl.LazyFrame)
    target: str = ""
    keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int = 42
    is_interrupted: bool = False

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The suspect rows as they are, with their row number, score and reason."""
        names = self.source.collect_schema().names()
        taken: list[str] = list(names)
        for name in ("row", "score", "reason"):
            taken.append(free_name(name, taken))
        told = self.rows.select("row", "score", "reason")
        told.columns = taken[len(names) :]
        place = taken[len(names)]
        asked = self.source.with_row_index(place).with_columns(pl.nth(0).cast(pl.Int64))
        held = asked.filter(pl.nth(0).is_in(told.to_series(0).implode())).collect()
        return told.join(held, on=place, how="left", maintain_order="left").select(
            pl.nth(range(3, 3 + len(names))), pl.nth(range(3))
        )

    @cached_property
    def kept(self) -> pl.DataFrame:
        """The candidate without the suspect rows, in its order."""
        is_kept = ~pl.int_range(pl.len(), dtype=pl.Int64).is_in(self.rows["row"].implode())
        return self.source.filter(is_kept).collect()

    @cached_property
    def queue(self) -> pl.DataFrame:
        """What a labeling queue takes: keys, ``score`` and ``reason``, the highest score first.

        Of a table without keys it has one line for every row, in order, with null where a row is
        not suspect.
        """
        told = self.rows.select("row", "score", "reason")
        if not self.keys:
            every = pl.DataFrame({"row": range(self.n_rows)}, schema={"row": pl.Int64})
            return every.join(told, on="row", how="left", maintain_order="left").drop("row")
        names = self.source.collect_schema().names()
        wanted = [names.index(key) for key in self.keys]
        own = [free_name(name, self.keys) for name in ("score", "reason")]
        found = self.frame.select(pl.nth([*wanted, len(names) + 1, len(names) + 2]))
        found.columns = [*self.keys, *own]
        return found

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)

    def metrics(self) -> tuple[Metric, ...]:
        """Give the counts of rows and regions, and what each channel counted."""
        counts = {
            "n_unlike": self.n_unlike,
            "n_suspect": self.rows.height,
            "n_regions": len(self.regions),
            "n_missing_regions": len(self.missing_regions),
        }
        judged = self.channels.filter(pl.col("declined") == "")
        return tuple(Metric(name, float(n)) for name, n in counts.items()) + tuple(
            Metric("suspect_rows", float(n), name)
            for name, n in judged.select("channel", "n_rows").iter_rows()
        )

    def findings(self) -> tuple[Finding, ...]:
        """Name the suspect rows by reason where some stand out, and every region."""
        found = []
        if self.n_unlike:
            for reason, part in self.rows.group_by("reason", maintain_order=True):
                found.append(
                    Finding(
                        kind="suspect rows",
                        name=str(reason[0])[:200],
                        n_rows=part.height,
                        method="localize",
                        rows=tuple(part["row"].head(100).to_list()),
                    )
                )
        for kind, regions in (
            ("too many rows", self.regions),
            ("missing rows", self.missing_regions),
        ):
            found += [_found(kind, region) for region in regions]
        return tuple(found)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Give the suspect rows, the scores of all, and what is missing."""
        missing = {} if self.missing.is_empty() else {"missing": self.missing}
        return {"suspects": self.rows, "scores": self.scores, **missing}

    def payload(self) -> dict[str, Any]:
        """Give the counts, the channels, the regions and the first rows."""
        return {
            "table": self.table,
            "reference": self.reference,
            "target": self.target,
            "n_rows": self.n_rows,
            "n_reference": self.n_reference,
            "n_unlike": self.n_unlike,
            "channels": self.channels.to_dicts(),
            "regions": [_said(region) for region in self.regions],
            "missing_regions": [_said(region) for region in self.missing_regions],
            "rows": self.rows.head(LINES_AT_MOST).to_dicts(),
            "missing": self.missing.head(LINES_AT_MOST).to_dicts(),
            "columns": [_drawn(overlay) for overlay in self.overlays],
            "notes": list(self.notes),
            "seed": self.seed,
            "is_interrupted": self.is_interrupted,
        }

    def document(self) -> Document:
        """Describe the suspect rows, the regions and what is missing."""
        from qforge_jupyter.results.localization_page import page_of

        return page_of(self)


def _found(kind: str, region: Region) -> Finding:
    return Finding(
        kind=kind,
        name=region.rule[:200],
        n_rows=region.n_candidate,
        method="localize",
        statistic=_number(region.ratio),
        low=_number(region.low),
        high=_number(region.high),
        note=f"{region.n_candidate:,} of {region.expected:,.1f} expected rows",
    )


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _said(region: Region) -> dict[str, Any]:
    return {
        "rule": region.rule,
        "n_candidate": region.n_candidate,
        "n_reference": region.n_reference,
        "expected": region.expected,
        "ratio": _number(region.ratio),
        "low": _number(region.low),
        "high": _number(region.high),
        "p_value": region.p_value,
    }


def _drawn(overlay: Overlay) -> dict[str, Any]:
    return {
        "column": overlay.caption,
        "labels": list(overlay.labels),
        "reference": list(overlay.first),
        "candidate": list(overlay.second),
    }
