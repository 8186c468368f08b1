"""What becomes of detections once they are committed: parts that share no place of the sky."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.engine.collectors._sky_plan import Plan
from qforge_jupyter.engine.sky_parts import shared_between
from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.errors import CallError, QualityError, blaming
from qforge_jupyter.frames import Table
from qforge_jupyter.results.sky_collection import SkyCollection
from qforge_jupyter.results.version import Version
from qforge_jupyter.verbs import split

TOGETHER = ("field", "object")


def check_plan(plan: Plan) -> None:
    """Refuse parts that cannot be made, before any image is read."""
    with blaming("together"):
        odd = next((each for each in plan.together if each not in TOGETHER), None)
        if odd is not None or not plan.together:
            raise CallError("A field, an object or both lie in one part: together: [field, object]")
    with blaming("parts"):
        SplitPlan(parts=plan.parts).shares({"train": 70, "validation": 15, "test": 15})


def parted(
    context: Context, found: SkyCollection, frame: pl.DataFrame, version: Version, plan: Plan
) -> SkyCollection:
    """Split all detections of a dataset; those that were there before stay in their parts.

    Raises
    ------
    QualityError
        A position of the sky would be in two parts.

    """
    table = Table(found.dataset, frame.lazy(), version=version)
    table.__dict__["frame"] = frame
    body = SplitPlan(parts=plan.parts, group=[" or ".join(plan.together)], leaks=False)
    made = split.run(context, table, body=body)
    checked = shared_between(frame, made.part_of, found.radius_arcsec)
    result = replace(found, split=made, checked=checked)
    what, n = checked[0]
    if n:
        raise QualityError(
            f"{n:,} {what} lie in two parts: keep objects together with  together: [field, "
            "object],  or collect into another dataset where old detections hold them apart",
            result=replace(found, is_preview=True, commit=None, checked=checked),
        )
    return result
