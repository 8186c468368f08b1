"""Property models: one file each, from structures to predicted properties.

A file holds one ``MODEL``, a `Model`: what it is called, its properties with
their units, what must be installed, what it was made for, and how it is
loaded. To add one, add a file; another distribution adds one by the entry
point ``qforge.models``, which names a module with ``MODEL``; in a notebook
`register_model` does it.

A property model learned from data and answers for any number of structures at
once. The quantum-chemical methods of ``engine/predictors`` solve each molecule
by itself, with retries and time limits, and are run by ``calculate``. Both say
what they give as `Property`, and why they give nothing as `Failure`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from qforge_jupyter.engine.models._trainable import Trainable
from qforge_jupyter.engine.models._weights import Weights
from qforge_jupyter.engine.predictors import PREDICTORS, Property
from qforge_jupyter.engine.structures.canonical import Canonical
from qforge_jupyter.errors import CallError, MissingPackage, ModelError, nearest
from qforge_jupyter.registry import Family
from qforge_jupyter.results.calculation import Failure

MODELS = Family("model", __name__)
#: Models of this process, made by `register_model`.
_REGISTERED: dict[str, Model] = {}
#: Models as they were loaded in this process, those of the longest rest first.
_LOADED: dict[tuple[Any, ...], Predict] = {}
MOST_LOADED = 6
#: Under this name an answer may hold the numbers by which the model knows a structure from others.
FEATURES = "features"
#: After the name of a number, how far the members of an ensemble differ on it.
SPREAD = "_spread"
#: Values by property name, or why there are none; in the order of the structures.
Answer = Mapping[str, Any] | Failure
Predict = Callable[[Sequence[Canonical]], Sequence[Answer]]
#: Loads a model with its parameters on a device.
Load = Callable[[Mapping[str, str], str], Predict]


@dataclass(frozen=True, eq=False)
class Model:
    """What is known of a property model, and how it is loaded.

    Parameters
    ----------
    name
        What people type.
    properties
        What it predicts.
    load
        Gives a function from canonical structures to answers; None where
        `absent` says why there is none.
    version
        Of the model; that of its package where it has one.
    package
        Distribution that holds its weights or its code.
    made_for
        For what it was trained, and where it must not be trusted.
    elements
        Atomic numbers that it knows.
    needs_cell
        Whether a molecule is no structure for it.
    licence, reference
        Of the weights; of the method.
    choices
        Parameters with their allowed values, the first is the default.
    notice
        What every output of it says.
    is_cached
        Whether its version names its content, so that answers can be kept.
    absent
        Why it is not offered, one sentence.
    weights
        Files that have to be fetched before.
    batch
        Structures in one pass.
    revision
        Of the code here that runs it: raised where its answers change, so that kept ones do not
        stand for them.
    digest
        SHA-256 of its weights, where they are those of a workspace.
    members
        Of an ensemble: the models that answer together, with their parameters.
    opened
        Opens it for further training on one of its properties, on a device.

    """

    name: str
    properties: tuple[Property, ...]
    load: Load | None = None
    version: str = ""
    package: str = ""
    made_for: str = ""
    elements: frozenset[int] = frozenset(range(1, 119))
    needs_cell: bool = True
    licence: str = ""
    reference: str = ""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notice: str = ""
    is_cached: bool = True
    absent: str = ""
    weights: Weights | None = None
    batch: int = 64
    revision: int = 1
    digest: str = ""
    members: tuple[tuple[Model, Mapping[str, str]], ...] = ()
    opened: Callable[[str, str], Trainable] | None = None

    @property
    def installed(self) -> str:
        """Version of its package here; empty where that is not installed."""
        try:
            return version(self.package) if self.package else self.version
        except PackageNotFoundError:
            return ""

    @property
    def called(self) -> str:
        """Name and version, as they stand in a table."""
        return f"{self.name} {self.installed or self.version}"

    @property
    def software(self) -> dict[str, str]:
        """Versions of the packages that answer."""
        own = {self.package: self.installed} if self.package else {}
        return own | {
            name: told for member, _ in self.members for name, told in member.software.items()
        }

    @property
    def digests(self) -> dict[str, str]:
        """Its own weights and those of its members, where a workspace keeps them, and of whom."""
        own = {self.digest: self.called} if self.digest else {}
        return own | {
            digest: called
            for member, _ in self.members
            for digest, called in member.digests.items()
        }

    def parameters(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Complete what was given with the defaults.

        Raises
        ------
        CallError
            There is no such parameter, or it has no such value.

        """
        for key, value in given.items():
            if key not in self.choices:
                raise CallError(f"No parameter {key!r} of {self.name}{nearest(key, self.choices)}")
            if str(value) not in self.choices[key]:
                known = nearest(str(value), self.choices[key])
                raise CallError(f"No {key} {str(value)[:40]!r} of {self.name}{known}")
        first = {key: values[0] for key, values in self.choices.items()}
        return first | {key: str(value) for key, value in given.items()}


def names() -> tuple[str, ...]:
    """Name every model, those of this process too."""
    return tuple(sorted({*MODELS.names(), *_REGISTERED}))


def find(name: str) -> Model:
    """Find a model by its name.

    Raises
    ------
    CallError
        There is none.

    Examples
    --------
    >>> find("baseline").properties[0].unit
    'eV'

    """
    if name in _REGISTERED:
        return _REGISTERED[name]
    if name in PREDICTORS.names():
        raise CallError(f"{name} is no model but calculates: write  calculate ... with {name}")
    if name not in names():
        raise CallError(f"No model named {name[:60]!r}{nearest(name, names())}")
    model: Model = MODELS.get(name).MODEL
    return model


def require(model: Model) -> Load:
    """Give what loads a model that can be used here.

    Raises
    ------
    ModelError
        It is not offered, or its weights are not here; the sentence says why.
    MissingPackage
        Its package is not installed.

    """
    for member, _ in model.members:
        require(member)
    if model.load is None:
        raise ModelError(f"The model {model.name!r} is absent: {model.absent}")
    if not model.installed:
        raise MissingPackage(model.package, f"to predict with {model.name}", "materials")
    if model.weights and not model.weights.are_here:
        raise ModelError(
            f"The weights of {model.name} are not here: run  %qforge models fetch {model.name}"
        )
    return model.load


def loaded(model: Model, parameters: Mapping[str, str], device: str) -> Predict:
    """Load a model, or give it as it was loaded before."""
    load = require(model)
    if _may_change(model):
        return load(parameters, device)
    key = (model.name, model.installed, model.digest, tuple(sorted(parameters.items())), device)
    # The one that was asked last stands last.
    _LOADED[key] = _LOADED.pop(key) if key in _LOADED else load(parameters, device)
    while len(_LOADED) > MOST_LOADED:
        _LOADED.pop(next(iter(_LOADED)))
    return _LOADED[key]


def _may_change(model: Model) -> bool:
    """Say whether a model, or one that it rests on, may be registered anew under its name."""
    return model.name in _REGISTERED or any(_may_change(member) for member, _ in model.members)


def register(model: Model) -> None:
    """Add a model of this process; one of the same name that was added before is replaced."""
    if model.name in MODELS.names():
        raise CallError(f"There is a model {model.name!r} already: give yours another name")
    _REGISTERED[model.name] = model
