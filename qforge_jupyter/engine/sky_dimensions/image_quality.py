"""Image quality: noise, saturation, seeing, pixels without a value, and background.

Five questions of each cut-out; its quality is the share of those that it can answer which it
passes, and the score is the mean of the cut-outs. Noise and seeing are compared with the median
of their survey, the background with that of its field.
"""

from __future__ import annotations

import polars as pl

from qforge_jupyter.engine.sky_dimensions import NotApplicable, Scored, SkyCase

WEIGHT = 0.5
#: Noise and FWHM may be so many times the median of their survey.
_MOST_OF_USUAL = 2.0
#: At most these shares of the pixels are saturated, or have no value.
_MOST_SATURATED, _MOST_BLANK = 0.005, 0.05
#: A background is off by at most so many times the noise.
_MOST_OFF = 5.0
_SAID = {
    "noise": "cut-outs at least twice as noisy as their survey",
    "saturation": "cut-outs saturated in more than 0.5 % of their pixels",
    "seeing": "sources at least twice as wide as those of their survey",
    "blank": "cut-outs without more than 5 % of their pixels",
    "background": "backgrounds off those of their field by five times the noise",
}


def measure(case: SkyCase) -> Scored | NotApplicable:
    """Ask five questions of each cut-out."""
    if not case.frame.height:
        return NotApplicable("there are no cut-outs")
    survey = pl.col("survey") if case.column("survey") is not None else pl.lit("")
    noise, fwhm, background = (pl.col(name) for name in ("noise", "fwhm", "background"))
    usual = background.median().over("field")
    asked = {
        "noise": noise <= _MOST_OF_USUAL * noise.median().over(survey),
        "saturation": pl.col("saturated") <= _MOST_SATURATED,
        "seeing": fwhm <= _MOST_OF_USUAL * fwhm.median().over(survey),
        "blank": pl.col("blank") <= _MOST_BLANK,
        "background": (background - usual).abs() <= _MOST_OFF * noise.median().over("field"),
    }
    rows = case.frame.select(answer.alias(name) for name, answer in asked.items())
    quality = rows.select(pl.mean_horizontal(pl.all().cast(pl.Float64)).fill_null(0.0)).to_series()
    failed = {name: int((~rows[name]).sum()) for name in asked}
    issues = tuple(f"{_SAID[name]}: {n:,}" for name, n in failed.items() if n)
    facts = tuple((name, f"{case.frame.height - n:,} good") for name, n in failed.items())
    score = float(quality.mean())  # type: ignore[arg-type]
    return Scored(score, facts, issues, quality.alias("image_quality"))
