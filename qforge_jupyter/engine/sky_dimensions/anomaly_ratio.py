"""Anomaly ratio: both anomalies and what is none are there to learn from."""

from __future__ import annotations

from qforge_jupyter.engine.sky_dimensions import NotApplicable, Scored, SkyCase, is_anomaly

WEIGHT = 0.1
#: The rarer of the two is at least this share.
_LEAST = 0.01


def measure(case: SkyCase) -> Scored | NotApplicable:
    """Compare the share of the rarer of the two with one in a hundred."""
    types = case.column("anomaly_type")
    if types is None:
        return NotApplicable("no detection has an anomaly type")
    ratio = float(is_anomaly(types).mean() or 0.0)  # type: ignore[arg-type]
    rarer = min(ratio, 1 - ratio)
    what = "anomalies" if ratio < 0.5 else "detections that are none"
    issues = (f"less than 1 % are {what}",) if rarer < _LEAST else ()
    return Scored(min(1.0, rarer / _LEAST), (("ratio", f"{ratio:.3f}"),), issues)
