"""Predict properties of structures with a model, on the CPU or a GPU; answers are kept."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.engine.models import Model, loaded, require
from qforge_jupyter.engine.structures.calibrating import calibrated
from qforge_jupyter.engine.structures.predicting import Made, nothing_known, predict
from qforge_jupyter.engine.structures.reading import read_structures
from qforge_jupyter.engine.structures.structure import Structure
from qforge_jupyter.errors import Stopped, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.convert import is_tabular, to_table
from qforge_jupyter.results.kept_predictions import NewPredictions
from qforge_jupyter.results.prediction import PredictionReport
from qforge_jupyter.results.run import LineageStep
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._property_models import may_be_tuned, property_model
from qforge_jupyter.verbs._structures import Asked, Truth, asked_in, truth_in

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%qforge predict structures with baseline into preds
"""


class PredictBody(BaseModel):
    """How a model predicts."""

    model_config = ConfigDict(extra="forbid")

    parameters: dict[str, str] = Field(
        {}, description="Of the model, as in {checkpoint: 0.3.0}; `models` lists them."
    )
    batch: int | None = Field(
        None, ge=1, le=100_000, description="Structures in one pass; the model's own number."
    )
    level: float = Field(
        0.9, ge=0.5, le=0.999, description="Share of structures that an interval is to hold."
    )
    references: dict[str, str] = Field(
        {}, description="Columns with true values, as in {band_gap: dft_gap}, where names differ."
    )


def run(
    context: Context,
    subject: object,
    *,
    with_: str = "baseline",
    column: str | None = None,
    calibrate: object = None,
    body: PredictBody | None = None,
) -> PredictionReport:
    """Predict every property that the model has; what fails is a row with its kind.

    Parameters
    ----------
    context
        The open workspace.
    subject
        Structures: pymatgen or ASE objects, CIF, POSCAR or XYZ text, a path or
        a pattern of such files, SMILES, a list of these, a table or a stored
        dataset with a column of them.
    with_
        The model; `models` lists them. ``cgcnn+megnet`` is an ensemble: the mean
        of its members, and how far they differ.
    column
        The column with the structures.
    calibrate
        A table of structures with true values, as a part of a split: intervals
        are made of the model's errors on them, and structures that are unlike
        them are flagged. They must not be those that the model learned from.
    body
        Parameters of the model, size of a pass, level of the intervals.

    Raises
    ------
    Stopped
        It was interrupted; what was predicted is in the exception, and kept.

    """
    body = body or PredictBody()
    model = property_model(context, with_)
    require(model)
    parameters = model.parameters(body.parameters)
    with telling_when_stopped("stopped while reading the structures; none was predicted"):
        asked = asked_in(context, subject, column)
        truth = (
            None
            if calibrate is None
            else truth_in(context, calibrate, model, column, body.references)
        )
    started = time.perf_counter()
    made = _predicted(context, model, parameters, body, asked.structures)
    calibration = None
    if truth is not None and not made.is_interrupted:
        known = _predicted(context, model, parameters, body, truth.structures)
        made, calibration = calibrated(made, known, truth.values, body.level)
    seconds = time.perf_counter() - started
    report = _report(model, parameters, made, len(asked.structures), seconds)
    step = _step(report, model, asked, truth)
    report = replace(report, calibration=calibration, step=step)
    if report.is_interrupted:
        done = f"{report.frame.height} of {report.n_asked} structures"
        raise Stopped(f"stopped after {done}; what was done is kept", result=report)
    return report


def rehearse(
    settings: Settings,  # noqa: ARG001 — every verb has one shape
    subject: object,
    *,
    with_: str = "baseline",
    column: str | None = None,
    calibrate: object = None,  # noqa: ARG001 — it may be in the store
    body: PredictBody | None = None,
) -> None:
    """Check the model, its parameters, and that the subject can hold structures."""
    if not may_be_tuned(with_):
        model = property_model(None, with_)
        require(model)
        model.parameters((body or PredictBody()).parameters)
    if is_tabular(subject):
        read_structures(to_table(subject).schema.to_frame(), column=column)


def _predicted(
    context: Context,
    model: Model,
    parameters: dict[str, str],
    body: PredictBody,
    structures: Sequence[Structure],
) -> Made:
    """Ask the store, and the model for the rest."""

    def known(inputs: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return context.store.predictions.known(model.name, model.installed, inputs)

    return predict(
        structures,
        model,
        lambda: loaded(model, parameters, context.device),
        parameters=parameters,
        known=known if model.is_cached else nothing_known,
        batch=body.batch,
        progress=context.progress,
    )


def _report(
    model: Model, parameters: dict[str, str], made: Made, n_asked: int, seconds: float
) -> PredictionReport:
    units = {each.name: each.unit for each in model.properties}
    new = NewPredictions(model.name, model.installed, units, parameters, made.new)
    return PredictionReport(
        model=model.name,
        version=model.installed,
        notice=model.notice,
        parameters_used=parameters,
        frame=made.frame,
        properties=tuple((each.name, each.unit, each.meaning) for each in model.properties),
        new=new if model.is_cached else None,
        n_asked=n_asked,
        n_known=made.n_known,
        seconds=seconds,
        made_for=model.made_for,
        is_interrupted=made.is_interrupted,
        software=model.software,
    )


def _step(report: PredictionReport, model: Model, asked: Asked, truth: Truth | None) -> LineageStep:
    """Say of which structures the table was made, and by which model."""
    table = Table.of_frame("predictions", report.frame)
    inputs = {asked.fingerprint: asked.name}
    inputs |= {f"model:{digest[:40]}": called for digest, called in model.digests.items()}
    if truth is not None:
        inputs.setdefault(truth.fingerprint, "calibration structures")
    return LineageStep(
        table.name,
        table.fingerprint,
        "prediction",
        f"{model.called}: {model.notice}" if model.notice else model.called,
        parameters=dict(report.parameters_used),
        software=report.software,
        seconds=report.seconds,
        inputs=tuple(inputs),
        input_names=tuple(inputs.values()),
    )
