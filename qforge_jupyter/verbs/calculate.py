"""Run real calculations in this kernel, and assess them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, get_type_hints

import polars as pl
from pydantic import ConfigDict, Field, create_model

from qforge_jupyter.context import Context
from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.chemistry.calculating import calculate
from qforge_jupyter.engine.chemistry.molecules import read_molecules, read_unbuilt
from qforge_jupyter.engine.predictors import gfn2_xtb
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.errors import Stopped, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.convert import is_tabular, to_table
from qforge_jupyter.results.calculation import CalculationReport
from qforge_jupyter.results.run import LineageStep
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs.score import make_card


def _described(metadata: Mapping[str, str]) -> str:
    allowed = metadata.get("range", "")
    return f"Within {allowed}." if allowed else ""


#: The method's settings as keys of the body.
FIELDS: Any = {
    name: (hint, Field(field.default, description=_described(field.metadata)))
    for (name, hint), field in zip(
        get_type_hints(gfn2_xtb.Settings).items(), fields(gfn2_xtb.Settings), strict=True
    )
}
MethodBody: Any = create_model("MethodBody", __config__=ConfigDict(extra="forbid"), **FIELDS)

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%%qforge calculate molecules with gfn2-xtb into calcs
is spin polarized: yes
max iterations: 500
"""


def run(
    context: Context,
    subject: object,
    *,
    with_: str = "gfn2-xtb",
    column: str | None = None,
    limit_s: float | None = None,
    molecule_limit_s: float | None = None,
    body: MethodBody | None = None,
) -> CalculationReport:
    """Calculate every molecule; failures are kept by kind, after retries.

    Parameters
    ----------
    context
        The open workspace.
    subject
        Molecules: SMILES, ASE atoms, RDKit molecules, a table with a column of
        them, XYZ text, or ``g2`` for the collection that ships with ASE.
    with_
        The method.
    column
        The column with the molecules.
    limit_s
        Seconds for the whole run; what runs longer is stopped.
    molecule_limit_s
        Seconds for each molecule; one that takes longer is stopped.
    body
        Settings of the method.

    Raises
    ------
    Stopped
        It was interrupted; what was calculated is in the exception.

    """
    with telling_when_stopped("stopped while reading the molecules; none was calculated"):
        molecules = read_unbuilt(subject, column=column, seed=context.seed)
    report = calculate(
        molecules,
        predictor=with_,
        seed=context.seed,
        molecule_limit_s=molecule_limit_s,
        limit_s=limit_s,
        progress=context.progress,
        **(body.model_dump(exclude_unset=True) if body else {}),
    )
    try:
        report = _assessed(context, report)
    except KeyboardInterrupt:
        done = f"{report.frame.height} of {report.n_asked} molecules were calculated"
        raise Stopped(f"stopped while assessing; {done} and are kept", result=report) from None
    if report.is_interrupted:
        done = f"{report.frame.height} of {report.n_asked} molecules"
        raise Stopped(f"stopped after {done}; what was done is kept", result=report)
    return report


def rehearse(
    settings: Settings,  # noqa: ARG001 - every verb has one shape
    subject: object,
    *,
    with_: str = "gfn2-xtb",
    column: str | None = None,
    limit_s: float | None = None,  # noqa: ARG001 - every verb has one shape
    molecule_limit_s: float | None = None,  # noqa: ARG001 - every verb has one shape
    body: MethodBody | None = None,
) -> None:
    """Check the method, its settings, and that the subject can hold molecules."""
    if is_tabular(subject):
        read_molecules(to_table(subject).schema.to_frame(), column=column)
    elif not isinstance(subject, str | Sequence):
        read_molecules(subject)
    calculate([], predictor=with_, **(body.model_dump(exclude_unset=True) if body else {}))


def _assessed(context: Context, report: CalculationReport) -> CalculationReport:
    """Mark each result ML-ready or flagged, as its scorecard says."""
    table = Table.of_frame("calculations", report.frame, report.method)
    card = make_card(context.settings, table, "xtb-gfn2", None, None)
    assessment = score(Case(table, card, is_lineage_approved=True))
    frame = report.frame.with_columns(
        assessment.rows["overall"].alias("quality"),
        assessment.rows["ml_ready"].alias("is_sound"),
        pl.when(assessment.rows["refusals"] != "").then(assessment.rows["refusals"]).alias("flags"),
    )
    made = Table.of_frame("calculations", frame)
    step = LineageStep(
        made.name,
        made.fingerprint,
        "calculation",
        report.method,
        parameters=report.settings,
        software=report.software,
        seconds=report.seconds,
    )
    return replace(report, frame=frame, assessment=assessment, step=step)
