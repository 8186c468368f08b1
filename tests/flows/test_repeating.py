"""A training is repeated from its record alone, or a sentence says why it cannot be."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from qforge_jupyter.errors import CallError
from qforge_jupyter.verbs._function_code import cell_of
from qforge_jupyter.workspace import Workspace
from tests.flows.trained_tables import DIABETES, split_of

SHRINKING = 0.25
GIVEN = ("X_train", "y_train", "seed", "params")


def scaled(rows: NDArray[Any]) -> NDArray[Any]:
    return rows * np.float64(2)


def in_place() -> Any:
    strength = 0.5

    def centred(rows: Any) -> Any:
        return rows - rows.mean(axis=0)

    def fit(X_train: NDArray[Any], y_train: Any, weight: float = SHRINKING) -> Ridge:  # noqa: N803 — scikit-learn's name
        centred(scaled(X_train))
        return Ridge(strength + weight).fit(X_train, y_train)

    return fit


def trained_twice(ws: Workspace, work: Any) -> tuple[Any, Any]:
    first = ws.train("it", work, with_=split_of(DIABETES), target="target")
    return first, ws.train("it", repeat=True)


def test_a_lambda_is_repeated(ws):
    first, again = trained_twice(ws, lambda X_train, y_train: Ridge(0.3).fit(X_train, y_train))  # noqa: N803 — scikit-learn's name
    assert again.is_repeated_equally
    assert first.model.coef_.tolist() == again.model.coef_.tolist()
    assert 0.3 == again.hyperparameters["alpha"]


def test_one_of_two_lambdas_in_a_line_is_the_one_that_ran():
    pair = (lambda X_train: Ridge(3.0).fit(X_train, X_train[:, 0]), lambda X_train: None)  # noqa: N803, ARG005
    assert "Ridge(3.0)" in cell_of(pair[0], GIVEN)


def test_a_local_function_brings_what_it_closes_over_and_its_helpers(ws):
    _, again = trained_twice(ws, in_place())
    assert again.is_repeated_equally
    assert 0.75 == again.hyperparameters["alpha"]


def test_the_record_is_code_that_runs_anywhere():
    names: dict[str, Any] = {"X_train": np.eye(3), "y_train": np.arange(3.0)}
    exec(cell_of(in_place(), GIVEN).replace("fit(X_train=", "model = fit(X_train="), names)  # noqa: S102 — that is what is promised
    assert 0.75 == names["model"].alpha


def test_what_has_no_short_form_is_named_on_the_report_and_refused_before_it_starts(ws):
    started: list[int] = []

    def fit(X_train: Any, y_train: Any) -> Any:  # noqa: N803 — scikit-learn's name
        started.append(1)
        return Ridge().fit(X_train, y_train)

    run = ws.train("it", fit, with_=split_of(DIABETES), target="target")
    why = "it uses 'started', a list that other code made"
    assert f"Cannot be repeated from its record: {why}" in repr(run)
    with pytest.raises(CallError, match=why) as told:
        ws.train("it", repeat=True)
    assert ([1], False) == (started, "\n" in told.value.message)


def test_a_partial_function_is_refused(ws):
    work = functools.partial(lambda alpha, X_train, y_train: Ridge(alpha).fit(X_train, y_train), 1)  # noqa: N803 — scikit-learn's name
    ws.train("it", work, with_=split_of(DIABETES), target="target")
    with pytest.raises(CallError, match="a partial has no source"):
        ws.train("it", repeat=True)


def test_a_cell_with_its_own_lambdas_and_functions_is_repeated(notebook):
    notebook.names["split"] = split_of(DIABETES)
    run = notebook.run(
        "%%qforge train mine with split --target target\n"
        "from sklearn.linear_model import Ridge\n"
        "pick = lambda each: each[:, :2]\n"
        "def fit(rows):\n"
        "    class Picked:\n"
        "        def predict(self, x):\n"
        "            return inner.predict(pick(x))\n"
        "    inner = Ridge().fit(pick(rows), y_train)\n"
        "    return Picked()\n"
        "fit(X_train)"
    )
    notebook.run("pick = None")
    again = notebook.run("%qforge train mine --repeat")
    assert again.is_repeated_equally
    assert run.code_sha256 == again.code_sha256
    assert notebook.names["pick"] is None


def test_a_name_of_another_cell_that_is_gone_is_refused_before_training_starts(notebook):
    notebook.names["split"] = split_of(DIABETES)
    notebook.run("from sklearn.linear_model import Ridge\nalpha = 0.5")
    notebook.run(
        "%%qforge train mine with split --target target\nRidge(alpha).fit(X_train, y_train)"
    )
    del notebook.names["alpha"]
    said = notebook.sentence("%qforge train mine --repeat")
    assert "The recorded code uses 'alpha', which another cell defined" in said
