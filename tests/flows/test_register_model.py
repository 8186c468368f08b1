"""Somebody's own model predicts like any other."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from ase.build import bulk

import qforge_jupyter as qf
from qforge_jupyter.engine import models
from qforge_jupyter.errors import CallError, ModelError

SALT = bulk("NaCl", "rocksalt", 5.64)


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """Forget afterwards what a test registers."""
    monkeypatch.setattr(models, "_REGISTERED", {})


def volumes(structures):
    return [each.get_volume() for each in structures]


def test_three_lines_make_a_model_of_a_function(ws):
    qf.register_model("volume", volumes, properties={"volume": "Å^3"}, needs_cell=True)
    report = ws.predict([SALT, "CCO"], with_="volume")
    assert pytest.approx(5.64**3 / 4) == report["volume"][0]
    assert [None, "not_periodic"] == report["failure_kind"].to_list()
    assert "volume (Å^3)" in repr(ws.models())


def test_a_torch_module_takes_features_and_gives_a_column_for_each_property(ws):
    net = torch.nn.Linear(1, 2)
    with torch.no_grad():
        net.weight[:] = torch.tensor([[2.0], [3.0]])
        net.bias[:] = torch.tensor([1.0, 0.0])
    qf.register_model(
        "net", net, features=lambda atoms: [len(atoms)], properties={"a": "", "b": "eV"}
    )
    report = ws.predict([SALT, bulk("Cu")], with_="net")
    assert [(5.0, 6.0), (3.0, 3.0)] == list(report.select("a", "b").iter_rows())


def test_answers_without_a_version_are_not_kept(ws):
    qf.register_model("volume", volumes, properties={"volume": "Å^3"})
    ws.predict([SALT], with_="volume")
    assert 0 == ws.predictions().n_predictions
    qf.register_model("volume", volumes, properties={"volume": "Å^3"}, version="1")
    ws.predict([SALT], with_="volume")
    assert 1 == ws.predict([SALT], with_="volume").n_known


def test_kept_answers_do_not_stand_for_those_of_other_code(ws):
    qf.register_model("volume", volumes, properties={"volume": "Å^3"}, version="1")
    ws.predict([SALT], with_="volume")
    models._REGISTERED["volume"] = replace(models.find("volume"), revision=2)
    assert 0 == ws.predict([SALT], with_="volume").n_known
    assert 1 == ws.predict([SALT], with_="volume").n_known


def test_a_model_that_fails_on_a_structure_fails_its_row_alone(ws):
    def shy(structures):
        if any(len(each) > 1 for each in structures):
            raise ZeroDivisionError
        return [1.0 for _ in structures]

    qf.register_model("shy", shy, properties={"x": ""})
    report = ws.predict([bulk("Cu"), SALT, bulk("Al")], with_="shy")
    assert [1.0, None, 1.0] == report["x"].to_list()
    assert "shy failed with a ZeroDivisionError" == report["failure_message"][1]


def test_a_number_that_is_none_is_a_failure_and_nothing_is_kept(ws):
    qf.register_model(
        "nan", lambda some: [math.nan for _ in some], properties={"x": ""}, version="1"
    )
    assert ["other"] == ws.predict([SALT], with_="nan")["failure_kind"].to_list()
    assert 0 == ws.predictions().n_predictions


def test_too_few_answers_are_refused(ws):
    qf.register_model("few", lambda some: some[:0], properties={"x": ""})
    with pytest.raises(ModelError, match="gave 0 answers for 1 structures"):
        ws.predict([SALT], with_="few")
    qf.register_model("wide", lambda some: np.ones((len(some), 3)), properties={"x": ""})
    with pytest.raises(ModelError, match="gave 3 numbers, wanted 1"):
        ws.predict([SALT], with_="wide")


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("baseline", {"properties": {"x": ""}}, "There is a model 'baseline' already"),
        ("a b", {"properties": {"x": ""}}, "wanted a letter"),
        ("mine", {"properties": {}}, "none came"),
        ("mine", {"properties": {"model": ""}}, "'model' came"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(name, options, said):
    with pytest.raises(CallError, match=said):
        qf.register_model(name, volumes, **options)


def test_a_torch_module_without_features_is_refused():
    with pytest.raises(CallError, match="needs `features`"):
        qf.register_model("net", torch.nn.Linear(1, 1), properties={"x": ""})


def test_an_absent_model_says_why(ws):
    with pytest.raises(
        ModelError, match="'m3gnet' is absent: the published weights are a TensorFlow"
    ):
        ws.predict([SALT], with_="m3gnet")
