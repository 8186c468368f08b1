"""The quality of a sky dataset: its dimensions measured, weighed and judged (A4)."""

from __future__ import annotations

import re

import polars as pl

from qforge_jupyter.engine.sky_dimensions import SKY_DIMENSIONS, SkyCase, is_anomaly
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.results.sky_quality import DataQualityReport, Scored
from qforge_jupyter.results.uncertainty import NotApplicable

_BOUND = re.compile(r"\s*(?P<name>\w+)\s*(?P<sign><=?)\s*(?P<bound>\d*\.?\d+)\s*(?P<percent>%?)\s*")
QUALITY = "quality"


def assess(
    frame: pl.DataFrame, surveys: tuple[str, ...] = (), *, name: str = ""
) -> DataQualityReport:
    """Measure every dimension of detections whose cut-outs were measured.

    A dimension that cannot be measured says why, and the others are weighed without it.

    Parameters
    ----------
    frame
        Detections as `collect` makes them.
    surveys
        Those that were asked for; all that are there when empty.
    name
        Of the dataset.

    """
    case = SkyCase(frame, surveys)
    members = SKY_DIMENSIONS.members()
    measured = {key: module.measure(case) for key, module in members.items()}
    scored = {key: each for key, each in measured.items() if isinstance(each, Scored)}
    weights = {key: float(members[key].WEIGHT) for key in measured}
    whole = sum(weights[key] for key in scored)
    total = sum(weights[key] * each.score for key, each in scored.items())
    types = case.column("anomaly_type")
    return DataQualityReport(
        name=name,
        total_samples=frame.height,
        anomaly_ratio=None if types is None else float(is_anomaly(types).mean() or 0.0),  # type: ignore[arg-type]
        dimensions=scored,
        not_measured={
            key: each.reason for key, each in measured.items() if isinstance(each, NotApplicable)
        },
        weights=weights,
        quality_score=round(total / whole, 12) if whole else 0.0,
    )


def read_bounds(text: str) -> tuple[tuple[str, str, float], ...]:
    """Read what a collection is refused for: bounds, joined by ``or``.

    Raises
    ------
    CallError
        It is none.

    Examples
    --------
    >>> read_bounds("quality < 0.8 or image_quality < 90%")
    (('quality', '<', 0.8), ('image_quality', '<', 0.9))
    >>> read_bounds("none")
    ()

    """
    if text.strip().lower() in ("", "none"):
        return ()
    known = (QUALITY, *(each.replace("-", "_") for each in SKY_DIMENSIONS.names()))
    bounds = []
    for piece in re.split(r"\s+or\s+", text.strip()):
        found = _BOUND.fullmatch(piece)
        if not found:
            raise CallError(
                f"What refuses a collection is written as  quality < 0.8,  and {piece[:60]!r} came"
            )
        if found["name"] not in known:
            near = nearest(found["name"], known) or f": there are {', '.join(known)}"
            raise CallError(f"No dimension named {found['name'][:60]!r}{near}")
        bound = float(found["bound"]) / (100 if found["percent"] else 1)
        bounds.append((found["name"], found["sign"], bound))
    return tuple(bounds)


def refusals(
    report: DataQualityReport, bounds: tuple[tuple[str, str, float], ...]
) -> tuple[str, ...]:
    """Say which bounds a dataset does not keep; what was not measured keeps none."""
    found = []
    for name, sign, bound in bounds:
        score = report.score_of(name)
        said = name.replace("_", " ")
        if score is None:
            reason = report.not_measured[name.replace("_", "-")]
            found.append(f"{said} could not be measured: {reason}")
        elif score < bound or (sign == "<=" and score == bound):
            found.append(f"{said} is {score:.3f}, {sign} {bound:g}")
    return tuple(found)
