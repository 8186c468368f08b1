"""What a trained model is worth: its scores on each part, and what they say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from qforge_jupyter.engine.classification import class_scores, lacks_of
from qforge_jupyter.errors import DataError, ModelError
from qforge_jupyter.results.model_scores import PartScores, Verdict

Task = Literal["regression", "classification"]

#: Whole numbers with at most so many values are classes.
MOST_CLASSES = 20
#: Overfitted when the training part scores higher than validation by more than this.
LARGEST_GAP = 0.10


def task_of(target: pl.Series) -> Task:
    """Tell regression from classification by the target's type and values.

    Floats and decimals are predicted as numbers; texts, booleans and
    categories as classes; whole numbers as classes up to 20 different ones.

    Raises
    ------
    DataError
        The target is neither.

    Examples
    --------
    >>> task_of(pl.Series([1.5, 2.0])), task_of(pl.Series(["a", "b"])), task_of(pl.Series([0, 1]))
    ('regression', 'classification', 'classification')

    """
    dtype = target.dtype
    if dtype.is_float() or dtype.is_decimal():
        return "regression"
    if dtype.is_integer():
        return "classification" if target.n_unique() <= MOST_CLASSES else "regression"
    if dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Enum):
        return "classification"
    raise DataError(f"The target is {dtype}: numbers, texts, booleans or categories are predicted")


def score_part(part: str, task: Task, model: Any, x: Any, y: Any) -> PartScores:
    """Score a model on one part.

    Raises
    ------
    ModelError
        It cannot predict, or predicts something of another shape.

    """
    try:
        predicted = np.asarray(model.predict(x))
    except Exception as problem:
        kind = type(problem).__name__
        raise ModelError(
            f"The model cannot predict the {part} part ({kind}): it must take the features as "
            "X_train has them"
        ) from problem
    if predicted.ndim == 2 and predicted.shape[1] == 1:
        predicted = predicted[:, 0]
    if predicted.shape != y.shape:
        raise ModelError(
            f"The model gives {predicted.shape} for {len(y):,} rows of the {part} part: "
            "one value a row is wanted"
        )
    if predicted.dtype == np.object_:
        predicted = np.asarray(predicted.tolist())
    numbers = (
        _regression(y, predicted) if task == "regression" else _classes(model, x, y, predicted)
    )
    return PartScores(part, len(y), numbers)


def _regression(y: Any, predicted: Any) -> dict[str, float]:
    if predicted.dtype.kind not in "iufb":
        raise ModelError("The model predicts no numbers, and the target is one: use a regressor")
    return regression_scores(y, predicted)


def regression_scores(y: Any, predicted: Any) -> dict[str, float]:
    """Give R², mean absolute and root mean square error of predicted numbers.

    Examples
    --------
    >>> regression_scores(np.array([1.0, 3.0]), np.array([2.0, 3.0]))["mae"]
    0.5

    """
    error = predicted.astype(np.float64) - y
    spread = float(((y - y.mean()) ** 2).sum())
    r2 = 1 - float((error**2).sum()) / spread if spread > 0 else float("nan")
    return {
        "r2": r2,
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
    }


def _classes(model: Any, x: Any, y: Any, predicted: Any) -> dict[str, float]:
    numbers = class_scores(y, predicted)
    classes = getattr(model, "classes_", None)
    if hasattr(model, "predict_proba") and classes is not None and set(y) <= set(classes):
        chances = np.asarray(model.predict_proba(x), dtype=np.float64)
        places = {label: index for index, label in enumerate(list(classes))}
        own = chances[np.arange(len(y)), [places[label] for label in y]]
        numbers["log_loss"] = float(-np.log(np.clip(own, 1e-15, 1.0)).mean())
    return numbers


@dataclass(frozen=True)
class Thresholds:
    """What a model has to reach to be approved.

    Parameters
    ----------
    least_r2, most_mae
        Of a regression; the error is in the target's unit.
    least_mcc
        Matthews' correlation coefficient of a classifier.

    """

    least_r2: float = 0.85
    most_mae: float = 0.20
    least_mcc: float = 0.70

    def asked(self, task: Task) -> str:
        """Say what an approval asks for."""
        if task == "classification":
            return f"MCC ≥ {self.least_mcc:g} and accuracy surely above the largest class"
        return f"R² ≥ {self.least_r2:g} and MAE ≤ {self.most_mae:g}"


def judge(scores: Mapping[str, PartScores], task: Task, thresholds: Thresholds) -> Verdict:
    """Say whether a model is approved, and whether it learned its training part by heart.

    It is judged on ``test`` where that may be looked at, else on
    ``validation``; where that is not there, or a score is not defined on it,
    nobody can say. A classifier is approved as `lacks_of` says. It is
    overfitted when R² (or the accuracy) of ``train`` is above that of
    ``validation`` by more than 0.10.

    Examples
    --------
    >>> scores = {"train": PartScores("train", 9, {"r2": 1.0, "mae": 0.0}),
    ...           "validation": PartScores("validation", 9, {"r2": 0.8, "mae": 0.1})}
    >>> verdict = judge(scores, "regression", Thresholds())
    >>> verdict.is_approved, verdict.is_overfitted
    (False, True)

    """
    part = next((name for name in ("test", "validation") if name in scores), "")
    main = "r2" if task == "regression" else "accuracy"
    gap = None
    if {"train", "validation"} <= set(scores):
        gap = scores["train"].values[main] - scores["validation"].values[main]
        gap = gap if math.isfinite(gap) else None
    is_overfitted = None if gap is None else bool(gap > LARGEST_GAP)
    if not part:
        is_approved, why = None, "no part was left to judge it on"
    else:
        is_approved, why = _approval(scores[part], task, thresholds)
    return Verdict(is_approved, why, is_overfitted, gap, main, thresholds.asked(task))


def _approval(scores: PartScores, task: Task, wanted: Thresholds) -> tuple[bool | None, str]:
    """Compare the scores of one part with the thresholds; None where one was not measured."""
    part, values = scores.part, scores.values
    if task == "classification":
        if not math.isfinite(values["mcc"]):
            return None, f"all rows of {part} are of one class, so no score tells it from guessing"
        lacks = lacks_of(values, scores.n_rows, part, wanted.least_mcc)
        reached = (
            f"MCC {values['mcc']:.3f} and accuracy {values['accuracy']:.3f} on {part}, "
            f"whose largest class is {values['largest_class']:.3f} of it"
        )
        return not lacks, " and ".join(lacks) or reached
    r2, mae = values["r2"], values["mae"]
    if not (math.isfinite(r2) and math.isfinite(mae)):
        odd = "R²" if math.isfinite(mae) else "MAE"
        return (
            None,
            f"{odd} is not defined on {part}: its target or the predictions do not allow it",
        )
    lacks = []
    if not r2 >= wanted.least_r2:
        lacks.append(f"R² {r2:.3f} on {part} is below {wanted.least_r2:g}")
    if not mae <= wanted.most_mae:
        lacks.append(f"MAE {mae:.3g} on {part} is above {wanted.most_mae:g}")
    return not lacks, " and ".join(lacks) or f"R² {r2:.3f} and MAE {mae:.3g} on {part}"


def convergence_of(model: Any) -> str:
    """Say whether the model says that it converged; empty where it says nothing."""
    last = model[-1] if type(model).__name__ == "Pipeline" else model
    n_done, n_most = getattr(last, "n_iter_", None), getattr(last, "max_iter", None)
    if n_done is None:
        return ""
    most = int(np.max(n_done))
    if n_most is None or int(n_most) < 0:
        return f"stopped after {most:,} iterations"
    if most < int(n_most):
        return f"converged after {most:,} of at most {int(n_most):,} iterations"
    return f"not converged within {int(n_most):,} iterations"


def hyperparameters_of(model: Any) -> dict[str, Any]:
    """Read what the model was made with: scikit-learn's ``get_params``, a torch optimiser's."""
    found: dict[str, Any] = {"model": type(model).__name__}
    if hasattr(model, "get_params"):
        found |= {
            name: value
            for name, value in sorted(model.get_params().items())
            if isinstance(value, str | int | float | bool | list | tuple) or value is None
        }
    optimiser = getattr(model, "optimizer", None)
    for name, value in getattr(optimiser, "defaults", {}).items():
        found[f"optimizer.{name}"] = value
    return found
