"""Train a property model further on the parts of a split, and keep it as a model of its own."""

from __future__ import annotations

import copy
import uuid
from collections import Counter
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.device_memory import borrowed
from qforge_jupyter.engine.models import Model, names, require
from qforge_jupyter.engine.models._trainable import Trainable
from qforge_jupyter.engine.models._tuned import check_trainable, state_of
from qforge_jupyter.engine.structures.predicting import form_for
from qforge_jupyter.engine.structures.tuning import Known, Schedule, Tuning, errors_of, tune
from qforge_jupyter.engine.training import regression_scores
from qforge_jupyter.errors import CallError, DataError, Stopped, nearest, telling_when_stopped
from qforge_jupyter.frames.fingerprint import fingerprint
from qforge_jupyter.results.calculation import Failure
from qforge_jupyter.results.fine_tuning import FineTuning, PartErrors
from qforge_jupyter.results.split import Split
from qforge_jupyter.store.models import TUNED_MODEL
from qforge_jupyter.verbs._called import check_called
from qforge_jupyter.verbs._property_models import property_model
from qforge_jupyter.verbs._structures import structures_in

USES = ("torch",)
EXAMPLE = """\
%%qforge finetune cgcnn with gap-split as cgcnn-gaps --target dft_gap into tuned
property: band_gap
"""
#: Parts without which nothing is trained: one to learn from, one that says when to stop.
NEEDED = ("train", "validation")


class FineTuneBody(BaseModel):
    """How a model is trained further."""

    model_config = ConfigDict(extra="forbid")

    property: str = Field(
        "", description="Which one is trained, where the target is called otherwise."
    )
    epochs: int = Field(100, ge=1, le=10_000, description="Passes at most.")
    patience: int = Field(
        20, ge=1, le=10_000, description="Passes without a better validation before it stops."
    )
    batch: int = Field(16, ge=1, le=10_000, description="Structures in one step.")
    learning_rate: float = Field(1e-4, gt=0, le=1, description="Of Adam.")
    weight_decay: float = Field(0.0, ge=0, le=1, description="Of Adam, decoupled.")


def run(
    context: Context,
    subject: str,
    *,
    with_: Split,
    as_: str,
    target: str,
    column: str | None = None,
    body: FineTuneBody | None = None,
) -> FineTuning:
    """Train on ``train`` while ``validation`` gets better; ``test`` is asked once, at the end.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The model to begin with: one whose network can be trained here, or one
        that was tuned before.
    with_
        The split of a table with structures and true values.
    as_
        What the new model is called; ``predict`` knows it by this name.
    target
        The column of true values.
    column
        The column with the structures.
    body
        The property, and how is trained.

    Raises
    ------
    Stopped
        It was interrupted; the best weights so far are kept.

    """
    body = body or FineTuneBody()
    check_called(as_, "A model", "finetune cgcnn with SPLIT as cgcnn-gaps --target COLUMN")
    if as_ in names():
        raise CallError(f"There is a model {as_!r} already: give the tuned one another name")
    model = property_model(context, subject)
    require(model)
    name = body.property or target
    opened = check_trainable(model, name)(name, context.device)
    with telling_when_stopped("stopped while reading the structures; nothing was trained"):
        parts, failures = _parts(context, with_, target, column, model, opened)
    untouched = copy.deepcopy(opened.network.state_dict())
    schedule = Schedule(
        body.epochs, body.patience, body.batch, body.learning_rate, body.weight_decay, context.seed
    )
    made = tune(
        opened,
        parts["train"],
        parts["validation"],
        schedule,
        device=context.device,
        progress=context.progress,
    )
    if not made.epochs:
        raise Stopped("stopped before the first pass; nothing was trained")
    state = state_of(opened.network)
    report = FineTuning(
        name=as_,
        base=model.called,
        of=name,
        unit=next(each.unit for each in model.properties if each.name == name),
        target=target,
        split=with_.name or f"split of {with_.table}",
        schedule={**body.model_dump(exclude={"property"}), "seed": context.seed},
        logged=_logged(made),
        best=made.best,
        errors=_errors(opened, parts, untouched, context.device),
        failures=failures,
        state=state,
        id=uuid.uuid4().hex,
        base_name=model.members[0][0].name if model.digest else model.name,
        model_kind=TUNED_MODEL,
        sealed=with_.sealed,
        inputs=_inputs(with_, model),
        software=model.software,
        is_interrupted=made.is_interrupted,
    )
    if made.is_interrupted:
        raise Stopped(
            f"stopped after {report.n_epochs} passes; the best weights so far are kept",
            result=report,
        )
    return report


def _parts(
    context: Context,
    split: Split,
    target: str,
    column: str | None,
    model: Model,
    opened: Trainable,
) -> tuple[dict[str, Known], dict[str, int]]:
    """Encode every part that may be looked at; count what cannot be used by kind."""
    there = [name for name in split.part_names if name not in split.sealed]
    if missing := [name for name in NEEDED if name not in there]:
        raise CallError(
            f"A fine-tuning needs the parts train and validation, not sealed, and {missing[0]} is "
            f"not there{nearest(missing[0], there)}"
        )
    parts, failures = {}, Counter[str]()
    for name in there:
        rows = split[name]
        if target not in rows.columns or not rows[target].dtype.is_numeric():
            numbers = [each for each in rows.columns if rows[each].dtype.is_numeric()]
            raise CallError(f"No column {target[:60]!r} of numbers{nearest(target, numbers)}")
        structures = structures_in(context, rows, column)
        inputs, values = [], []
        for structure, value in zip(structures, rows[target].to_list(), strict=True):
            form = form_for(model, structure)
            given = form if isinstance(form, Failure) else opened.encode(form)
            if value is None or not np.isfinite(opened.scaled(value)):
                failures["without a true value"] += 1
            elif isinstance(given, Failure):
                failures[given.kind] += 1
            else:
                inputs.append(given)
                values.append(float(value))
        if not inputs:
            raise DataError(f"No structure of the {name} part can be used with a true value")
        parts[name] = Known(inputs, np.asarray(values))
    return parts, dict(failures)


def _errors(
    opened: Trainable, parts: dict[str, Known], untouched: dict[str, Any], device: str
) -> tuple[PartErrors, ...]:
    """Compare with the network as it was, and with the mean of the training part."""
    trained = copy.deepcopy(opened.network.state_dict())
    mean = parts["train"].values.mean()
    said: dict[str, dict[str, Any]] = {name: {} for name in parts}
    with borrowed(device) as memory:
        for answer, state in (("before", untouched), ("after", trained)):
            opened.network.load_state_dict(state)
            for name, known in parts.items():
                predicted = known.values + errors_of(opened, known, memory)
                said[name][answer] = regression_scores(known.values, predicted)
    for name, known in parts.items():
        said[name]["mean"] = regression_scores(known.values, np.full(len(known.values), mean))
    return tuple(PartErrors(name, len(each.values), said[name]) for name, each in parts.items())


def _logged(made: Tuning) -> tuple[tuple[str, float, int], ...]:
    return tuple(
        (f"{part}_mae", value, step)
        for step, each in enumerate(made.epochs)
        for part, value in (("train", each.train), ("validation", each.validation))
    )


def _inputs(split: Split, model: Model) -> tuple[tuple[str, str], ...]:
    """Name the rows that it learned of, and the weights that it began with where they are ours."""
    known = split.name or f"split of {split.table}"
    parts = tuple((fingerprint(split[part]), f"{known}/{part}") for part in NEEDED)
    return (*parts, (f"model:{model.digest[:40]}", model.called)) if model.digest else parts
