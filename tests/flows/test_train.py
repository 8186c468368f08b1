"""Real models trained on real tables, judged, kept and trained again from the record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (
    balanced_accuracy_score,
    f1_score,
    log_loss,
    matthews_corrcoef,
    r2_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, ModelError
from qforge_jupyter.workspace import Workspace
from tests.flows.trained_tables import DIABETES, WINE, ridge, split_of, table_of


@pytest.fixture(params=["sqlite", "postgresql"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    with qf.open(target, tracker="none", folder=str(tmp_path / "files"), actor="ann") as ws:
        yield ws


def test_the_scores_are_scikit_learns_on_every_part(lab):
    parts = split_of(DIABETES)
    run = lab.train("progression", ridge, with_=parts, target="target")
    model = Ridge(alpha=0.1).fit(
        parts["train"].drop("target").to_numpy(), parts["train"]["target"].to_numpy()
    )
    for scores in run.scores:
        part = parts[scores.part]
        told = model.predict(part.drop("target").to_numpy())
        expected = r2_score(part["target"].to_numpy(), told)
        assert expected == pytest.approx(scores.values["r2"], abs=1e-12)
    assert ["train", "validation", "test"] == [each.part for each in run.scores]
    assert (0.1, "Ridge") == (run.hyperparameters["alpha"], run.hyperparameters["model"])
    assert run.verdict.is_approved is False
    assert "is below 0.85" in run.verdict.why


def test_classes_get_accuracy_f1_and_log_loss(lab):
    def scaled(X_train, y_train):  # noqa: N803 — scikit-learn's name
        return make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)

    parts = split_of(WINE, stratify=["kind"])
    run = lab.train("wine", scaled, with_=parts, target="kind")
    (scores,) = (each for each in run.scores if each.part == "validation")
    rows = parts["validation"]
    x, y = rows.drop("kind").to_numpy(), np.asarray(rows["kind"].to_list())
    assert f1_score(y, run.model.predict(x), average="macro") == scores.values["f1_macro"]
    expected = log_loss(y, run.model.predict_proba(x), labels=run.model.classes_)
    assert expected == pytest.approx(scores.values["log_loss"])
    said = run.model.predict(x)
    assert matthews_corrcoef(y, said) == pytest.approx(scores.values["mcc"])
    assert balanced_accuracy_score(y, said) == pytest.approx(scores.values["balanced_accuracy"])
    assert run.verdict.is_approved
    assert "MCC ≥ 0.7 and accuracy surely above the largest class" in repr(run)
    assert "converged after" in run.convergence


def test_what_was_learned_by_heart_is_flagged(lab):
    def tree(X_train, y_train, seed):  # noqa: N803 — scikit-learn's name
        return DecisionTreeRegressor(random_state=seed).fit(X_train, y_train)

    run = lab.train("tree", tree, with_=split_of(DIABETES), target="target")
    assert run.verdict.is_overfitted
    assert {"overfitting", "model not approved"} == {each.kind for each in run.findings()}
    assert "Overfitted" in repr(run)


def test_a_sealed_part_is_neither_shown_nor_scored(lab):
    seen: list[str] = []

    def look(**given: Any):
        seen.extend(given)
        return Ridge().fit(given["X_train"], given["y_train"])

    run = lab.train("sealed", look, with_=split_of(DIABETES, seal=["test"]), target="target")
    assert ["train", "validation"] == [each.part for each in run.scores]
    assert not [name for name in seen if "test" in name]
    assert ("test",) == run.sealed


def test_it_is_repeated_from_its_record_with_equal_scores(lab):
    parts = split_of(DIABETES)
    lab.train(
        "forest",
        "from sklearn.ensemble import RandomForestRegressor\n"
        "import numpy as np\n"
        "noise = np.random.random()\n"
        "params['noise'] = noise\n"
        "log_metric('depth', 3)\n"
        "RandomForestRegressor(20, max_depth=3).fit(X_train, y_train)",
        with_=parts,
        target="target",
    )
    again = lab.train("forest", repeat=True)
    assert again.is_repeated_equally
    assert "repeated with equal scores" in repr(again)
    records = [lab.context.store.runs.get(each.id) for each in lab.context.store.runs.list()]
    noises = {record.options["model.noise"] for record in records}
    assert (2, 1) == (len(records), len(noises))
    assert () == lab.context.store.verify()


def test_a_function_is_repeated_by_its_definition(lab):
    plain = (
        "def fit(X_train, y_train, seed):\n"
        "    from sklearn.ensemble import RandomForestRegressor\n"
        "    return RandomForestRegressor(5, random_state=seed).fit(X_train, y_train)\n"
        "model = fit(X_train, y_train, seed)"
    )
    lab.train("plain", plain, with_=split_of(DIABETES), target="target")
    assert lab.train("plain", repeat=True).is_repeated_equally


def test_a_repetition_that_differs_names_the_score(lab):
    code = "import time\nfrom sklearn.linear_model import Ridge\n"
    code += "model = Ridge(time.time_ns() % 10**6).fit(X_train, y_train)"
    lab.train("drifting", code, with_=split_of(DIABETES), target="target")
    assert " differs: " in repr(lab.train("drifting", repeat=True))


def test_a_feature_set_is_bound_by_the_content_of_rows(lab):
    fs = lab.features(
        DIABETES, as_="body", columns=["bmi", "bp"], compute={"both": "bmi * bp"}, name="rows"
    )
    parts = split_of(DIABETES)
    run = lab.train("body", ridge, with_=parts, features=fs, target="target")
    train = parts["train"]
    expected = Ridge(alpha=0.1).fit(
        np.column_stack([train["bmi"], train["bp"], train["bmi"] * train["bp"]]), train["target"]
    )
    assert expected.coef_.tolist() == run.model.coef_.tolist()
    assert ("bmi", "bp", "both") == run.features
    assert "body@v1.0" == run.feature_set


def test_an_approved_table_approves_the_training(lab):
    parts = split_of(DIABETES)
    run = lab.train("progression", ridge, with_=parts, target="target")
    lab.approve(DIABETES, reason="published", name="rows")
    assert run.fingerprint in {node.fingerprint for node in lab.lineage(DIABETES).nodes}
    states = {node.name: node.state for node in lab.lineage(DIABETES).nodes}
    assert "approved through its inputs" == states["progression"]


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        ({"target": "targte"}, CallError, "did you mean 'target'"),
        ({"target": ""}, CallError, "needs a split and a target"),
        ({"function": lambda x: x, "target": "target"}, CallError, "asks for 'x'"),
        ({"function": lambda seed: seed, "target": "target"}, ModelError, "gave no model"),
        ({"function": "", "target": "target"}, CallError, "got no code"),
    ],
)
def test_bad_input_is_one_sentence(ws, call, kind, said):
    call = {"function": ridge, **call}
    with pytest.raises(kind, match=said) as told:
        ws.train("x", call.pop("function"), with_=split_of(DIABETES.head(60)), **call)
    assert "\n" not in str(told.value)


def test_features_of_another_table_are_refused(ws):
    fs = ws.features(DIABETES.head(50), as_="few", columns=["bmi"])
    with pytest.raises(CallError, match="not those of the table"):
        ws.train("x", ridge, with_=split_of(DIABETES), features=fs, target="target")


def test_only_what_was_trained_is_repeated(ws):
    with pytest.raises(CallError, match="No training of 'nobody'"):
        ws.train("nobody", repeat=True)


def test_a_cell_trains_with_the_kernels_names_and_leaves_its_own(notebook):
    notebook.names["split"] = split_of(DIABETES)
    notebook.names["X_train"] = "mine"
    notebook.run("from sklearn.linear_model import Ridge\nalpha = 0.5")
    run = notebook.run(
        "%%qforge train mine with split --target target into run\n"
        "model = Ridge(alpha).fit(X_train, y_train)  # {{not expanded}}\n"
        "steps = f'{{{alpha}}}'"
    )
    assert (0.5, "{0.5}", "mine") == (
        run.hyperparameters["alpha"],
        notebook.names["steps"],
        notebook.names["X_train"],
    )
    assert notebook.run("%qforge train mine --repeat").is_repeated_equally


def test_a_model_that_another_cell_left_is_not_this_codes(notebook):
    notebook.names["split"] = split_of(DIABETES)
    notebook.names["model"] = Ridge()
    said = notebook.sentence("%%qforge train mine with split --target target\nalpha = 2")
    assert "The code gave no model" in said
    notebook.run("%%qforge train mine with split --target target\n_ = model.fit(X_train, y_train)")


def test_a_secret_in_the_code_is_kept_nowhere(notebook, quiet_place):
    notebook.names["split"] = split_of(DIABETES)
    notebook.run("from sklearn.linear_model import Ridge")
    notebook.run(
        "%%qforge train mine with split --target target\n"
        'password = "hunter2secret"\nmodel = Ridge().fit(X_train, y_train)'
    )
    files = [each for each in (quiet_place / ".qforge").rglob("*") if each.is_file()]
    assert [] == [each.name for each in files if b"hunter2secret" in each.read_bytes()]
    said = notebook.sentence("%qforge train mine --repeat")
    assert "what looked like a secret" in said


def test_an_error_of_the_cells_code_is_shown_as_any_cells_error(notebook):
    notebook.names["split"] = split_of(DIABETES)
    problem, said = notebook.fail("%%qforge train mine with split --target target\nmodel = 1 / 0")
    assert isinstance(problem, ZeroDivisionError)
    assert "Traceback" in said
    assert "model = 1 / 0" in said
    assert "qforge_jupyter" not in said
    failed = notebook.context.store.runs.list(verb="train")
    assert ["failed"] == [each.status for each in failed]


def test_the_traceback_begins_at_the_cells_line_and_debug_shows_all_of_it(notebook):
    notebook.names["split"] = split_of(DIABETES)
    cell = (
        "%%qforge train mine with split --target target {}\n\ndef f(x):\n    return x.nothing\nf(1)"
    )
    problem, said = notebook.fail(cell.format(""))
    assert isinstance(problem, AttributeError)
    frames = [line for line in said.splitlines() if line.startswith("File ")]
    assert (2, True) == (len(frames), all("<train " in line for line in frames))
    assert "line 4" in frames[0] or ":4" in frames[0]
    _, said = notebook.fail(cell.format("--debug"))
    assert "_cell_code.py" in said


def test_code_that_is_no_python_is_one_sentence_before_anything_is_trained(notebook):
    notebook.names["split"] = split_of(DIABETES)
    said = notebook.sentence(
        "%%qforge train mine with split --target target\nfine = 1\nmodel = = 2"
    )
    assert "line 3: The code is no Python in its line 2 (invalid syntax)" in said
    assert "    model = = 2\n            ^" in said


def test_the_tracker_lists_hyperparameters_and_scores(tmp_path):
    from mlflow.tracking import MlflowClient

    with qf.open(str(tmp_path / "lab"), actor="ann", progress=False) as ws:
        ws.context.tracker.prepare()
        ws.train("progression", ridge, with_=split_of(DIABETES), target="target")
        delivery = ws.context.store.outbox.state(ws.context.store.runs.list(verb="train")[0].id)
        client = MlflowClient(ws.context.tracker.uri)
        shown = client.get_run(delivery.tracker_run_id)
    assert ("0.1", "Ridge") == (shown.data.params["model.alpha"], shown.data.params["model.model"])
    assert {"train/r2", "validation/mae", "test/rmse"} <= set(shown.data.metrics)
    assert "mlflow.parentRunId" in json.dumps(shown.data.tags)


@pytest.mark.filterwarnings("ignore")  # the user's own use of MLflow warns
def test_what_the_code_logs_to_mlflow_lands_in_the_run_of_its_training(tmp_path):
    import mlflow

    def logging(X_train, y_train):  # noqa: N803 — as the cell calls it
        mlflow.log_metric("epochs", 3.0)
        return ridge(X_train, y_train)

    with qf.open(str(tmp_path / "lab"), actor="ann", progress=False) as ws:
        ws.context.tracker.prepare()
        ws.train("progression", logging, with_=split_of(DIABETES), target="target")
        delivery = ws.context.store.outbox.state(ws.context.store.runs.list(verb="train")[0].id)
        client = mlflow.MlflowClient(ws.context.tracker.uri)
        shown = client.get_run(delivery.tracker_run_id)
    assert {"epochs", "test/r2"} <= set(shown.data.metrics)
    assert ("FINISHED", None) == (shown.info.status, mlflow.active_run())
    assert not mlflow.is_tracking_uri_set()


def test_what_names_a_row_is_no_feature(tmp_path):
    with qf.open(str(tmp_path / "lab"), actor="ann", tracker="none") as ws:
        rows = table_of(load_diabetes(as_frame=True)).with_row_index("patient")
        ws.commit(rows, to="diabetes", by=["patient"])
        split = ws.split("diabetes", parts={"train": 80, "test": 20}, leaks=False)
        made = ws.train("progression", ridge, with_=split, target="target")
    assert "patient" not in made.features
