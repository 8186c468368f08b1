"""Label consistency: detections of one object have one anomaly type."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.engine.sky_dimensions import NotApplicable, Scored, SkyCase

WEIGHT = 0.2


def measure(case: SkyCase) -> Scored | NotApplicable:
    """Count the detections that have the commonest type of their object."""
    types = case.column("anomaly_type")
    if types is None:
        return NotApplicable("no detection has an anomaly type")
    counted = (
        pl.DataFrame({"object": case.frame["object"], "type": types.cast(pl.String)})
        .drop_nulls()
        .group_by("object", "type")
        .len("n")
        .group_by("object")
        .agg(pl.col("n").max().alias("agreeing"), pl.col("n").sum().alias("n"))
        .filter(pl.col("n") > 1)
    )
    if not counted.height:
        return NotApplicable("no object was detected twice")
    n, agreeing = int(counted["n"].sum()), int(counted["agreeing"].sum())
    torn = counted.filter(pl.col("agreeing") < pl.col("n")).height
    issues = (f"objects with more than one anomaly type: {torn:,}",) if torn else ()
    return Scored(agreeing / n, (("objects detected twice", f"{counted.height:,}"),), issues)
