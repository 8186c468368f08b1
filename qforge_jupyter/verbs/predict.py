"""Predict properties of structures with a model, on the CPU or a GPU; answers are kept."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.engine.models import Model, find, loaded, require
from qforge_jupyter.engine.structures.predicting import Made, nothing_known, predict
from qforge_jupyter.engine.structures.reading import is_path, read_structures
from qforge_jupyter.engine.structures.structure import Structure
from qforge_jupyter.errors import CallError, Stopped, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.convert import is_tabular, to_table
from qforge_jupyter.results.kept_predictions import NewPredictions
from qforge_jupyter.results.prediction import PredictionReport
from qforge_jupyter.results.run import LineageStep
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._stored import Stored

EXAMPLE = """\
%qforge predict structures with baseline into preds
"""
#: Files that a pattern may name at most.
MOST_FILES = 100_000


class PredictBody(BaseModel):
    """How a model predicts."""

    model_config = ConfigDict(extra="forbid")

    parameters: dict[str, str] = Field(
        {}, description="Of the model, as in {checkpoint: 0.3.0}; `models` lists them."
    )
    batch: int | None = Field(
        None, ge=1, le=100_000, description="Structures in one pass; the model's own number."
    )


def run(
    context: Context,
    subject: object,
    *,
    with_: str = "baseline",
    column: str | None = None,
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
        The model; `models` lists them.
    column
        The column with the structures.
    body
        Parameters of the model, size of a pass.

    Raises
    ------
    Stopped
        It was interrupted; what was predicted is in the exception, and kept.

    """
    body = body or PredictBody()
    model = find(with_)
    require(model)
    parameters = model.parameters(body.parameters)
    with telling_when_stopped("stopped while reading the structures; none was predicted"):
        structures = structures_in(context, subject, column)
    started = time.perf_counter()
    known = context.store.predictions.known
    version = model.installed
    made = predict(
        structures,
        model,
        lambda: loaded(model.name, parameters, context.device),
        parameters=parameters,
        known=(lambda inputs: known(model.name, version, inputs))
        if model.is_cached
        else nothing_known,
        batch=body.batch,
        progress=context.progress,
    )
    seconds = time.perf_counter() - started
    report = _report(model, parameters, made, len(structures), seconds)
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
    body: PredictBody | None = None,
) -> None:
    """Check the model, its parameters, and that the subject can hold structures."""
    model = find(with_)
    require(model)
    model.parameters((body or PredictBody()).parameters)
    if is_tabular(subject):
        read_structures(to_table(subject).schema.to_frame(), column=column)


def structures_in(context: Context, subject: object, column: str | None) -> list[Structure]:
    """Read structures of whatever a call names; a dataset's name goes before a file's."""
    if isinstance(subject, str):
        stored = Stored(lambda: context).table(subject) if "\n" not in subject else None
        subject = stored or _paths(subject)
    frame = _frame(subject)
    return read_structures(
        subject if frame is None else frame, column=column, seed=context.seed, read=_read
    )


def _frame(subject: object) -> pl.DataFrame | None:
    if isinstance(subject, Table):
        return subject.frame
    if isinstance(subject, pl.DataFrame):
        return subject  # it may hold objects, which no table does
    return to_table(subject).frame if is_tabular(subject) else None


def _paths(text: str) -> Any:
    """Give the files that a pattern or a folder names, or the text as it came."""
    if "\n" in text:
        return text
    pattern = Path(text)
    if any(sign in text for sign in "*?"):
        found = sorted(str(each) for each in Path(pattern.anchor or ".").glob(_relative(pattern)))
    elif pattern.is_dir():
        found = sorted(str(each) for each in pattern.iterdir() if is_path(each.name))
    else:
        return text
    if not found or len(found) > MOST_FILES:
        raise CallError(f"{text[:60]!r} names {len(found):,} files: wanted 1 to {MOST_FILES:,}")
    return found


def _relative(pattern: Path) -> str:
    return str(pattern.relative_to(pattern.anchor)) if pattern.anchor else str(pattern)


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _report(
    model: Model, parameters: dict[str, str], made: Made, n_asked: int, seconds: float
) -> PredictionReport:
    units = {each.name: each.unit for each in model.properties}
    new = NewPredictions(model.name, model.installed, units, parameters, made.new)
    software = {model.package: model.installed} if model.package else {}
    report = PredictionReport(
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
        software=software,
    )
    table = Table.of_frame("predictions", made.frame)
    step = LineageStep(
        table.name,
        table.fingerprint,
        "prediction",
        f"{model.called}: {model.notice}" if model.notice else model.called,
        parameters=dict(parameters),
        software=software,
        seconds=seconds,
    )
    return replace(report, step=step)
