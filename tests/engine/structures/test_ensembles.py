"""Several models of one property answer together: mean, spread, and intervals once calibrated."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from ase.build import bulk

import qforge_jupyter as qf
from qforge_jupyter.engine import models
from qforge_jupyter.engine.models import find, loaded
from qforge_jupyter.engine.models._ensembles import named
from qforge_jupyter.engine.structures.calibrating import conformal_width, spread_widths
from qforge_jupyter.engine.structures.predicting import predict
from qforge_jupyter.engine.structures.reading import read_structures
from qforge_jupyter.errors import CallError


@pytest.fixture(autouse=True)
def _apart(monkeypatch):
    """Models of a test are of this test alone."""
    monkeypatch.setattr(models, "_REGISTERED", {})


def said(model, source):
    return predict(
        read_structures(source), model, lambda: loaded(model, {}, "cpu"), parameters={}
    ).frame


def gaps(name, values, **told: Any):
    """Make a model of fixed answers known, by the number of atoms."""
    told = {"properties": {"band_gap": "eV"}, "version": "1", **told}
    qf.register_model(name, lambda some: [values[len(each)] for each in some], **told)


def test_it_says_the_mean_of_its_members_and_their_standard_deviation():
    gaps("one", {1: 1.0, 2: 2.0})
    gaps("two", {1: 3.0, 2: 2.0})
    gaps("three", {1: 5.0, 2: 2.0})
    frame = said(named("one+two+three", find), [bulk("Cu"), bulk("Si")])
    assert [3.0, 2.0] == frame["band_gap"].to_list()
    assert [2.0, 0.0] == frame["band_gap_spread"].to_list()


def test_two_checkpoints_of_one_network_are_an_ensemble():
    model = named("chgnet:0.3.0 + chgnet:0.2.0", find)
    assert "chgnet:0.2.0+chgnet:0.3.0" == model.name
    cells = [bulk("Si"), bulk("NaCl", "rocksalt", 5.64)]
    both = said(model, cells)
    single = []
    chgnet = find("chgnet")
    for checkpoint in ("0.2.0", "0.3.0"):
        given = chgnet.parameters({"checkpoint": checkpoint})
        alone = predict(
            read_structures(cells),
            chgnet,
            lambda g=given: loaded(chgnet, g, "cpu"),
            parameters=given,
        )
        single.append(alone.frame["energy"].to_numpy())
    assert np.allclose(np.mean(single, axis=0), both["energy"].to_numpy(), atol=1e-6)
    assert np.allclose(np.std(single, axis=0, ddof=1), both["energy_spread"].to_numpy(), atol=1e-6)
    assert "" == model.notice


def test_members_that_mean_different_things_are_told():
    """CHGNet's energies are corrected as the Materials Project does it, CGCNN's are not."""
    assert "do not mean the same by energy" in named("chgnet+cgcnn", find).notice
    assert "" == named("sevennet:7net-0+sevennet:7net-l3i5", find).notice


def test_its_version_names_members_and_their_versions_in_any_order():
    gaps("one", {1: 1.0})
    gaps("two", {1: 2.0})
    first = named("one+two", find)
    assert (first.name, first.version) == (
        named("two + one", find).name,
        named("two+one", find).version,
    )
    gaps("two", {1: 2.0}, version="2")
    assert first.version != named("one+two", find).version


def test_members_without_a_version_keep_nothing():
    gaps("one", {1: 1.0})
    gaps("two", {1: 2.0}, version="")
    assert not named("one+two", find).is_cached


def test_where_a_member_fails_there_is_no_number():
    gaps("one", {1: 1.0, 2: 2.0})
    gaps("two", {1: math.nan, 2: 1.0})
    frame = said(named("one+two", find), [bulk("Cu"), bulk("Si")])
    assert [None, 1.5] == frame["band_gap"].to_list()
    assert ["other", None] == frame["failure_kind"].to_list()


def test_the_baseline_says_in_every_ensemble_what_it_is():
    gaps("one", {1: 1.0})
    assert named("baseline+one", find).notice.startswith("Baseline: ")


def test_what_is_no_ensemble_is_told():
    gaps("one", {1: 1.0})
    qf.register_model("other", len, properties={"volume": "Å^3"})
    for text, why in (
        ("one+one", "one twice came"),
        ("one+other", "predict no number in common"),
        ("one+nobody", "No model named 'nobody'"),
        ("one:2+baseline", "has no checkpoints"),
        ("chgnet:0.2", "No checkpoint '0.2' of chgnet"),
        ("chgnet:0.2.0", "is one model"),
    ):
        with pytest.raises(CallError, match=why):
            named(text, find)
    with pytest.raises(CallError, match="two different models and 1 came"):
        qf.register_ensemble("alone", ["one"])


@pytest.mark.parametrize("n_known", [20, 170])
def test_ninety_percent_of_exchangeable_rows_lie_in_intervals_that_vary(n_known):
    """Errors that grow with the spread, as is hoped; the promise holds whatever they do."""
    rng = np.random.default_rng(3)
    held, wide, narrow = [], [], []
    for _ in range(300):
        spread = rng.gamma(1.0, 1.0, n_known + 60)
        error = rng.normal(size=len(spread)) * (0.3 + spread)
        known, asked = slice(n_known), slice(n_known, None)
        width = spread_widths(error[known].tolist(), spread[known].tolist(), spread[asked], 0.9)
        held.append(np.mean(np.abs(error[asked]) <= width))
        narrow.append(np.mean(width))
        wide.append(conformal_width(error[known].tolist(), 0.9))
    assert 0.88 <= np.mean(held) <= 0.92
    assert np.mean(narrow) < np.mean(wide)


def test_members_that_say_nothing_of_the_error_promise_the_same():
    rng = np.random.default_rng(4)
    held = []
    for _ in range(300):
        spread, error = rng.exponential(size=110), rng.standard_t(3, size=110)
        width = spread_widths(error[:50].tolist(), spread[:50].tolist(), spread[50:], 0.9)
        held.append(np.mean(np.abs(error[50:]) <= width))
    assert 0.88 <= np.mean(held) <= 0.92


def test_members_that_always_agree_are_no_measure():
    assert spread_widths([0.1] * 20, [0.0] * 20, [0.0], 0.9) is None
