"""A published network learns further of a split, is kept, and predicts in a later session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
import torch
from jarvis_crystals import crystals

import qforge_jupyter as qf
from qforge_jupyter.engine import models
from qforge_jupyter.engine.models import find
from qforge_jupyter.errors import CallError, Stopped, StoreError
from qforge_jupyter.workspace import Workspace

#: The crystals of at most 20 atoms, which are quick.
CRYSTALS = crystals().filter(crystals()["poscar"].str.count_matches("\n") < 29)
PARTS = {"train": 60, "validation": 20, "test": 20}


@pytest.fixture
def split(ws):
    return ws.split(CRYSTALS, as_="gaps", parts=PARTS, seal=[])


@pytest.fixture(autouse=True)
def _forgetting(monkeypatch):
    monkeypatch.setattr(models, "_REGISTERED", {})
    monkeypatch.setattr(models, "_LOADED", {})


def tuned(ws, split, **told: Any):
    given = {"with_": split, "as_": "own", "target": "band_gap", "epochs": 12, **told}
    return ws.finetune("cgcnn", **given)


def test_the_error_on_validation_never_rises_and_all_is_told(ws, split):
    report = tuned(ws, split, epochs=6)
    validation, test = report.part("validation"), report.part("test")
    assert validation.mae("after") <= validation.mae("before")
    assert {"mean", "before", "after"} == set(test.scores)
    assert CRYSTALS.height == sum(each.n for each in report.errors)
    by_pass = [value for name, value, _ in report.logged if name == "validation_mae"]
    assert (by_pass[0], min(by_pass)) == pytest.approx(
        (validation.mae("before"), validation.mae("after"))
    )
    said = repr(report)
    assert "validation MAE" in said
    assert "of the mean" in said


def test_before_it_learned_it_is_as_wrong_as_the_published_network(ws, split):
    report = tuned(ws, split, epochs=1)
    for part in ("validation", "test"):
        rows = split[part]
        error = (ws.predict(rows, with_="cgcnn")["band_gap"] - rows["band_gap"]).abs().mean()
        assert error == pytest.approx(report.part(part).mae("before"), abs=1e-4)
    mean = split["train"]["band_gap"].mean()
    error = (split["test"]["band_gap"] - mean).abs().mean()
    assert error == pytest.approx(report.part("test").mae("mean"))


def test_the_same_seed_learns_the_same(ws, split):
    first, second = tuned(ws, split, epochs=3), tuned(ws, split, epochs=3)
    assert first.logged == second.logged
    assert repr(first) == repr(second)


def test_a_later_session_predicts_with_it(tmp_path):
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as ws:
        split = ws.split(CRYSTALS, as_="gaps", parts=PARTS, seal=[])
        report = tuned(ws, split)
        here = ws.predict(split["test"], with_="own")
        error = (here["band_gap"] - split["test"]["band_gap"]).abs().mean()
        assert error == pytest.approx(report.part("test").mae("after"), abs=1e-6)
    models._LOADED.clear()
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as ws:
        rows = CRYSTALS.head(3)
        assert {"own", "cgcnn"} <= set(ws.models().frame["model"])
        assert "v1" in repr(ws.models("own"))
        again = ws.predict(CRYSTALS, with_="own@v1")
        both = pl.Series(here["name"]).is_in(again["name"].to_list())
        assert both.all()
        asked = ws.predict(rows, with_="own+cgcnn")
        own, published = (ws.predict(rows, with_=each)["band_gap"] for each in ("own", "cgcnn"))
        assert ((own + published) / 2).to_list() == pytest.approx(
            asked["band_gap"].to_list(), rel=1e-5
        )
        with pytest.raises(CallError, match="No model named 'owm': did you mean 'own'"):
            ws.predict(rows, with_="owm")
        with pytest.raises(CallError, match="No version 'v7' of 'own'"):
            ws.predict(rows, with_="own@v7")


def test_its_answers_are_kept_by_its_version_and_another_training_is_another_version(ws, split):
    tuned(ws, split, epochs=2)
    rows = CRYSTALS.head(2)
    assert (0, 2) == (ws.predict(rows, with_="own").n_known, ws.predict(rows, with_="own").n_known)
    tuned(ws, split, epochs=4)
    assert 0 == ws.predict(rows, with_="own").n_known
    assert ["v2", "v1"] == [each.version for each in ws.context.store.models.tuned("own")]
    assert 2 == ws.predict(rows, with_="own@v1").n_known
    assert () == ws.context.store.verify()


def test_it_can_learn_on_from_what_it_learned(ws, split):
    first = tuned(ws, split, epochs=3)
    second = ws.finetune("own", with_=split, as_="own-2", target="band_gap", epochs=2)
    test = second.part("test")
    assert test.mae("before") == pytest.approx(first.part("test").mae("after"), abs=1e-6)
    assert "band_gap" in ws.predict(CRYSTALS.head(1), with_="own-2").columns


def test_lineage_leads_from_the_predictions_to_the_split(ws, split):
    report = tuned(ws, split, epochs=1)
    rows = CRYSTALS.head(2)
    preds = ws.predict(rows, with_="own")
    (step,) = preds.lineage()
    assert {"structures", "own v1"} == set(step.input_names)
    assert report.lineage()[0].fingerprint in step.inputs
    assert report.lineage()[0].fingerprint in ws.predict(rows, with_="own+cgcnn").step.inputs
    names = {node.name for node in ws.lineage(preds).nodes}
    assert {"own", "structures"} <= names
    assert {"gaps/train", "gaps/validation"} <= names
    assert "gaps/test" not in {name for _, name in report.inputs}


def test_weights_that_were_changed_in_the_store_are_refused(ws, split):
    report = tuned(ws, split, epochs=1)
    (path,) = [
        each
        for each in (ws.context.store.objects.folder.root).rglob("*")
        if each.name.startswith(report.digest[:20]) or report.digest.endswith(each.name)
    ]
    path.chmod(0o600)
    path.write_bytes(b"others")
    with pytest.raises(StoreError):
        ws.predict(CRYSTALS.head(1), with_="own")


def test_a_stop_keeps_the_best_weights_so_far(ws, split):
    def stop_at_five(done, total, note=""):  # noqa: ARG001 — as every progress
        if done == 5 and note.startswith("validation"):
            raise KeyboardInterrupt

    stopping = Workspace(replace(ws.context, progress=stop_at_five))
    with pytest.raises(Stopped, match="best weights so far are kept") as stop:
        tuned(stopping, split)
    assert stop.value.result.is_interrupted
    assert "Stopped after 5 passes" in repr(stop.value.result)
    assert 1 == ws.predict(CRYSTALS.head(1), with_="own").n_predicted


def test_a_sealed_test_part_is_not_looked_at(ws):
    split = ws.split(CRYSTALS, as_="closed", parts=PARTS, seal=["test"])
    report = tuned(ws, split, epochs=1)
    assert report.part("test") is None
    assert "Not looked at, because sealed: test" in repr(report)


def test_a_module_of_the_user_learns_without_being_changed_itself(ws, split):
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.SiLU(), torch.nn.Linear(8, 1))
    qf.register_model(
        "net",
        net,
        features=lambda atoms: [
            atoms.get_masses().mean() / 100,
            atoms.get_volume() / len(atoms) / 20,
        ],
        properties={"band_gap": "eV"},
        version="1",
    )
    before = [each.clone() for each in net.parameters()]
    report = ws.finetune(
        "net", with_=split, as_="own", target="band_gap", epochs=100, learning_rate=0.01
    )
    assert report.part("validation").mae("after") < report.part("validation").mae("before")
    assert all(torch.equal(old, new) for old, new in zip(before, net.parameters(), strict=True))
    assert 1 == ws.predict(CRYSTALS.head(1), with_="own").n_predicted
    models._REGISTERED.clear()
    with pytest.raises(CallError, match="trained from 'net', which this process does not know"):
        ws.predict(CRYSTALS.head(1), with_="own")


def test_what_cannot_be_trained_is_one_sentence(ws, split):
    with pytest.raises(CallError, match="'baseline' cannot be trained further here"):
        ws.finetune("baseline", with_=split, as_="own", target="band_gap")
    with pytest.raises(CallError, match="There is a model 'cgcnn' already"):
        tuned(ws, split, as_="cgcnn")
    with pytest.raises(CallError, match="No property 'bandgap' of cgcnn: did you mean 'band_gap'"):
        tuned(ws, split, property="bandgap")
    with pytest.raises(CallError, match="No column 'gap' of numbers: there are band_gap"):
        tuned(ws, split, target="gap", property="band_gap")
    with pytest.raises(CallError, match="what a classifier says"):
        tuned(ws, split, property="metal_probability")
    without = ws.split(CRYSTALS, parts={"train": 80, "test": 20})
    with pytest.raises(CallError, match="validation is not there"):
        tuned(ws, without)


def test_rows_that_cannot_be_used_are_counted_by_kind(ws):
    bad = pl.DataFrame(
        {"id": ["x", "y"], "band_gap": [1.0, None], "poscar": ["broken", CRYSTALS["poscar"][0]]}
    )
    split = ws.split(pl.concat([CRYSTALS, bad]), parts=PARTS, seal=[])
    report = tuned(ws, split, epochs=1)
    assert {"parse": 1, "without a true value": 1} == report.failures
    assert find("cgcnn").properties[0].unit == report.unit


def test_the_tracker_shows_the_errors_of_every_pass(tmp_path):
    from mlflow.tracking import MlflowClient

    with qf.open(str(tmp_path / "lab"), actor="ann", progress=False) as ws:
        ws.context.tracker.prepare()
        split = ws.split(CRYSTALS, as_="gaps", parts=PARTS, seal=[])
        report = tuned(ws, split, epochs=3)
        (kept,) = ws.context.store.models.tuned("own")
        client = MlflowClient(ws.context.tracker.uri)
        shown = client.get_metric_history(kept.tracker_run_id, "steps/validation_mae")
    told = {step: value for name, value, step in report.logged if name == "validation_mae"}
    assert told == {each.step: each.value for each in shown}
    assert 4 == len(told)
