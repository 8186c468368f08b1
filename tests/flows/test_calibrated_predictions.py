"""Intervals of real gaps, calibrated on a part of a split."""

from __future__ import annotations

import pytest
from ase.build import bulk
from jarvis_crystals import crystals

import qforge_jupyter as qf
from qforge_jupyter.engine import models
from qforge_jupyter.errors import CallError

#: The crystals of at most eight atoms, which are quick.
SMALL = crystals().filter(crystals()["poscar"].str.count_matches("\n") < 17)


def test_real_gaps_lie_in_their_intervals_as_often_as_they_promise(ws):
    known, asked = SMALL[::2], SMALL[1::2]
    report = ws.predict(asked, with_="cgcnn", calibrate=known, level=0.8)
    width, n, error = report.calibration.widths["band_gap"]
    assert known.height == n
    assert 0 < error < width
    assert (report["band_gap_high"] - report["band_gap_low"]).to_list() == pytest.approx(
        [2 * width] * asked.height
    )
    held = asked["band_gap"].is_between(report["band_gap_low"], report["band_gap_high"])
    assert held.mean() > 0.6
    assert "formation_energy_low" not in report.columns
    assert "Uncertainty" in repr(report)


def test_a_domain_needs_twenty_structures_and_says_so(ws):
    few = ws.predict(SMALL[12:14], with_="cgcnn", calibrate=SMALL[:12])
    assert "is_outside_domain" not in few.columns
    assert "wanted 20" in few.calibration.no_domain


def test_a_structure_unlike_the_calibration_is_flagged(ws):
    odd = bulk("Ne", "fcc", 9.0)
    report = ws.predict([odd], with_="cgcnn", calibrate=SMALL, column="poscar")
    assert [True] == report["is_outside_domain"].to_list()
    assert 1 == report.calibration.n_outside


def test_structures_of_the_calibration_itself_are_told(ws):
    report = ws.predict(SMALL[:2], calibrate=SMALL[:12])
    assert 2 == report.calibration.n_shared
    assert "their intervals say nothing" in repr(report)


def test_a_calibration_is_named_like_any_table_in_a_cell(notebook):
    notebook.shell.user_ns |= {
        "known": SMALL[:12].rename({"band_gap": "dft"}),
        "asked": SMALL[12:15],
    }
    notebook.run("%qforge use ./lab")
    notebook.run(
        "%%qforge predict asked with baseline --calibrate known into preds\n"
        "level: 0.8\nreferences: {band_gap: dft}"
    )
    preds = notebook.shell.user_ns["preds"]
    assert "band_gap_low" in preds.columns
    notebook.run("%qforge commit known to known-crystals --message twelve")
    notebook.run("%qforge predict asked --calibrate known-crystals --as-python")


def test_a_model_without_features_says_nothing_of_a_domain(ws, monkeypatch):
    monkeypatch.setattr(models, "_REGISTERED", {})
    qf.register_model("half", lambda some: [0.5 for _ in some], properties={"band_gap": "eV"})
    report = ws.predict(SMALL[:3], with_="half", calibrate=SMALL[3:20])
    assert "the model gives no features, so nothing is said" == report.calibration.no_domain
    assert "band_gap_low" in report.columns


def test_too_few_structures_give_no_interval_but_the_reason(ws):
    report = ws.predict(SMALL[:3], calibrate=SMALL[3:8])
    assert {"band_gap": "5 structures have both values, wanted 9"} == report.calibration.declined
    assert "band_gap_low" not in report.columns


def test_what_calibrates_nothing_is_an_error(ws):
    with pytest.raises(CallError, match="needs a table of structures"):
        ws.predict(SMALL[:2], calibrate="nobody")
    with pytest.raises(CallError, match="no column of numbers"):
        ws.predict(SMALL[:2], calibrate=SMALL.drop("band_gap"))
    with pytest.raises(CallError, match="No property 'bandgap' of baseline: did you mean 'band_g"):
        ws.predict(SMALL[:2], calibrate=SMALL, references={"bandgap": "band_gap"})
