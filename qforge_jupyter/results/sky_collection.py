"""What collecting sky detections gives: the funnel, the parts, and how cut-outs are made (A1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl

from qforge_jupyter.documents.blocks import (
    Block,
    Document,
    Facts,
    Gallery,
    Grid,
    Histogram,
    Section,
    Text,
    Tone,
)
from qforge_jupyter.documents.standalone import pictures_of
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.harvest import Harvest
from qforge_jupyter.results.run import Event, Finding, LineageStep, Metric
from qforge_jupyter.results.sky_part import SkyPart
from qforge_jupyter.results.sky_quality import DataQualityReport
from qforge_jupyter.results.split import Split
from qforge_jupyter.sky.preprocessing import Preprocessing

#: The step of the funnel at which cut-outs without a readable image fall.
IMAGE_STEP = "image"
_N_BINS = 20


@dataclass(frozen=True, repr=False, eq=False)
class SkyCollection(Harvest):
    """Detections that were collected into a dataset of cut-outs, in parts.

    Attributes
    ----------
    preprocessing
        How the array of a cut-out is made: in training and for a model's use alike.
    split
        Which detection of the whole dataset is in which part; None in a preview.
    quality
        How good the whole dataset is to train on.
    refused
        Why it was not collected.
    samples
        Up to ten cut-outs as they are trained on: the detection and its PNG.
    checked
        What was looked for between the parts, and how often it was found.
    folders
        Where the images were looked for.

    """

    kind: ClassVar[str] = "sky collection"

    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    radius_arcsec: float = 1.0
    has_masks: bool = False
    split: Split | None = None
    quality: DataQualityReport | None = None
    refused: tuple[str, ...] = ()
    samples: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    checked: tuple[tuple[str, int], ...] = ()
    folders: tuple[str, ...] = field(default=(), repr=False)

    @property
    def parts(self) -> tuple[SkyPart, ...]:
        """The detections of each part, with their cut-outs."""
        if self.split is None:
            return ()
        return tuple(self[name] for name in self.split.part_names)

    def __getitem__(self, part: str) -> SkyPart:
        """Give a part by its name."""
        if self.split is None:
            raise KeyError(part)
        return SkyPart(part, self.split[part], self.folders, self.split.source)

    @property
    def errors(self) -> pl.DataFrame:
        """Rows without a cut-out: their place in the source, their id, and the kind."""
        found = self.left_out.filter(pl.col("step") == IMAGE_STEP)
        return found.select("row", found.columns[1], pl.col("reason").alias("kind"))

    def document(self) -> Document:
        """Draw the funnel, the parts, and what was checked between them."""
        page = super().document()
        judged = self.quality.blocks() if self.quality else ()
        blocks: list[Block] = [*page.blocks[:2], *self._parts(), *judged, *page.blocks[2:]]
        if self.samples:
            blocks.append(Gallery(self.samples, "Some cut-outs, as they are trained on"))
        blocks.append(Section("Distributions", self._distributions(), is_open=False))
        made = self.preprocessing
        limits = (
            "of each cut-out" if made.limits is None else f"{made.limits[0]:g} … {made.limits[1]:g}"
        )
        facts = Facts(
            (
                ("size", f"{made.size} × {made.size} px"),
                ("stretch", made.stretch),
                ("limits", limits),
                ("pixels without a value", made.blanks),
                ("type", made.dtype),
                ("masks", self._masks),
            )
        )
        blocks.append(Section("How a cut-out is made", (facts,), is_open=False))
        return Document(page.title, page.verdict, page.tone, tuple(blocks), page.headline)

    @property
    def _masks(self) -> str:
        if not self.has_masks:
            return "none"
        named = enumerate(self.preprocessing.classes, start=1)
        said = ", ".join(f"{code} {name[:40]}" for code, name in named)
        return f"of the labels: {said}" if said else "of the labels"

    def _distributions(self) -> tuple[Histogram | Text, ...]:
        """Draw what was measured of the new cut-outs."""
        names = ("confidence", "background", "noise", "fwhm")
        held = [self.examples[name] for name in names if name in self.examples.columns]
        return tuple(_histogram(each) for each in held if each.dtype.is_numeric())

    @property
    def _verdict(self) -> tuple[str, Tone]:
        if self.refused:
            return f"refused: {'; '.join(self.refused)}", "bad"
        if not self.n_new:
            return f"nothing new: all that passed is in {self.dataset} already", "neutral"
        said = f"{self.n_new:,} of {self.n_rows:,} detections"
        if self.is_preview:
            return f"{said} would be new", "neutral"
        n_bad = self.errors.height
        return f"{said} cut out" + (f", {n_bad:,} had no image" if n_bad else ""), "good"

    def _parts(self) -> list[Block]:
        if self.split is None:
            return []
        rows = tuple(
            (part.name, len(part), part.n_of("field"), part.n_of("object")) for part in self.parts
        )
        grid = Grid(("part", "detections", "fields", "objects"), rows)
        found = "; ".join(f"{what}: {n:,}" for what, n in self.checked)
        return [grid, Text(f"Looked for between the parts — {found}")]

    def payload(self) -> dict[str, Any]:
        """Give the counts of steps and parts, and the preprocessing."""
        return super().payload() | {
            "preprocessing": self.preprocessing.record,
            "parts": {part.name: len(part) for part in self.parts},
            "checked": dict(self.checked),
            "n_errors": self.errors.height,
            "quality": self.quality.payload() if self.quality else None,
            "refused": list(self.refused),
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Count what came, what each step left, and the parts."""
        parts = (Metric("n_rows", float(len(part)), part.name) for part in self.parts)
        judged = self.quality.metrics() if self.quality else ()
        return (*super().metrics(), *parts, *judged)

    def findings(self) -> tuple[Finding, ...]:
        """Name the rows without a cut-out, by kind."""
        errors = self.errors
        found = tuple(
            Finding(
                "no cut-out",
                str(kind),
                rows.height,
                rows=tuple(rows["row"].head(100).to_list()),
                action="excluded",
            )
            for (kind,), rows in errors.group_by(["kind"], maintain_order=True)
        )
        return (*found, *(self.quality.findings() if self.quality else ()))

    def frames(self) -> dict[str, pl.DataFrame]:
        """Give what was left out, and who is in which part."""
        return super().frames() | (self.split.frames() if self.split else {})

    def attachments(self) -> dict[str, tuple[bytes, str]]:
        """Give the distributions and the sample cut-outs."""
        drawn = (each for each in self._distributions() if isinstance(each, Histogram))
        return pictures_of(drawn, self.samples)

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say what the version was made of, and the parts of it."""
        return (*super().lineage(), *(self.split.lineage() if self.split else ()))

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember what was collected."""
        return (*super().events(actor), *(self.split.events(actor) if self.split else ()))

    def changes(self) -> tuple[Change, ...]:
        """Keep the version and the split."""
        return (*super().changes(), *(self.split.changes() if self.split else ()))


def _histogram(values: pl.Series) -> Histogram | Text:
    """Count values in equal bins; what is no number is left out."""
    held = values.cast(pl.Float64)
    known = held.filter(held.is_finite().fill_null(value=False)).to_numpy()
    if not known.size:
        return Text(f"No {values.name} was measured")
    counts, edges = np.histogram(known, bins=_N_BINS)
    low, high = float(edges[0]), float(edges[-1])
    return Histogram(tuple(map(int, counts)), low, high, values.name)
