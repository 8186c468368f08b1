"""A user's own model, made known in one call."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qforge_jupyter.engine.chemistry.molecule import require_ase
from qforge_jupyter.engine.models import Answer, Load, Model, Predict, register
from qforge_jupyter.engine.models._trainable import Trainable
from qforge_jupyter.engine.predictors import Property
from qforge_jupyter.errors import CallError, ModelError

if TYPE_CHECKING:
    import torch

    from qforge_jupyter.engine.structures.canonical import Canonical


def register_model(  # noqa: PLR0913 — what is known of a model
    name: str,
    predict: Callable[[Sequence[Any]], Sequence[Any]] | torch.nn.Module,
    *,
    properties: Mapping[str, str],
    features: Callable[[Any], Any] | None = None,
    version: str = "",
    made_for: str = "",
    licence: str = "",
    needs_cell: bool = False,
    batch: int = 64,
) -> None:
    """Make a function or a torch module known to ``predict`` and ``models`` in this process.

    Parameters
    ----------
    name
        What people type; registering it again replaces it.
    predict
        Takes a list of ASE's ``Atoms`` and gives for each a number (of the
        only property), a sequence of numbers, or a mapping by property; or a
        torch module, which takes the stacked features of the structures and
        gives a column for each property.
    properties
        Name and unit of what it predicts, in order.
    features
        For a torch module: from ``Atoms`` to the numbers that it takes.
    version
        Names the model's content; where there is none its answers are not
        kept, since nobody could say which function they came from.
    made_for
        What it was made for.
    licence
        Of its weights.
    needs_cell
        Whether molecules are to be refused.
    batch
        Structures in one pass.

    Raises
    ------
    CallError
        The name or the properties cannot be used.

    Examples
    --------
    >>> import qforge_jupyter as qf
    >>> qf.register_model("volume", lambda all: [each.get_volume() for each in all],
    ...     properties={"volume": "Å^3"}, needs_cell=True)

    """
    if not re.fullmatch(r"[A-Za-z][\w.-]{0,59}", name):
        raise CallError(
            f"A model is called {name[:60]!r}: wanted a letter, then letters, digits, dots or -"
        )
    unusable = [key for key in properties if not str(key).isidentifier() or key in RESERVED]
    if not properties or unusable:
        shown = repr(unusable[0]) if unusable else "none"
        raise CallError(f"Properties are names with units, and {shown} came: as in {{'gap': 'eV'}}")
    names = tuple(properties)
    is_module = hasattr(predict, "state_dict")
    if is_module and features is None:
        raise CallError("A torch module needs `features`, a function from ASE atoms to its input")
    loads = _of_module(predict, features, names) if is_module else _of_function(predict, names)
    register(
        Model(
            name,
            tuple(
                Property(key, unit, "as its author means it") for key, unit in properties.items()
            ),
            loads,
            version=version or "unversioned",
            made_for=made_for or "what its author says",
            needs_cell=needs_cell,
            licence=licence or "its author's",
            reference="registered in this process",
            is_cached=bool(version),
            batch=batch,
            opened=_opening(predict, features, names) if is_module else None,
        )
    )


#: Columns of every table of predictions.
RESERVED = frozenset(
    {"name", "formula", "n_atoms", "structure_hash", "model", "notice", "failure_kind"}
    | {"failure_message"}
)


def atoms_of(form: Canonical) -> Any:
    """Give a canonical structure as ASE's ``Atoms``."""
    atoms = require_ase("atoms").Atoms
    if form.lattice is None:
        return atoms(form.numbers, form.positions)
    return atoms(form.numbers, form.positions, cell=form.lattice, pbc=True)


def _of_function(predict: Any, names: tuple[str, ...]) -> Load:
    def load(parameters: Mapping[str, str], device: str) -> Predict:  # noqa: ARG001 — its own affair
        def answer(structures: Sequence[Canonical]) -> list[Answer]:
            said = list(predict([atoms_of(each) for each in structures]))
            return [_named(each, names) for each in said]

        return answer

    return load


def _of_module(network: Any, features: Any, names: tuple[str, ...]) -> Load:
    def load(parameters: Mapping[str, str], device: str) -> Predict:  # noqa: ARG001 — it has none
        import torch

        def answer(structures: Sequence[Canonical]) -> list[Answer]:
            given = np.stack([np.asarray(features(atoms_of(each))) for each in structures])
            with torch.inference_mode():
                moved = network.to(device).eval()
                said = moved(torch.as_tensor(given, dtype=torch.float32, device=device))
            return [_named(each, names) for each in said.reshape(len(given), -1).cpu().numpy()]

        return answer

    return load


def _opening(
    network: Any, features: Any, names: tuple[str, ...]
) -> Callable[[str, str], Trainable]:
    """Open a copy of a module for training, so that the user's own stays as it is."""

    def opened(name: str, device: str) -> Trainable:
        import torch

        own, column = copy.deepcopy(network).to(device), names.index(name)

        def encode(form: Canonical) -> Any:
            return np.asarray(features(atoms_of(form)), dtype=np.float32)

        def answer(given: Sequence[Any]) -> Any:
            stacked = torch.as_tensor(np.stack(given), dtype=torch.float32, device=device)
            return own(stacked).reshape(len(given), -1)[:, column]

        return Trainable(own, encode, answer)

    return opened


def _named(said: Any, names: tuple[str, ...]) -> Answer:
    """Give a model's answer by property."""
    if isinstance(said, Mapping):
        if missing := [name for name in names if name not in said]:
            raise ModelError(f"The model gave no {missing[0]!r}: it has to give every property")
        return {name: said[name] for name in names}
    values = np.ravel(np.asarray(said, dtype=float))
    if len(values) != len(names):
        raise ModelError(f"The model gave {len(values)} numbers, wanted {len(names)}")
    return dict(zip(names, values.tolist(), strict=True))
