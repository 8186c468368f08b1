"""Compare two result sets on their keys: errors, groups, verdict, what to simulate next."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.engine.comparing import Question, Side, compared, read_tolerance, side_of
from qforge_jupyter.engine.comparing.describing import points_of
from qforge_jupyter.engine.comparing.joining import find_groups
from qforge_jupyter.engine.comparing.pairing import find_keys, find_pairings
from qforge_jupyter.engine.comparing.question import Judge, Repeats
from qforge_jupyter.engine.scorecard import Share
from qforge_jupyter.errors import CallError, QualityError, blaming, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.calculation import CalculationReport
from qforge_jupyter.results.compared import UNSURE
from qforge_jupyter.results.comparison import ComparisonReport
from qforge_jupyter.results.prediction import PredictionReport
from qforge_jupyter.settings import Settings

EXAMPLE = """\
%%qforge compare preds against dft by structure_id into errors
tolerance: {formation_energy: 0.05 eV/atom}
"""
Results = Table | PredictionReport | CalculationReport


class CompareBody(BaseModel):
    """What is compared, and how large an error may be."""

    model_config = ConfigDict(extra="forbid")

    properties: dict[str, str] | list[str] = Field(
        {}, description="Columns, as in {band_gap: dft_gap}; all numbers on both sides by default."
    )
    tolerance: dict[str, str] = Field(
        {}, description="By property, how large an error may be: 0.05 eV/atom, or 5%."
    )
    judge: Judge = Field(
        "mae", description="The statistic that a tolerance is for: mae, rmse or bias."
    )
    share: Share | None = Field(
        None, description="So many rows have to be within the tolerance, instead: 90%."
    )
    refuse_if: Literal["", "beyond", "not within"] = Field(
        "", description="Stop with an error: `beyond`, or whatever is `not within` the tolerance."
    )
    units: dict[str, str] = Field(
        {}, description="Of columns of the subject, where it does not tell them itself."
    )
    reference_units: dict[str, str] = Field(
        {}, description="Of columns of the reference; converted where they differ."
    )
    group: str | list[str] = Field([], description="Columns by whose values errors are told apart.")
    repeats: Repeats = Field(
        "leave out", description="Rows whose key repeats: leave out, mean or refuse."
    )
    features: str | list[str] = Field(
        [], description="Columns of numbers or vectors by which the next are chosen."
    )


def run(
    context: Context,
    subject: Results,
    *,
    against: Results | None = None,
    by: list[str] | None = None,
    group: list[str] | None = None,
    next_: int = 0,
    confidence: float = 0.95,
    body: CompareBody | None = None,
) -> ComparisonReport:
    """Join two result sets and measure how far they lie apart, property by property.

    Rows that stand on one side only, repeat their key or hold no number are counted, and
    every statistic has an interval where there is a basis for one.

    Parameters
    ----------
    context
        The open workspace.
    subject
        Predictions, calculations, or any table of results.
    against
        The reference: simulated or measured values.
    by
        Columns that say which row is which; ``left=right`` where their names differ.
    group
        Columns by whose values errors are told apart, worst first.
    next_
        How many rows without a reference to propose for simulation.
    confidence
        Nominal coverage of the intervals.
    body
        Pairs of columns, tolerances, units, and more.

    Raises
    ------
    QualityError
        The body's ``refuse if`` holds; the comparison is kept and in the error.

    """
    asked = _question(by, group, next_, confidence, body, context.seed)
    reference = _required(against)
    with telling_when_stopped("stopped while comparing; nothing was recorded"):
        report = compared(*_sides(subject, reference), asked)
    refused = {"beyond": ("beyond",), "not within": ("beyond", UNSURE, "not judged")}
    if body and report.verdict in refused.get(body.refuse_if, ()):
        raise QualityError(_refusal(report), result=report)
    return report


def rehearse(
    settings: Settings,
    subject: Results,
    *,
    against: Results | None = None,
    by: list[str] | None = None,
    group: list[str] | None = None,
    next_: int = 0,
    confidence: float = 0.95,
    body: CompareBody | None = None,
) -> None:
    """Check keys, columns, units, tolerances, groups and features."""
    asked = _question(by, group, next_, confidence, body, settings.dataset_random_seed)
    left, right = _sides(subject, _required(against))
    keys = find_keys(left, right, asked.by)
    for pair in find_pairings(left, right, keys, asked):
        if pair.name in asked.tolerance:
            asked.tolerance[pair.name].into(pair.unit, pair.name)
    find_groups(left, right, asked.group)
    for name in asked.features:
        points_of(left, name)


def _sides(subject: Results, reference: Results) -> tuple[Side, Side]:
    """Make sides of both; a table that nobody named is called by its role."""
    left, right = side_of(subject), side_of(reference)
    if left.name == "table":
        left = replace(left, name="subject")
    if right.name in ("table", left.name):
        right = replace(right, name="reference")
    return left, right


def _required(against: Results | None) -> Results:
    if against is None:
        raise CallError("One result set alone cannot be compared: add  against TABLE")
    return against


def _question(
    by: list[str] | None,
    group: list[str] | None,
    n_next: int,
    confidence: float,
    body: CompareBody | None,
    seed: int,
) -> Question:
    given = body or CompareBody()
    with blaming("tolerance"):
        tolerance = {name: read_tolerance(each) for name, each in given.tolerance.items()}
    named = given.properties
    return Question(
        by=tuple(by or ()),
        properties=named if isinstance(named, dict) else {each: each for each in named},
        units=given.units,
        reference_units=given.reference_units,
        tolerance=tolerance,
        judge=given.judge,
        share=given.share,
        group=tuple(group or _listed(given.group)),
        repeats=given.repeats,
        features=tuple(_listed(given.features)),
        n_next=n_next,
        confidence=confidence,
        seed=seed,
    )


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _refusal(report: ComparisonReport) -> str:
    if report.verdict == "not judged":
        return f"{report.left} is refused: no tolerance was given: add  tolerance: {{…: …}}"
    some = [each for each in report.compared if each.verdict == report.verdict]
    first = some[0]
    said = f"{first.judged_by} of {first.name} is {report.verdict} {first.tolerance}"
    if report.verdict == UNSURE:
        said = f"{UNSURE} whether the {first.judged_by} of {first.name} is within {first.tolerance}"
    return f"{report.left} is refused: {said}"
