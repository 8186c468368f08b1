"""What a collection of sky detections is asked to be: the keys of its body."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.engine.collectors import CollectPlan
from qforge_jupyter.engine.collectors._sky_refusals import require_quality, with_parts
from qforge_jupyter.engine.collectors._sky_roles import SkyRole
from qforge_jupyter.engine.sky_quality import read_bounds
from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.errors import CallError, blaming
from qforge_jupyter.results.harvest import Harvest
from qforge_jupyter.results.sky_collection import SkyCollection
from qforge_jupyter.results.split import Split
from qforge_jupyter.sky.preprocessing import Preprocessing
from qforge_jupyter.sky.regions import SkyRegion, read_angle, region_of

TOGETHER = ("field", "object")
_PIXELS = re.compile(r"\s*(\d{1,6})\s*(?:px|pixels?)?\s*")


class CutoutBody(BaseModel):
    """How a cut-out is made."""

    model_config = ConfigDict(extra="forbid")

    size: str | int = Field("63 px", description="Pixels along each side.")
    stretch: str = Field("zscale", description="zscale, asinh or linear, as the labels were drawn.")
    limits: list[float] | None = Field(
        None, description="Brightnesses that become black and white; found in each by default."
    )
    blanks: str = Field(
        "zero", description="What a pixel without a value becomes: zero, background, refuse."
    )
    dtype: str = Field("float32", description="float32 from 0 to 1, or uint8.")
    mask: str = Field("none", description="`labels` for masks of what was marked, or none.")
    classes: list[str] = Field(
        [], description="Labels that are 1, 2 … in a mask; every mark is 1 by default."
    )

    def preprocessing(self) -> Preprocessing:
        """Make the record that is kept with the dataset."""
        found = _PIXELS.fullmatch(str(self.size))
        if not found:
            raise CallError(f"A size in pixels is wanted and {str(self.size)[:60]!r} came: 63 px")
        if self.limits is not None and len(self.limits) != 2:
            raise CallError("The limits are two brightnesses, the lower one first: [0, 1000]")
        if self.mask not in ("none", "labels"):
            raise CallError(f"A mask is made of `labels`, or none, and {self.mask[:60]!r} came")
        if self.classes and self.mask == "none":
            raise CallError("Classes are those of a mask: ask for one with  mask: labels")
        limits = None if self.limits is None else (self.limits[0], self.limits[1])
        asked: dict[str, Any] = {
            "stretch": self.stretch, "blanks": self.blanks, "dtype": self.dtype,
            "classes": tuple(self.classes),
        }  # fmt: skip
        return Preprocessing(int(found[1]), limits=limits, **asked)


class RegionBody(BaseModel):
    """A part of the sky: a cone, a box or corners."""

    model_config = ConfigDict(extra="forbid")

    ra: str = Field("", description="Of a cone's center, or from .. to of a box, eastwards.")
    dec: str = Field("", description="Of a cone's center, or from .. to of a box.")
    within: str = Field("", description="Radius of a cone, as 30 arcmin.")
    corners: list[list[float]] = Field([], description="Of a polygon, each [ra, dec].")

    def region(self) -> SkyRegion:
        """Read the region."""
        return region_of(self.ra, self.dec, self.within, self.corners)


class Plan(CollectPlan):
    """Which detections are collected, and how they are cut out and parted.

    Examples
    --------
    >>> Plan().confidence, Plan().preprocessing.size
    ('>= 0.7', 63)

    """

    surveys: list[str] = Field([], description="Surveys to take; all by default.")
    dates: str = Field("", description="A range of times, as 2024-01-01 .. 2024-06-30.")
    confidence: str = Field(">= 0.7", description="A range, or none for any confidence.")
    quality: str = Field(">= 0.8", description="A range, or none for any quality.")
    anomaly_types: list[str] = Field([], description="Types to take; all by default.")
    status: list[str] = Field([], description="Validation statuses to take; all by default.")
    region: RegionBody | None = Field(
        None, description="{ra, dec, within}, {ra: 350 .. 10, dec: -5 .. 5} or {corners: [...]}."
    )
    at_most: int | None = Field(None, description="Most detections to take, drawn by the seed.")
    cutout: CutoutBody | None = Field(
        None, description="Size, stretch, limits, blanks, dtype, mask, classes."
    )
    together: list[str] = Field(
        ["field", "object"], description="What lies in one part: field, object or both."
    )
    object_radius: str = Field("1 arcsec", description="Positions as near as this are one object.")
    parts: dict[str, float] | None = Field(
        None, description="Parts and their shares; train, validation and test by default."
    )
    refuse_if: str = Field(
        "quality < 0.8", description="Bounds that refuse the collection, joined by `or`; or none."
    )
    folder: str = Field("", description="Where the images lie, if not beside the notebook.")
    roles: dict[SkyRole, str] = Field(
        default_factory=dict, description="Columns of the source by what they say, as {ra: alpha}."
    )
    keep: list[str] = Field(
        default_factory=list, description="Further columns that are carried along."
    )

    @property
    def preprocessing(self) -> Preprocessing:
        """The record that is kept with the dataset."""
        with blaming("cutout"):
            return (self.cutout or CutoutBody()).preprocessing()

    @property
    def has_masks(self) -> bool:
        """Whether masks are made of labels."""
        return self.cutout is not None and self.cutout.mask == "labels"

    @property
    def bounds(self) -> tuple[tuple[str, str, float], ...]:
        """What refuses the collection."""
        with blaming("refuse_if"):
            return read_bounds(self.refuse_if)

    @property
    def object_radius_arcsec(self) -> float:
        """Up to which distance two positions are one object."""
        with blaming("object_radius"):
            found = 3600 * read_angle(self.object_radius)
            if not 0 < found <= 180 * 3600:
                raise CallError("The radius of an object lies above 0: object radius: 1 arcsec")
            return found

    @property
    def pictures(self) -> str:
        """Where the images lie."""
        return self.folder

    @property
    def split_plan(self) -> SplitPlan:
        """Parts in which what belongs together is together."""
        return SplitPlan(parts=self.parts, group=[" or ".join(self.together)], leaks=False)

    def check(self) -> None:
        """Refuse parts and bounds that cannot be, before any image is read."""
        with blaming("together"):
            odd = next((each for each in self.together if each not in TOGETHER), None)
            if odd is not None or not self.together:
                raise CallError(
                    "A field, an object or both lie in one part: together: [field, object]"
                )
        self.bounds  # noqa: B018 — read here, where a fault can be told
        with blaming("parts"):
            SplitPlan(parts=self.parts).shares({"train": 70, "validation": 15, "test": 15})

    def require(self, found: Harvest) -> None:
        """Refuse what is not good enough to train on; the report goes with the refusal."""
        if isinstance(found, SkyCollection):
            require_quality(found, self.bounds)

    def parted(self, found: Harvest, frame: pl.DataFrame, made: Split) -> Harvest:
        """Give the collection with its parts; refuse a position of the sky in two of them."""
        if not isinstance(found, SkyCollection):
            return found
        return with_parts(found, frame, made)
