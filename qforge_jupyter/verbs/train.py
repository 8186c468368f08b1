"""Train a model with the cell's Python on a split, judge it, and keep what repeats it."""

from __future__ import annotations

import hashlib
import json
import random
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from qforge_jupyter.context import Context
from qforge_jupyter.engine.training import (
    Thresholds,
    convergence_of,
    hyperparameters_of,
    judge,
    score_part,
    task_of,
)
from qforge_jupyter.errors import CallError, ModelError
from qforge_jupyter.frames.captured import identity_of
from qforge_jupyter.results.features import FeatureSet
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.results.split import Split
from qforge_jupyter.results.training import TrainingRun
from qforge_jupyter.verbs._called import check_called
from qforge_jupyter.verbs._cell_code import CellCode, call_with, code_of, read_code, restored
from qforge_jupyter.verbs._training_data import TrainingData, data_of, recorded

USES = ("scikit-learn",)
EXAMPLE = """\
%%qforge train gap-model with split --features fs --target gap into run
from sklearn.linear_model import Ridge
model = Ridge(alpha=1.0).fit(X_train, y_train)
"""
#: Packages whose versions are kept when the code has imported them.
FRAMEWORKS = {
    "sklearn": "scikit-learn",
    "torch": "torch",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "tensorflow": "tensorflow",
    "jax": "jax",
    "transformers": "transformers",
    "numpy": "numpy",
    "scipy": "scipy",
    "polars": "polars",
}


def run(
    context: Context,
    subject: str,
    *,
    with_: Split | None = None,
    features: FeatureSet | None = None,
    target: str = "",
    repeat: bool = False,
    body: CellCode | Callable[..., Any] | None = None,
) -> TrainingRun:
    """Run the code with the parts of a split bound, and score the model that it gives.

    The code sees ``train`` and ``validation`` (rows), ``X_train``,
    ``y_train``, ``X_validation``, ``y_validation`` (arrays), ``features``,
    ``target``, ``seed``, ``params`` (a dict that is kept) and
    ``log_metric(name, value, step)``. Its last value, or ``model``, has to
    have ``predict``. The test part is scored afterwards and never shown.

    Parameters
    ----------
    context
        The open workspace.
    subject
        What the model is called.
    with_
        The split.
    features
        The feature set; without one every number of the table but the target and
        what names a row.
    target
        The column to predict.
    repeat
        Train the last model of this name again, from its record.
    body
        The code, or a function that takes those of the names that it needs.

    Raises
    ------
    ModelError
        The code gives nothing that predicts.

    """
    if repeat:
        return _repeated(context, subject, body)
    check_called(subject, "A model", "train gap-model with SPLIT --target COLUMN")
    if with_ is None or not target:
        raise CallError("`train` needs a split and a target: add `with SPLIT --target COLUMN`")
    if body is None or (isinstance(body, str) and not body.strip()):
        raise CallError("`train` got no code: write it under the header of a %%qforge cell")
    if not isinstance(body, CellCode) and isinstance(body, str):
        body = CellCode(body)
    if isinstance(body, CellCode):
        read_code(body)
    data = data_of(with_, features, target, _keys(context, with_))
    inputs = [(identity_of(with_), with_.table)]
    if features is not None:
        inputs.append((features.fingerprint, f"{features.name}@{features.version}"))
    made = _trained(context, subject, data, body, seed=context.seed)
    feature_set = f"{features.name}@{features.version}" if features else ""
    return replace(
        made,
        split=with_.name or f"split of {with_.table}",
        feature_set=feature_set,
        inputs=tuple(inputs),
        sealed=with_.sealed,
    )


def _trained(
    context: Context, name: str, data: TrainingData, work: Callable[..., Any], *, seed: int
) -> TrainingRun:
    logged: list[tuple[str, float, int]] = []
    params: dict[str, Any] = {}

    def log_metric(name: str, value: float, step: int = 0) -> None:
        logged.append((str(name), float(value), int(step)))

    _seed(seed)
    given = data.given() | {"seed": seed, "params": params, "log_metric": log_metric}
    # Before it runs: what it uses may be other things afterwards.
    code, why_not = code_of(work, given)
    with context.tracker.running(_announced(context, name, seed)):
        model = call_with(work, given)
    if not hasattr(model, "predict"):
        raise ModelError(
            "The code gave no model: end it with something that has `predict`, or call it `model`"
        )
    task = task_of(data.whole_target)
    scores = tuple(score_part(part, task, model, data.x(part), data.y(part)) for part in data.rows)
    hyperparameters = hyperparameters_of(model) | params
    digest = hashlib.sha256(code.encode()).hexdigest()
    said = [digest, seed, data.digests(), {each.part: each.values for each in scores}]
    return TrainingRun(
        name=name,
        task=task,
        target=data.target,
        features=data.features,
        model=model,
        scores=scores,
        verdict=judge({each.part: each for each in scores}, task, _thresholds(context)),
        hyperparameters=hyperparameters,
        code=code,
        code_sha256=digest,
        why_unrepeatable=why_not,
        seed=seed,
        split="",
        feature_set="",
        parts=data.rows,
        matrices=data.matrices,
        convergence=convergence_of(model),
        logged=tuple(logged),
        frameworks=_frameworks(),
        fingerprint="model:" + hashlib.sha256(json.dumps(said).encode()).hexdigest()[:40],
        id=uuid.uuid4().hex,
    )


def _thresholds(context: Context) -> Thresholds:
    settings = context.settings
    return Thresholds(
        settings.model_approval_threshold_r2,
        settings.model_approval_threshold_mae,
        settings.model_approval_threshold_mcc,
    )


def _keys(context: Context, split: Split) -> tuple[str, ...]:
    """Name the columns that name a row: of the split, or of the version that was split."""
    commit = context.store.commits.get(split.commit_id) if split.commit_id else None
    kept = commit.detail.get("keys", ()) if commit else ()
    return (*split.plan.get("key", ()), *kept)


def _announced(context: Context, name: str, seed: int) -> RunRecord:
    """Say of the run what is known before the code works."""
    now = context.clock()
    return RunRecord(
        context.run_id or uuid.uuid4().hex,
        "train",
        context.actor,
        "finished",
        now,
        now,
        options={"subject": name},
        seed=seed,
        device=context.device,
    )


def _repeated(context: Context, name: str, body: Any) -> TrainingRun:
    """Train again from the record: the same code, rows, features and seed."""
    store = context.store
    listed = store.runs.list(verb="train", status="finished", limit=1000)
    records = (store.runs.get(each.id) for each in listed)
    record = next((one for one in records if (one.report or {}).get("name") == name), None)
    if record is None or record.report is None:
        raise CallError(f"No training of {name[:60]!r} is recorded: train it first")
    said = record.report
    code = said["code"]
    if why_not := said.get("why_unrepeatable"):
        raise CallError(
            f"The training of {name[:60]!r} cannot be repeated, for {why_not}: train it again with "
            "code under the header, or with a function that brings all it needs"
        )
    if not code or hashlib.sha256(code.encode()).hexdigest() != said["code_sha256"]:
        raise CallError(
            f"The code of {name[:60]!r} cannot be repeated, for its record lacks what looked like "
            "a secret: take secrets from the environment, and train it again"
        )
    files = {one.name.removesuffix(".parquet"): one.sha256 for one in record.artifacts}
    frames = {key: store.objects.read_frame(sha) for key, sha in files.items() if "-" in key}
    data = recorded(frames, said["target"], tuple(said["features"]))
    namespace = body.namespace if isinstance(body, CellCode) else {}
    work = restored(code, namespace, {*data.given(), "seed", "params", "log_metric"})
    first = store.models.of_run(record.id)
    made = _trained(context, name, data, work, seed=int(said["seed"]))
    now = {each.part: each.values for each in made.scores}
    differences = tuple(
        (f"{score} on {part}", float(old), now.get(part, {}).get(score, float("nan")))
        for part, scores in sorted(said["scores"].items())
        for score, old in sorted(scores.items())
    )
    return replace(
        made,
        code=code,
        code_sha256=said["code_sha256"],
        split=said["split"],
        feature_set=said["feature_set"],
        inputs=tuple((content, called) for content, called in said["inputs"]),
        sealed=tuple(said["sealed"]),
        differences=differences,
        repeats=(first.repeats or first.id) if first is not None else "",
    )


def _seed(seed: int) -> None:
    """Set every source of chance that code is likely to ask."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 — the code may use the old interface
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def _frameworks() -> dict[str, str]:
    found = {}
    for module, package in FRAMEWORKS.items():
        if module in sys.modules:
            try:
                found[package] = version(package)
            except PackageNotFoundError:
                continue
    return found
