"""Predict properties of many structures: one row each, failures by kind, what is known reused."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.device_memory import give_back_all, is_out_of_memory
from qforge_jupyter.engine.chemistry.interrupts import interrupts_held
from qforge_jupyter.engine.models import FEATURES, Answer, Model, Predict
from qforge_jupyter.engine.structures.canonical import Canonical, as_it_came, canonical
from qforge_jupyter.engine.structures.structure import Structure, check_structure
from qforge_jupyter.errors import ModelError, QForgeError
from qforge_jupyter.results.calculation import Failure
from qforge_jupyter.results.progress import Progress, silent

DESCRIPTION: dict[str, Any] = {
    "name": pl.String,
    "formula": pl.String,
    "n_atoms": pl.Int64,
    "structure_hash": pl.String,
    "model": pl.String,
    "notice": pl.String,
}
FAILURE: dict[str, Any] = {"failure_kind": pl.String, "failure_message": pl.String}
#: Answers kept earlier, by the hash of the input.
Known = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Made:
    """What a run of predictions gives.

    Parameters
    ----------
    frame
        A row for each structure that was reached, in the order of the input.
    new
        Answers that were not known before: hash of the structure, hash of the
        input, values in the canonical form.
    n_known
        Structures whose answer was kept earlier.
    is_interrupted
        Whether some were not reached.
    features
        Where the model gives them, the numbers by which it knows a structure
        from others; a line for each row.

    """

    frame: pl.DataFrame
    new: tuple[tuple[str, str, dict[str, Any]], ...]
    n_known: int
    is_interrupted: bool
    features: tuple[list[float] | None, ...] = ()


def input_hash(structure_hash: str, parameters: Mapping[str, str], revision: int = 1) -> str:
    """Hash what decides a model's answer: the structure, the parameters, and the code here.

    Examples
    --------
    >>> input_hash("ab", {}) == input_hash("ab", {"checkpoint": "1"})
    False

    """
    said = json.dumps([structure_hash, sorted(parameters.items()), revision])
    return hashlib.sha256(said.encode()).hexdigest()


def nothing_known(inputs: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:  # noqa: ARG001
    """Know nothing."""
    return {}


def predict(  # noqa: PLR0913 — each is what the verb is told
    structures: Sequence[Structure],
    model: Model,
    load: Callable[[], Predict],
    *,
    parameters: Mapping[str, str],
    known: Known = nothing_known,
    batch: int | None = None,
    progress: Progress = silent,
) -> Made:
    """Predict every property of each structure.

    Parameters
    ----------
    structures
        As `read_structures` gives them.
    model
        Which predicts.
    load
        Loads it; not called where every answer is known.
    parameters
        As `Model.parameters` completes them.
    known
        Gives answers that were kept.
    batch
        Structures in one pass at most; the model's own number when None. A pass that does
        not fit the memory is made in halves, and no later one is larger; the model stays loaded.
    progress
        Told after each pass. A ``KeyboardInterrupt`` ends the run and keeps
        what is done.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from qforge_jupyter.engine.models.baseline import MODEL
    >>> from qforge_jupyter.engine.structures.reading import read_structures
    >>> made = predict(read_structures([bulk("Cu")]), MODEL, lambda: MODEL.load({}, ""),
    ...     parameters={})
    >>> made.frame["notice"].item()[:9]
    'Baseline:'

    """
    run = _Run(model, load, parameters, max(1, batch or model.batch))
    rows: list[dict[str, Any]] = []
    is_interrupted = False
    try:
        while len(rows) < len(structures):
            some = run.answer(structures[len(rows) : len(rows) + run.batch], known)
            with interrupts_held():
                rows.extend(some)
                progress(len(rows), len(structures), model.name)
    except KeyboardInterrupt:
        is_interrupted = True
    given = {each.name: each.dtype for each in model.properties}
    frame = pl.DataFrame(rows, schema={**DESCRIPTION, **given, **FAILURE})
    features = tuple(run.features[: len(rows)])
    return Made(frame, tuple(run.new.values()), run.n_known, is_interrupted, features)


def form_for(model: Model, structure: Structure) -> Canonical | Failure:
    """Give the canonical form of a structure, or why a model cannot be asked about it."""
    failure = check_structure(structure)
    if failure is None and model.needs_cell and structure.lattice is None:
        failure = Failure(
            "not_periodic", f"{model.name} predicts of crystals, and this has no cell"
        )
    unknown = sorted(set(structure.numbers) - model.elements)
    if failure is None and unknown:
        reason = f"{model.name} does not know the element with Z = {unknown[0]}"
        failure = Failure("unsupported_element", reason)
    return failure or canonical(structure)


@dataclass
class _Run:
    """What stays the same from batch to batch, and what is new so far."""

    model: Model
    load: Callable[[], Predict]
    parameters: Mapping[str, str]
    batch: int
    new: dict[str, tuple[str, str, dict[str, Any]]] = field(default_factory=dict)
    n_known: int = 0
    features: list[list[float] | None] = field(default_factory=list)

    def answer(self, structures: Sequence[Structure], known: Known) -> list[dict[str, Any]]:
        """Give the rows of one batch."""
        forms = [form_for(self.model, each) for each in structures]
        inputs = [
            input_hash(form.hash, self.parameters, self.model.revision)
            if isinstance(form, Canonical)
            else ""
            for form in forms
        ]
        kept = dict(known([each for each in dict.fromkeys(inputs) if each]))
        self.n_known += sum(each in kept for each in inputs)
        answers: dict[str, Answer] = {**kept}
        answers |= {key: self.new[key][2] for key in inputs if key in self.new}
        open_ = {
            key: form
            for key, form in zip(inputs, forms, strict=True)
            if isinstance(form, Canonical) and key not in answers
        }
        for (key, form), said in zip(open_.items(), self._asked(list(open_.values())), strict=True):
            answers[key] = said
            if not isinstance(said, Failure):
                self.new[key] = (form.hash, key, dict(said))
        said_of: list[Answer] = [
            form if isinstance(form, Failure) else answers[key]
            for form, key in zip(forms, inputs, strict=True)
        ]
        self.features += [
            None if isinstance(each, Failure) else each.get(FEATURES) for each in said_of
        ]
        return [
            self._row(structure, form, said)
            for structure, form, said in zip(structures, forms, said_of, strict=True)
        ]

    def _asked(self, forms: list[Canonical]) -> Iterator[Answer]:
        """Ask the model; where a pass fails as a whole, each structure alone."""
        if not forms:
            return
        predict = self.load()
        try:
            answers = self._checked(predict(forms), len(forms))
        except (KeyboardInterrupt, QForgeError):
            raise
        except Exception as problem:  # noqa: BLE001 — a model's own fault fails a row, not the run
            # The error holds what was computed before it, so it may not outlive this block.
            lacks_memory, kind = is_out_of_memory(problem), type(problem).__name__
        else:
            yield from answers
            return
        if len(forms) == 1:
            needs = "needs more memory than there is" if lacks_memory else f"failed with a {kind}"
            yield Failure("other", f"{self.model.name} {needs}")
            return
        if lacks_memory:
            self.batch = len(forms) // 2
            give_back_all()
        while forms:
            size = self.batch if lacks_memory else 1
            yield from self._asked(forms[:size])
            forms = forms[size:]

    def _checked(self, answers: Sequence[Answer], n: int) -> list[Answer]:
        """Refuse too few answers; a number that is none is a failure of its row."""
        if len(answers) != n:
            raise ModelError(
                f"The model {self.model.name!r} gave {len(answers)} answers for {n} structures: "
                "it has to give one each"
            )
        return [self._finite(each) for each in answers]

    def _finite(self, said: Answer) -> Answer:
        if isinstance(said, Failure):
            return said
        names = [each.name for each in self.model.properties]
        names += [FEATURES] if FEATURES in said else []
        values = {name: _plain(said.get(name)) for name in names}
        numbers = [number for each in values.values() if each is not None for number in _flat(each)]
        if not all(map(math.isfinite, numbers)):
            return Failure("other", f"{self.model.name} gave a number that is not finite")
        for each in self.model.properties:
            value, is_many = values[each.name], each.dtype.is_nested()
            if value is not None and isinstance(value, list) != is_many:
                came, wanted = ("one number", "a list") if is_many else ("a list", "one number")
                reason = f"{self.model.name} gave {came} for {each.name}, and it is {wanted}"
                return Failure("other", reason)
        return values

    def _row(self, structure: Structure, form: Canonical | Failure, said: Answer) -> dict[str, Any]:
        failure = said if isinstance(said, Failure) else None
        values: dict[str, Any] = {}
        if isinstance(form, Canonical) and not isinstance(said, Failure):
            values = {
                each.name: as_it_came(form, each, said.get(each.name))
                for each in self.model.properties
            }
        return {
            "name": structure.name,
            "formula": structure.formula,
            "n_atoms": len(structure.numbers) or None,
            "structure_hash": form.hash if isinstance(form, Canonical) else None,
            "model": self.model.called,
            "notice": self.model.notice or None,
            **values,
            "failure_kind": failure.kind if failure else None,
            "failure_message": failure.message if failure else None,
        }


def _plain(value: Any) -> Any:
    """Make Python's own numbers and lists of whatever a model gives."""
    if value is None:
        return None
    return np.asarray(value, dtype=float).tolist()


def _flat(value: Any) -> list[float]:
    return np.ravel(np.asarray(value, dtype=float)).tolist()
