"""A training: which code made which model of which data, and what it is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Section, Text, Tone
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change, NewModel
from qforge_jupyter.results.model_scores import PartScores, Verdict
from qforge_jupyter.results.run import Event, Finding, LineageStep, Metric

#: How people write the names of scores.
_CALLED = {
    "r2": "R²",
    "mae": "MAE",
    "rmse": "RMSE",
    "f1_macro": "F1 (macro)",
    "log_loss": "log loss",
    "balanced_accuracy": "balanced accuracy",
    "mcc": "MCC",
    "largest_class": "largest class",
}


@dataclass(frozen=True, repr=False, eq=False)
class TrainingRun(Result):
    """A model that was trained, with all that is needed to train it again.

    Attributes
    ----------
    model
        The model itself; it lives in this kernel only.
    scores
        What it is worth on each part that it may be asked on.
    hyperparameters
        What it was made with.
    code
        The code that ran.

    """

    kind: ClassVar[str] = "training"

    name: str
    task: str
    target: str
    features: tuple[str, ...]
    model: Any
    scores: tuple[PartScores, ...]
    verdict: Verdict
    hyperparameters: dict[str, Any]
    code: str
    code_sha256: str
    seed: int
    split: str
    feature_set: str
    parts: dict[str, pl.DataFrame]
    matrices: dict[str, pl.DataFrame]
    sealed: tuple[str, ...] = ()
    convergence: str = ""
    logged: tuple[tuple[str, float, int], ...] = ()
    frameworks: dict[str, str] = field(default_factory=dict)
    inputs: tuple[tuple[str, str], ...] = ()
    fingerprint: str = ""
    #: Why no record of the code can train it again; empty where one can.
    why_unrepeatable: str = ""
    id: str = ""
    #: Id of the first model that was trained so, for a repeated training.
    repeats: str = ""
    #: For a repeated training: the largest difference of each score, by name.
    differences: tuple[tuple[str, float, float], ...] | None = None

    @property
    def is_repeated_equally(self) -> bool | None:
        """Whether a repetition gave the same scores; None for a first training."""
        if self.differences is None:
            return None
        return all(old == new for _, old, new in self.differences)

    def document(self) -> Document:
        """Describe the model, its scores and the verdicts."""
        verdict, tone = self._verdict()
        facts: list[tuple[str, Any]] = [
            ("model", str(self.hyperparameters.get("model", ""))),
            ("predicts", self.target),
            ("task", self.task),
            ("features", len(self.features)),
            ("split", self.split),
        ]
        if self.feature_set:
            facts.append(("feature set", self.feature_set))
        facts.append(("approval asks for", self.verdict.asked))
        facts.append(("seed", self.seed))
        if self.convergence:
            facts.append(("training", self.convergence))
        blocks: list[Block] = [Facts(tuple(facts)), self._scores(), *self._notes(), *self._logged()]
        rows = tuple((name, _cell(value)) for name, value in self.hyperparameters.items())
        grid = Grid(("hyperparameter", "value"), rows[:60], n_more=max(0, len(rows) - 60))
        blocks.append(Section("Hyperparameters", (grid,), is_open=False))
        return Document(f"Training {self.name}", verdict, tone, tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give all that is needed to compare it and to train it again."""
        return {
            "name": self.name,
            "task": self.task,
            "target": self.target,
            "features": list(self.features),
            "split": self.split,
            "feature_set": self.feature_set,
            "seed": self.seed,
            "hyperparameters": {name: _cell(each) for name, each in self.hyperparameters.items()},
            "scores": {each.part: each.values for each in self.scores},
            "rows": {each.part: each.n_rows for each in self.scores},
            "sealed": list(self.sealed),
            "is_approved": self.verdict.is_approved,
            "approval": self.verdict.why,
            "approval_asks_for": self.verdict.asked,
            "is_overfitted": self.verdict.is_overfitted,
            "convergence": self.convergence,
            "logged": [list(each) for each in self.logged],
            "code": redact(self.code),
            "code_sha256": self.code_sha256,
            "why_unrepeatable": self.why_unrepeatable,
            "inputs": [list(pair) for pair in self.inputs],
            "differences": None
            if self.differences is None
            else [list(each) for each in self.differences],
        }

    def identity(self) -> dict[str, Any]:
        """Name the versions of what trained it."""
        return {"frameworks": self.frameworks}

    def parameters(self) -> dict[str, Any]:
        """Name what a tracker lists beside the call's options."""
        shown = {f"model.{name}": _cell(each) for name, each in self.hyperparameters.items()}
        versions = {f"version.{name}": each for name, each in self.frameworks.items()}
        return {**shown, **versions, "code_sha256": self.code_sha256}

    def metrics(self) -> tuple[Metric, ...]:
        """Scores of each part, the verdicts, and what the code logged."""
        scored = [
            Metric(name, value, each.part)
            for each in self.scores
            for name, value in each.values.items()
        ]
        rows = [Metric("n_rows", each.n_rows, each.part) for each in self.scores]
        verdicts = (
            ("approved", self.verdict.is_approved),
            ("overfitted", self.verdict.is_overfitted),
        )
        said = [Metric(name, float(each), "model") for name, each in verdicts if each is not None]
        last = {name: value for name, value, _ in self.logged}
        return (
            *scored,
            *rows,
            *said,
            *(Metric(name, each, "logged") for name, each in last.items()),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Name overfitting and what keeps the model from being approved."""
        n_rows = sum(each.n_rows for each in self.scores)
        found = []
        if self.verdict.is_overfitted:
            found.append(
                Finding("overfitting", self.name, n_rows, "high", statistic=self.verdict.gap)
            )
        if self.verdict.is_approved is False:
            found.append(
                Finding("model not approved", self.name, n_rows, "medium", note=self.verdict.why)
            )
        return tuple(found)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the rows and features of every part that was used."""
        rows = {f"rows-{part}": frame for part, frame in self.parts.items()}
        features = {f"features-{part}": frame for part, frame in self.matrices.items()}
        return rows | features

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say of what the model was made."""
        step = LineageStep(
            self.name,
            self.fingerprint,
            "a training",
            "train",
            parameters={"code_sha256": self.code_sha256, "seed": self.seed},
            software=self.frameworks,
            inputs=tuple(content for content, _ in self.inputs),
            input_names=tuple(name for _, name in self.inputs),
        )
        return (step,)

    def changes(self) -> tuple[Change, ...]:
        """Register the model, as a new version of its name."""
        kind = type(self.model)
        properties = {
            "predicts": self.target,
            "features": list(self.features),
            "split": self.split,
            "feature_set": self.feature_set,
            "inputs": {name: content for content, name in self.inputs},
            "seed": self.seed,
            "scores": {each.part: each.values for each in self.scores},
            "rows": {each.part: each.n_rows for each in self.scores},
            "is_approved": self.verdict.is_approved,
            "approval": self.verdict.why,
            "is_overfitted": self.verdict.is_overfitted,
            "gap": self.verdict.gap,
            "code_sha256": self.code_sha256,
            "fingerprint": self.fingerprint,
            "frameworks": self.frameworks,
            "is_repeated_equally": self.is_repeated_equally,
        }
        model = NewModel(
            self.id,
            self.name,
            self.task,
            self.verdict.is_approved is True,
            properties,
            f"{kind.__module__}.{kind.__qualname__}",
            self.repeats,
        )
        return (model,)

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember that a model was trained and how it was judged."""
        after = {"is_approved": self.verdict.is_approved, "why": self.verdict.why}
        return (Event(actor, "train", f"model/{self.name}", None, after),)

    def _verdict(self) -> tuple[str, Tone]:
        if self.differences is not None:
            if self.is_repeated_equally:
                return "repeated with equal scores", "good"
            name, old, new = max(self.differences, key=lambda each: abs(each[1] - each[2]))
            return f"repeated, and {name} differs: {old:.6g} then, {new:.6g} now", "caution"
        if self.verdict.is_approved is None:
            return f"trained, not judged: {self.verdict.why}", "neutral"
        if self.verdict.is_approved:
            return f"approved: {self.verdict.why}", "good"
        return f"not approved: {self.verdict.why}", "bad"

    def _scores(self) -> Grid:
        names = tuple(self.scores[0].values) if self.scores else ()
        rows = tuple(
            (each.part, each.n_rows, *(_rounded(each.values.get(name)) for name in names))
            for each in self.scores
        )
        return Grid(("part", "rows", *(_CALLED.get(name, name) for name in names)), rows)

    def _logged(self) -> list[Block]:
        """Show what the code logged: each number at its first step and at its last."""
        numbers: dict[str, list[float]] = {}
        for name, value, _ in self.logged:
            numbers.setdefault(name, []).append(value)
        rows = tuple(
            (name, len(values), _rounded(values[0]), _rounded(values[-1]))
            for name, values in list(numbers.items())[:30]
        )
        grid = Grid(("logged", "times", "first", "last"), rows, n_more=len(numbers) - len(rows))
        return [grid] if rows else []

    def _notes(self) -> list[Block]:
        notes: list[Block] = []
        gap = self.verdict.gap
        if self.verdict.is_overfitted and gap is not None:
            said = f"Overfitted: {self.verdict.score} on train is {gap:.3f} above validation."
            notes.append(Text(f"{said} More than 0.10 is flagged.", "caution"))
        if self.why_unrepeatable:
            notes.append(
                Text(f"Cannot be repeated from its record: {self.why_unrepeatable}.", "caution")
            )
        if self.sealed:
            notes.append(Text(f"Not looked at, because sealed: {', '.join(self.sealed)}."))
        return notes


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 6)


def _cell(value: Any) -> str | int | float | bool | None:
    plain = value is None or isinstance(value, str | int | float | bool)
    return value if plain else str(value)[:500]
