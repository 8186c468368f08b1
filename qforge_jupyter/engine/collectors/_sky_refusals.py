"""When a collection of detections is refused: for its quality, or for its parts."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from qforge_jupyter.engine.sky_parts import shared_between
from qforge_jupyter.engine.sky_quality import refusals
from qforge_jupyter.errors import QualityError
from qforge_jupyter.results.sky_collection import SkyCollection
from qforge_jupyter.results.split import Split


def require_quality(found: SkyCollection, bounds: tuple[tuple[str, str, float], ...]) -> None:
    """Refuse what is not good enough to train on; the report goes with the refusal.

    Raises
    ------
    QualityError
        A bound is not kept.

    """
    if found.quality is None or not found.n_new:
        return
    reasons = refusals(found.quality, bounds)
    if not reasons:
        return
    issues = "; ".join(found.quality.issues[:3])
    raise QualityError(
        f"{found.dataset} is refused: {'; '.join(reasons)}"
        + (f" ({issues})" if issues else "")
        + ": mend the detections, look with --preview, or ask less with  refuse if: none",
        result=replace(found, is_preview=True, refused=reasons),
    )


def with_parts(found: SkyCollection, frame: pl.DataFrame, made: Split) -> SkyCollection:
    """Give a collection its parts, once no position of the sky is seen in two of them.

    Raises
    ------
    QualityError
        A position of the sky would be in two parts.

    """
    checked = shared_between(frame, made.part_of, found.radius_arcsec)
    what, n = checked[0]
    if n:
        raise QualityError(
            f"{n:,} {what} lie in two parts: keep objects together with  together: [field, "
            "object],  or collect into another dataset where old detections hold them apart",
            result=replace(found, is_preview=True, commit=None, checked=checked),
        )
    return replace(found, split=made, checked=checked)
