"""Ensembles as people write them: named by +, registered, calibrated."""

from __future__ import annotations

import pytest
from ase.build import bulk
from jarvis_crystals import crystals

import qforge_jupyter as qf
from qforge_jupyter.engine import models

SMALL = crystals().filter(crystals()["poscar"].str.count_matches("\n") < 17).head(12)


@pytest.fixture(autouse=True)
def _apart(monkeypatch):
    """Models of a test are of this test alone."""
    monkeypatch.setattr(models, "_REGISTERED", {})


def gaps(name, values):
    """Make a model of fixed answers known, by the number of atoms."""
    qf.register_model(
        name,
        lambda some: [values[len(each)] for each in some],
        properties={"band_gap": "eV"},
        version="1",
    )


def test_a_registered_ensemble_is_listed_and_predicts_in_a_cell(notebook):
    gaps("one", {1: 1.0, 2: 2.0})
    gaps("two", {1: 3.0, 2: 2.0})
    qf.register_ensemble("gaps", ["one", "two"])
    notebook.shell.user_ns["structures"] = [bulk("Cu"), bulk("Si")]
    notebook.run("%qforge use ./lab")
    assert "gaps" in repr(notebook.run("%qforge models"))
    page = repr(notebook.run("%qforge models gaps"))
    assert "one 1, two 1" in page
    notebook.run("%qforge predict structures with gaps into preds")
    notebook.run("%qforge predict structures with one+two into again")
    preds, again = (notebook.shell.user_ns[name] for name in ("preds", "again"))
    assert [2.0, 2.0] == preds["band_gap"].to_list() == again["band_gap"].to_list()
    assert 0 == again.n_known  # under another name it is another model
    notebook.run("%qforge predict structures with two+one into third")
    assert 2 == notebook.shell.user_ns["third"].n_known


def test_a_member_that_is_registered_anew_answers_anew(ws):
    for value in (1.0, 5.0):
        gaps("one", {1: value})
        gaps("two", {1: 3.0})
        report = ws.predict([bulk("Cu", "fcc", 3.6 + value / 100)], with_="one+two")
        assert [(value + 3.0) / 2] == report["band_gap"].to_list()


def test_a_spread_is_no_interval_until_it_is_calibrated(ws):
    """Errors of both members on real crystals, in their spread, widen where they differ."""
    gaps("near", dict.fromkeys(range(1, 100), 0.4))
    model = "cgcnn+near"
    assert "band_gap_low" not in ws.predict(SMALL.head(2), with_=model).columns
    report = ws.predict(SMALL.head(6), with_=model, calibrate=SMALL, level=0.7)
    width = report["band_gap_high"] - report["band_gap_low"]
    order = report["band_gap_spread"].arg_sort()
    assert width[order].is_sorted()
    assert width.n_unique() == 6
    low, high = report.calibration.ranges["band_gap"]
    assert (low, high) == pytest.approx((width.min() / 2, width.max() / 2))
    assert " to " in repr(report)
