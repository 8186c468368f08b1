"""A fine-tuning: which network learned further of which structures, and what it is worth now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Text, Tone
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change, NewModel
from qforge_jupyter.results.run import Event, LineageStep, Metric

#: Who answers: the mean of the training part, the network before, the network after.
ANSWERS = ("mean", "before", "after")


@dataclass(frozen=True)
class PartErrors:
    """What three answers are worth on a part: ``mean``, ``before`` and ``after``.

    Each has ``mae``, ``rmse`` and ``r2``.
    """

    part: str
    n: int
    scores: Mapping[str, Mapping[str, float]]

    def mae(self, answer: str) -> float:
        """Give the mean absolute error of one of the three."""
        return self.scores[answer]["mae"]


@dataclass(frozen=True, repr=False, eq=False)
class FineTuning(Result):
    """A property model that was trained further on the parts of a split.

    Parameters
    ----------
    name
        What the new model is called.
    base, of, unit
        Whose network it is; the property; its unit.
    target
        The column of true values.
    schedule
        How it was trained.
    logged
        Errors of every pass: name, value, number of the pass; 0 is before the first.
    best
        The pass whose weights are kept.
    errors
        By part, before and after; ``test`` was asked once, when all was done.
    failures
        Structures that could not be used, by kind.
    state
        The weights.

    """

    kind: ClassVar[str] = "fine-tuning"

    name: str
    base: str
    of: str
    unit: str
    target: str
    split: str
    schedule: dict[str, Any]
    logged: tuple[tuple[str, float, int], ...]
    best: int
    errors: tuple[PartErrors, ...]
    failures: dict[str, int]
    state: bytes
    id: str
    base_name: str
    model_kind: str
    sealed: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    software: dict[str, str] = field(default_factory=dict)
    is_interrupted: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the weights."""
        return hashlib.sha256(self.state).hexdigest()

    @property
    def n_epochs(self) -> int:
        """Passes that were made."""
        return max((step for _, _, step in self.logged), default=0)

    def part(self, name: str) -> PartErrors | None:
        """Give the errors on a part; None where it was not looked at."""
        return next((each for each in self.errors if each.part == name), None)

    def document(self) -> Document:
        """Say what was learned, and what it is worth beside the mean and the network before."""
        verdict, tone = self._verdict()
        facts = (
            ("from", self.base),
            ("predicts", f"{self.of} ({self.unit})" if self.unit else self.of),
            ("learned of", f"{self.target} of {self.split}"),
            ("passes", f"{self.n_epochs}, the best is {self.best}"),
            *((name.replace("_", " "), value) for name, value in self.schedule.items()),
        )
        unit = f" ({self.unit})" if self.unit else ""
        head = (
            *("part", "structures", f"MAE{unit} of the mean", "before", "after"),
            *("R² before", "R² after"),
        )
        blocks: list[Block] = [
            Facts(facts),
            Grid(head, tuple(_row(each) for each in self.errors)),
            *(Text(said, "caution") for said in self._notes()),
        ]
        if self.sealed:
            blocks.append(Text(f"Not looked at, because sealed: {', '.join(self.sealed)}."))
        return Document(
            f"Fine-tuning of {self.base_name} into {self.name}", verdict, tone, (*blocks,)
        )

    def payload(self) -> dict[str, Any]:
        """Give what was done and what came of it."""
        return {
            "name": self.name,
            "base": self.base,
            "property": self.of,
            "unit": self.unit,
            "target": self.target,
            "split": self.split,
            "schedule": self.schedule,
            "best": self.best,
            "errors": self._errors(),
            "rows": {each.part: each.n for each in self.errors},
            "failures": self.failures,
            "sealed": list(self.sealed),
            "is_interrupted": self.is_interrupted,
            "logged": [list(each) for each in self.logged],
        }

    def identity(self) -> dict[str, Any]:
        """Name the weights, which differ in their last digits from machine to machine."""
        return {"weights_sha256": self.digest, "software": self.software}

    def parameters(self) -> dict[str, Any]:
        """Name what a tracker lists beside the call's options."""
        said = {"base": self.base, "property": self.of, "weights_sha256": self.digest}
        return said | {f"schedule.{name}": value for name, value in self.schedule.items()}

    def metrics(self) -> tuple[Metric, ...]:
        """Errors of each part before and after."""
        scores = [
            Metric(f"{answer}.{name}", value, each.part)
            for each in self.errors
            for answer in ANSWERS
            for name, value in each.scores[answer].items()
        ]
        counts = [Metric("n_structures", each.n, each.part) for each in self.errors]
        return (*scores, *counts, Metric("best_epoch", self.best, "model"))

    def attachments(self) -> dict[str, tuple[bytes, str]]:
        """Keep the weights."""
        return {"weights.pt": (self.state, "application/octet-stream")}

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say of which network and which split the model was made."""
        step = LineageStep(
            self.name,
            f"model:{self.digest[:40]}",
            "a fine-tuning",
            f"finetune {self.base}",
            parameters=dict(self.schedule),
            software=self.software,
            inputs=tuple(content for content, _ in self.inputs),
            input_names=tuple(name for _, name in self.inputs),
        )
        return (step,)

    def changes(self) -> tuple[Change, ...]:
        """Register the model, as a new version of its name."""
        properties = {
            "base": self.base_name,
            "base_version": self.base,
            "property": self.of,
            "unit": self.unit,
            "target": self.target,
            "split": self.split,
            "inputs": {name: content for content, name in self.inputs},
            "schedule": self.schedule,
            "best": self.best,
            "errors": self._errors(),
            "is_interrupted": self.is_interrupted,
            "software": self.software,
        }
        return (
            NewModel(
                self.id,
                self.name,
                self.model_kind,
                is_approved=False,
                properties=properties,
                entry_point=f"qforge finetune {self.base_name}",
                weights_sha256=self.digest,
            ),
        )

    def changes_if_stopped(self) -> tuple[Change, ...]:
        """Keep the best weights so far."""
        return self.changes()

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember that a model was trained."""
        after = {"base": self.base, "weights_sha256": self.digest}
        return (Event(actor, "finetune", f"model/{self.name}", None, after),)

    def _errors(self) -> dict[str, Any]:
        return {
            each.part: {answer: dict(each.scores[answer]) for answer in ANSWERS}
            for each in self.errors
        }

    def _verdict(self) -> tuple[str, Tone]:
        validation, test = self.part("validation"), self.part("test")
        said = _moved("validation", validation, self.unit) if validation else ""
        if test:
            said = f"{said}; {_moved('test', test, self.unit)}"
        if self.best == 0:
            return f"no pass was better than the network as it was: {said}", "caution"
        is_worse = test is not None and test.mae("after") > test.mae("before")
        return said, "caution" if is_worse else "good"

    def _notes(self) -> list[str]:
        notes = []
        if self.is_interrupted:
            notes.append(f"Stopped after {self.n_epochs} passes: the best weights so far are kept.")
        test = self.part("test") or self.part("validation")
        if test and test.mae("after") >= test.mae("mean"):
            notes.append(f"On {test.part} it is no better than the mean of the training part.")
        if self.failures:
            said = ", ".join(f"{n} {kind}" for kind, n in sorted(self.failures.items()))
            notes.append(f"Structures that could not be used: {said}.")
        return notes


def _moved(part: str, each: PartErrors, unit: str) -> str:
    before, after = each.mae("before"), each.mae("after")
    if f"{before:.3g}" == f"{after:.3g}":
        return f"{part} MAE stayed at {before:.3g} {unit}".strip()
    way = "fell" if after < before else "rose"
    return f"{part} MAE {way} from {before:.3g} to {after:.3g} {unit}".strip()


def _row(each: PartErrors) -> tuple[Any, ...]:
    errors = (round(each.mae(answer), 3) for answer in ANSWERS)
    fits = (round(each.scores[answer]["r2"], 3) for answer in ("before", "after"))
    return (each.part, each.n, *errors, *fits)
