"""Every training is a row of the table of models, on both stores, and can be read back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError
from qforge_jupyter.workspace import Workspace
from tests.flows.trained_tables import DIABETES, WINE, ridge, split_of

WINES = (
    "from sklearn.ensemble import RandomForestClassifier\n"
    "RandomForestClassifier(30, random_state=seed).fit(X_train, y_train)"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    with qf.open(target, tracker="none", folder=str(tmp_path / "files"), actor="ann") as ws:
        yield ws


def test_a_training_leaves_a_row_with_all_that_was_said_of_it(lab):
    fs = lab.features(DIABETES, as_="body", columns=["bmi", "bp"], name="rows")
    run = lab.train("it", ridge, with_=split_of(DIABETES), features=fs, target="target")
    store = lab.context.store
    (kept,) = store.models.list()
    (trained,) = store.runs.list(verb="train")
    assert (trained.id, "v1", "regression", "registered") == (
        kept.run_id,
        kept.version,
        kept.kind,
        kept.status,
    )
    said = kept.properties
    assert ("split of rows", "body@v1.0", ["bmi", "bp"]) == (
        said["split"],
        said["feature_set"],
        said["features"],
    )
    assert {each.part: each.values for each in run.scores} == said["scores"]
    assert (run.code_sha256, run.fingerprint, False) == (
        said["code_sha256"],
        said["fingerprint"],
        said["is_approved"],
    )
    assert run.verdict.is_overfitted == said["is_overfitted"]
    assert "sklearn.linear_model._ridge.Ridge" == kept.entry_point
    assert kept == store.models.get("it", "v1") == store.models.of_run(trained.id)
    assert () == store.verify()


def test_repetitions_point_to_the_first(lab):
    lab.train("it", ridge, with_=split_of(DIABETES), target="target")
    lab.train("it", repeat=True)
    lab.train("it", repeat=True)
    third, second, first = lab.context.store.models.list("it")
    assert ["v3", "v2", "v1"] == [each.version for each in (third, second, first)]
    assert (first.id, first.id, "") == (third.repeats, second.repeats, first.repeats)
    assert second.properties["is_repeated_equally"]


def test_only_what_reached_the_thresholds_is_approved(lab):
    lab.train("wine", WINES, with_=split_of(WINE, stratify=["kind"]), target="kind")
    lab.train("it", ridge, with_=split_of(DIABETES), target="target")
    status = {each.name: each.status for each in lab.context.store.models.list()}
    assert {"wine": "approved", "it": "registered"} == status


def test_status_and_sql_read_them_back(lab):
    lab.train("wine", WINES, with_=split_of(WINE, stratify=["kind"]), target="kind")
    lab.train("wine", repeat=True)
    page = lab.status()
    expected = ["wine", "v2", "classification", "yes", "split of rows", "v1"]
    assert expected == page.content["models"][0]
    assert "classification" in repr(page)
    rows = lab.sql("select name, version, status from qforge.model order by version").frame
    assert [("wine", "v1", "approved"), ("wine", "v2", "approved")] == rows.rows()


def test_a_training_that_failed_leaves_no_model(lab):
    with pytest.raises(ZeroDivisionError):
        lab.train("it", "1 / 0", with_=split_of(DIABETES), target="target")
    assert () == lab.context.store.models.list()


def test_an_unknown_version_is_answered_with_those_there_are(lab):
    lab.train("it", ridge, with_=split_of(DIABETES), target="target")
    with pytest.raises(CallError, match="No version 'v2' of the model 'it': there are v1"):
        lab.context.store.models.get("it", "v2")


def test_the_run_of_the_tracker_is_found_from_the_model(tmp_path):
    with qf.open(str(tmp_path / "lab"), actor="ann", progress=False) as ws:
        ws.context.tracker.prepare()
        ws.train("it", ridge, with_=split_of(DIABETES), target="target")
        store = ws.context.store
        (kept,) = store.models.list()
        assert store.outbox.state(kept.run_id).tracker_run_id == kept.tracker_run_id != ""


@pytest.mark.parametrize("name", ["../f", "a b", "", "-f", "x" * 65])
def test_a_model_and_a_feature_set_have_names_like_any_other(ws, name):
    with pytest.raises(CallError, match="is named with 1 to 64 letters"):
        ws.features(DIABETES, as_=name, columns=["bmi"])
    with pytest.raises(CallError, match="A model is named with 1 to 64 letters"):
        ws.train(name, ridge, with_=split_of(DIABETES), target="target")
