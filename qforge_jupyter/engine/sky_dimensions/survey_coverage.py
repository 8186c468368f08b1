"""Survey coverage: every survey that was asked for has detections."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.engine.sky_dimensions import NotApplicable, Scored, SkyCase

WEIGHT = 0.1


def measure(case: SkyCase) -> Scored | NotApplicable:
    """Give the share of the surveys that are there."""
    surveys = case.column("survey")
    if surveys is None:
        return NotApplicable("no detection names its survey")
    counts = surveys.cast(pl.String).value_counts(sort=True, name="n").drop_nulls()
    found = dict(counts.iter_rows())
    asked = case.surveys or tuple(found)
    missing = [name for name in asked if name not in found]
    issues = (f"no detection of {', '.join(missing[:5])} is left",) if missing else ()
    facts = tuple((str(name), f"{n:,}") for name, n in list(found.items())[:20])
    return Scored(1 - len(missing) / len(asked), facts, issues)
