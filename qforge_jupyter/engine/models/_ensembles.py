"""Ensembles: several models of the same property answer together, as their mean and their spread.

How far the members differ says how much they know differently, not how far
they are from the truth: an interval is made of it only by a calibration
(`engine.structures.calibrating`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from qforge_jupyter.engine.models import (
    FEATURES,
    SPREAD,
    Answer,
    Load,
    Model,
    Predict,
    find,
    loaded,
    register,
)
from qforge_jupyter.engine.predictors import Property
from qforge_jupyter.engine.structures.canonical import Canonical
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.calculation import Failure

#: What stands between members, and between a member and its checkpoint.
AND, OF = "+", ":"
#: What the store can call a model.
LONGEST = 64
Member = tuple[Model, Mapping[str, str]]


def register_ensemble(name: str, members: Sequence[str]) -> None:
    """Make an ensemble known to ``predict`` and ``models`` in this process.

    Parameters
    ----------
    name
        What people type; registering it again replaces it.
    members
        Models, as in ``chgnet`` or, with a checkpoint, ``chgnet:0.2.0``.

    Raises
    ------
    CallError
        They are too few, or have no property in common.

    Examples
    --------
    >>> import qforge_jupyter as qf
    >>> qf.register_ensemble("gaps", ["cgcnn", "megnet"])

    """
    register(ensemble([member_of(each, find) for each in members], name))


def named(text: str, find_one: Callable[[str], Model]) -> Model:
    """Find a model, or make the ensemble that ``a+b`` names."""
    parts = [each.strip() for each in text.split(AND)]
    if len(parts) == 1 and OF not in text:
        return find_one(text)
    members = [member_of(each, find_one) for each in parts]
    if len(members) == 1:
        raise CallError(
            f"{text[:60]!r} is one model: name it with  parameters: {{checkpoint: ...}}  in the "
            "body, or join several with +"
        )
    return ensemble(members)


def member_of(text: str, find_one: Callable[[str], Model]) -> Member:
    """Read a member and its checkpoint."""
    name, _, choice = text.partition(OF)
    model = find_one(name.strip())
    if choice and len(model.choices) != 1:
        raise CallError(f"The model {model.name!r} has no checkpoints to choose: write its name")
    given = {key: choice.strip() for key in model.choices if choice}
    return model, model.parameters(given)


def ensemble(members: Sequence[Member], name: str = "") -> Model:
    """Make one model of several.

    Raises
    ------
    CallError
        They are too few, one stands twice, or they have no property in common.

    """
    members = sorted(members, key=_shown)
    shown = [_shown(each) for each in members]
    twice = next((each for each in shown if shown.count(each) > 1), "")
    if len(members) < 2 or twice:
        came = f"{twice} twice" if twice else f"{len(members)}"
        raise CallError(f"An ensemble wants at least two different models and {came} came")
    models = [model for model, _ in members]
    shared = _shared(models)
    if not shared:
        raise CallError(
            f"{' and '.join(shown)} predict no number in common, of one name and unit: "
            "`models` lists what each gives"
        )
    name = name or AND.join(shown)
    if len(name) > LONGEST:
        raise CallError(f"{len(shown)} members make too long a name: use qf.register_ensemble")
    return Model(
        name,
        (*shared, *(_spread_of(each) for each in shared)),
        _loading(members, [each.name for each in shared]),
        version=_version(members),
        made_for="what all of its members were made for",
        elements=frozenset.intersection(*(each.elements for each in models)),
        needs_cell=any(each.needs_cell for each in models),
        licence=", ".join(dict.fromkeys(each.licence for each in models)),
        reference=", ".join(_called(each) for each in members),
        notice=_notice(models, shared),
        is_cached=all(each.is_cached for each in models),
        batch=min(each.batch for each in models),
        members=tuple(members),
    )


def _shown(member: Member) -> str:
    model, parameters = member
    name = f"{model.name}@{model.version}" if model.digest else model.name
    return OF.join([name, *parameters.values()])


def _called(member: Member) -> str:
    return f"{_shown(member)} ({member[0].installed})"


def _shared(models: Sequence[Model]) -> list[Property]:
    """Give the numbers that every model predicts, in the same unit."""
    units = [
        {each.name: each.unit for each in model.properties if each.dtype == pl.Float64}
        for model in models
    ]
    return [
        replace(each, meaning=f"mean of {len(models)}: {' | '.join(_meanings(models, each.name))}")
        for each in models[0].properties
        if all(each.name in other and other[each.name] == each.unit for other in units)
    ]


def _meanings(models: Sequence[Model], name: str) -> tuple[str, ...]:
    said = (each.meaning for model in models for each in model.properties if each.name == name)
    return tuple(dict.fromkeys(said))


def _notice(models: Sequence[Model], shared: Sequence[Property]) -> str:
    """Say what a member says of itself, and where members may not mean the same."""
    own = [each.notice for each in models if each.notice]
    mixed = [each.name for each in shared if len(_meanings(models, each.name)) > 1]
    if mixed:
        own.append(f"The members do not mean the same by {', '.join(mixed)}: `models` says what")
    return ". ".join(dict.fromkeys(own))


def _spread_of(each: Property) -> Property:
    meaning = "standard deviation between the members; no error, until it is calibrated"
    return Property(f"{each.name}{SPREAD}", each.unit, meaning)


def _version(members: Sequence[Member]) -> str:
    """Name what decides the answers: members, their versions, parameters and code."""
    said = [
        [model.name, model.installed, model.digest, model.revision, sorted(parameters.items())]
        for model, parameters in members
    ]
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    return f"{len(members)} members {digest[:12]}"


def _loading(members: Sequence[Member], names: Sequence[str]) -> Load:
    def load(parameters: Mapping[str, str], device: str) -> Predict:  # noqa: ARG001 — of its members
        asked = [loaded(model, given, device) for model, given in members]

        def predict(structures: Sequence[Canonical]) -> list[Answer]:
            said = [member(structures) for member in asked]
            return [_together(each, names) for each in zip(*said, strict=True)]

        return predict

    return load


def _together(answers: Sequence[Answer], names: Sequence[str]) -> Answer:
    """Give mean and spread; where a member has no answer the ensemble has none."""
    whole = []
    for each in answers:
        if isinstance(each, Failure):
            return each
        whole.append(each)
    told: dict[str, object] = {}
    for name in names:
        values = np.asarray([each[name] for each in whole], dtype=float)
        told |= {name: float(values.mean()), f"{name}{SPREAD}": float(values.std(ddof=1))}
    features = [np.ravel(each[FEATURES]) for each in whole if FEATURES in each]
    return told | ({FEATURES: np.concatenate(features).tolist()} if features else {})
