"""Which of two versions of a dataset is the better one to train on (G12).

The same model is trained on both with the same folds, which the rows' keys
decide: a row is in the same fold of both versions, so that no model is tested
on a row, or on the other version of a row, that it learned from. Tested are
the rows that both have with the same target, each with the features of its
own version. The difference of the two errors is taken row by row, and its mean
has a bootstrap interval.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column
from qforge_jupyter.engine.training import task_of
from qforge_jupyter.engine.trial_models import make_model
from qforge_jupyter.engine.uncertainty.intervals import bootstrap
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import row_marks
from qforge_jupyter.results.ab import TrialReport
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.progress import Progress, silent

LEAST_TESTED = 10


@dataclass(frozen=True)
class Trial:
    """Two versions and how they are compared.

    Parameters
    ----------
    keys
        Columns that name a row in both; without them its content does.

    """

    candidate: Table
    reference: Table
    target: str
    model: str = "ridge"
    keys: tuple[str, ...] = ()
    n_folds: int = 5
    seed: int = 42
    progress: Progress = field(default=silent, repr=False)


@dataclass(frozen=True)
class _Version:
    """A version as arrays: what names each row, features, target."""

    keys: list[str]
    x: NDArray[np.float64]
    y: NDArray[Any]
    folds: NDArray[np.int64]
    #: Where each row stands in the table.
    places: NDArray[np.int64]


def try_both(trial: Trial) -> TrialReport:
    """Train on both versions and compare the errors on the rows they share.

    Raises
    ------
    CallError
        No such target, key or model, or fewer than two folds.
    DataError
        The versions share too few rows, or a key names two of them.

    """
    if not 2 <= trial.n_folds <= 50:
        raise CallError(f"{trial.n_folds} folds came and 2 to 50 were wanted")
    tasks = {task_of(_target(table, trial)) for table in (trial.candidate, trial.reference)}
    if len(tasks) > 1:
        raise DataError(f"{trial.target!r} is of another type in each version: cast one of them")
    is_classification = tasks == {"classification"}
    make_model(trial.model, is_classification=is_classification, seed=trial.seed)
    first = _version(trial.candidate, trial, is_classification=is_classification)
    second = _version(trial.reference, trial, is_classification=is_classification)
    rows, n_differing = _common(first, second)
    if len(rows) < LEAST_TESTED:
        raise DataError(
            f"The versions share {len(rows)} rows with the same {trial.target!r}, and at least "
            f"{LEAST_TESTED} are needed to compare them: name the columns of the key with `by`"
        )
    predicted = _predict(trial, first, second, rows, is_classification=is_classification)
    report = _report(trial, rows, (first, second), predicted, is_classification=is_classification)
    return replace(report, n_differing=n_differing)


def _target(table: Table, trial: Trial) -> pl.Series:
    if trial.target not in table.schema:
        raise CallError(
            f"No column {trial.target[:60]!r} in {table.name}{nearest(trial.target, table.schema)}"
        )
    for key in trial.keys:
        if key not in table.schema:
            raise CallError(f"No column {key[:60]!r} in {table.name}{nearest(key, table.schema)}")
    return table.lazy.select(column(trial.target)).collect().to_series()


def _version(table: Table, trial: Trial, *, is_classification: bool) -> _Version:
    frame = table.frame
    named = _names(table, trial)
    is_known = frame.get_column(trial.target).is_not_null()
    if frame.schema[trial.target].is_float():
        is_known &= frame.get_column(trial.target).is_finite().fill_null(value=False)
    frame, named = frame.filter(is_known), named.filter(is_known)
    features = [
        name
        for name, dtype in frame.schema.items()
        if name not in (trial.target, *trial.keys) and (dtype.is_numeric() or dtype == pl.Boolean)
    ]
    if not features:
        raise DataError(f"{table.name} has no numbers beside the target and the key to learn from")
    x = frame.select(column(name).cast(pl.Float64) for name in features).to_numpy()
    target = frame.get_column(trial.target)
    y = (
        target.cast(pl.String).to_numpy()
        if is_classification
        else target.cast(pl.Float64).to_numpy()
    )
    keys = named.to_list()
    if trial.keys and len(set(keys)) < len(keys):
        raise DataError(
            f"The key {', '.join(trial.keys)} names two rows of {table.name}: "
            "take columns that name each row once"
        )
    # In the order of the keys, so that the order of the rows decides nothing.
    order = sorted(range(len(keys)), key=keys.__getitem__)
    keys = [keys[each] for each in order]
    folds = np.asarray([_fold(key, trial) for key in keys], np.int64)
    places = np.flatnonzero(is_known.to_numpy())[order]
    return _Version(keys, np.where(np.isfinite(x), x, np.nan)[order], y[order], folds, places)


def _names(table: Table, trial: Trial) -> pl.Series:
    """Name each row by its key, or by its content where there is none."""
    if not trial.keys:
        return row_marks(table)
    keys = table.frame.select(column(name) for name in trial.keys)
    return row_marks(Table.of_frame("keys", keys))


def _fold(key: str, trial: Trial) -> int:
    digest = hashlib.blake2b(f"{trial.seed}/{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % trial.n_folds


def _common(first: _Version, second: _Version) -> tuple[list[tuple[int, int]], int]:
    """Pair the rows of both with the same target; count those with another one."""
    places = {key: index for index, key in enumerate(second.keys)}
    pairs = [(i, places[key]) for i, key in enumerate(first.keys) if key in places]
    same = [(i, j) for i, j in pairs if first.y[i] == second.y[j]]
    return same, len(pairs) - len(same)


def _predict(
    trial: Trial,
    first: _Version,
    second: _Version,
    rows: list[tuple[int, int]],
    *,
    is_classification: bool,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Predict every shared row by a model of each version that never saw it."""
    places = np.asarray(rows)
    answers = []
    for side, version in enumerate((first, second)):
        told = np.empty(len(rows), dtype=version.y.dtype)
        own = places[:, side]
        for fold in range(trial.n_folds):
            is_tested = version.folds[own] == fold
            learned = version.folds != fold
            if is_tested.any():
                if not learned.any():
                    raise DataError("A version has too few rows to train on: take fewer folds")
                model = make_model(
                    trial.model, is_classification=is_classification, seed=trial.seed
                )
                _fit(model, version.x[learned], version.y[learned])
                told[is_tested] = model.predict(version.x[own[is_tested]])
            trial.progress(side * trial.n_folds + fold + 1, 2 * trial.n_folds, "models trained")
        answers.append(told)
    return answers[0], answers[1]


def _fit(model: Any, x: NDArray[np.float64], y: NDArray[Any]) -> None:
    try:
        model.fit(x, y)
    except ValueError:
        raise DataError(
            "The model cannot be trained on a fold: the target must have two values or more there"
        ) from None


def _report(
    trial: Trial,
    rows: list[tuple[int, int]],
    versions: tuple[_Version, _Version],
    predicted: tuple[NDArray[Any], NDArray[Any]],
    *,
    is_classification: bool,
) -> TrialReport:
    first, second = versions
    truth = first.y[[i for i, _ in rows]]
    if is_classification:
        errors = [(told != truth).astype(np.float64) for told in predicted]
    else:
        errors = [np.abs(told.astype(np.float64) - truth) for told in predicted]
    gaps = errors[0] - errors[1]
    # The same data in another shape differs in the last digits, which is no difference.
    gaps[np.abs(gaps) <= 1e-9 * np.maximum(errors[0], errors[1])] = 0.0
    difference = bootstrap(gaps, "mean", seed=trial.seed)
    if not isinstance(difference, Interval):
        raise DataError(f"The versions cannot be compared: {difference}")
    return TrialReport(
        candidate=trial.candidate.name,
        reference=trial.reference.name,
        target=trial.target,
        model=trial.model,
        task="classification" if is_classification else "regression",
        n_folds=trial.n_folds,
        n_differing=0,
        n_rows=(trial.candidate.n_rows, trial.reference.n_rows),
        errors=(float(errors[0].mean()), float(errors[1].mean())),
        difference=difference,
        rows=pl.DataFrame({
            "candidate_row": first.places[[i for i, _ in rows]],
            "reference_row": second.places[[j for _, j in rows]],
            "fold": first.folds[[i for i, _ in rows]],
            "candidate_error": errors[0],
            "reference_error": errors[1],
        }),
    )  # fmt: skip
