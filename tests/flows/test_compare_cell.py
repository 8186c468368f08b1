"""`compare` in cells and in Python: real predictions against DFT, kept in the store."""

from __future__ import annotations

import polars as pl
import pytest
from jarvis_crystals import crystals

import qforge_jupyter as qf
from qforge_jupyter.engine.models.baseline import NOTICE
from qforge_jupyter.errors import CallError, QualityError

DFT = crystals().select("id", "band_gap").rename({"id": "structure_id"})


@pytest.fixture
def cells(notebook):
    notebook.shell.user_ns |= {"structures": crystals(), "dft": DFT}
    notebook.run("%qforge use ./lab")
    notebook.run("%qforge predict structures with baseline into preds")
    return notebook


def test_a_cell_compares_predictions_with_a_table_of_other_names(cells):
    cells.run(
        "%%qforge compare preds against dft by structure_id into errors\n"
        "tolerance: {band_gap: 500 meV}"
    )
    errors = cells.shell.user_ns["errors"]
    preds = cells.shell.user_ns["preds"]
    assert ("structure_id",) == errors.keys
    assert (50, "0.5 eV") == (errors["band_gap"].n, errors["band_gap"].tolerance)
    assert (
        pytest.approx((preds["band_gap"] - DFT["band_gap"]).abs().mean()) == errors["band_gap"].mae
    )
    assert NOTICE in repr(errors)
    assert set(errors.bad["structure_id"]) <= set(DFT["structure_id"])


def test_a_gate_stops_the_notebook_and_what_it_judged_is_kept(cells):
    said = cells.sentence(
        "%%qforge compare preds against dft by structure_id\n"
        "tolerance: {band_gap: 0.1 eV}\nrefuse if: beyond"
    )
    assert (
        "predictions of baseline is refused: mean absolute error of band_gap is beyond 0.1 eV"
        in said
    )
    runs = cells.run("%%qforge sql\nselect verb, status from qforge.run where verb = 'compare'")
    assert [("compare", "refused")] == runs.frame.rows()


def test_not_within_refuses_what_cannot_be_said(ws):
    few = pl.DataFrame({"id": ["a"], "gap": [1.0]})
    with pytest.raises(QualityError, match="not enough data to say whether the mean absolute"):
        ws.compare(few, against=few, by=["id"], tolerance={"gap": "1"}, refuse_if="not within")
    with pytest.raises(QualityError, match="no tolerance was given"):
        ws.compare(few, against=few, by=["id"], refuse_if="not within")
    assert "within" != ws.compare(few, against=few, by=["id"], refuse_if="beyond").verdict


def test_a_rehearsal_finds_what_is_wrong_and_keeps_nothing(cells):
    cells.run("%qforge compare preds against dft by structure_id --dry-run")
    said = cells.sentence("%qforge compare preds against dft by structure --dry-run")
    assert "predictions of baseline has no column 'structure': did you mean" in said
    said = cells.sentence(
        "%%qforge compare preds against dft by structure_id --dry-run\ntolerance: {band_gap: 1 GPa}"
    )
    assert "The tolerance of band_gap" in said
    for key in ("group: kin", "features: [kin]"):
        said = cells.sentence(
            f"%%qforge compare preds against dft by structure_id --dry-run\n{key}"
        )
        assert "no column" in said.lower()
    runs = cells.run("%%qforge sql\nselect count(*) as n from qforge.run where verb = 'compare'")
    assert 0 == runs.frame["n"].item()


def test_a_cell_shows_the_python_that_does_the_same(cells):
    cell = (
        "%%qforge compare preds against dft by structure_id --next 3{}\n"
        "tolerance: {{band_gap: 0.5 eV}}"
    )
    names = cells.shell.user_ns
    cells.capsys.readouterr()
    cells.shell.run_cell(cell.format(" --as-python"))
    statement = cells.capsys.readouterr().out
    cells.shell.run_cell(cell.format(" into by_cell"))
    with qf.open("./lab") as ws:
        again = ws.compare(
            names["preds"],
            against=DFT,
            by=["structure_id"],
            next_=3,
            tolerance={"band_gap": "0.5 eV"},
        )
        exec(f"by_python = {statement}", (given := {**names, "ws": ws}))  # noqa: S102 — as printed
    for report in (given["by_python"], again):  # where a table has no name of its own
        assert ("dft", "reference") == (names["by_cell"].right, report.right)
        assert names["by_cell"].measures.equals(report.measures)
        assert names["by_cell"].rows.equals(report.rows)


def test_statistics_intervals_findings_and_both_origins_are_in_the_store(ws):
    preds = ws.predict(crystals()[:40])
    gaps = DFT.with_columns(
        band_gap=pl.when(pl.col("band_gap") > 5).then(None).otherwise("band_gap")
    )
    report = ws.compare(preds, against=gaps, by=["structure_id"], tolerance={"band_gap": "1 eV"})
    query = "select value, low, high, confidence, unit from qforge.metric where name = 'mae'"
    (row,) = ws.sql(query).frame.rows()
    found = report["band_gap"].measures["mae"]
    assert (found.value, found.low, found.high, 0.95, "eV") == pytest.approx(row)
    kinds = dict(ws.sql("select kind, n_rows from qforge.finding where name <> ''").frame.rows())
    assert 10 == kinds["only_in_one"]
    steps = ws.sql("select source, inputs from qforge.lineage").frame
    step = steps.filter(pl.col("source") == "qforge compare").row(0, named=True)
    made = steps.filter(pl.col("source") == "prediction")
    assert 1 == made.height
    assert ws.context.store.lineage is not None
    assert preds.step.fingerprint in str(step["inputs"])


def test_stored_datasets_and_files_are_sides_too(ws, tmp_path):
    DFT.write_parquet(tmp_path / "dft.parquet")
    ws.commit(DFT, to="gaps", by=["structure_id"], message="gaps of DFT")
    loaded = ws.load(str(tmp_path / "dft.parquet"))
    report = ws.compare("gaps", against=loaded, by=["structure_id"])
    assert (50, 0) == (report["band_gap"].n, report["band_gap"].mae)


def test_calculations_are_compared_with_their_units(ws):
    pytest.importorskip("tblite")
    water = ws.calculate(["O", "C"])
    known = pl.DataFrame({"name": water["name"], "energy": water["energy"] / 27.211386245988})
    report = ws.compare(
        water,
        against=known,
        by=["name"],
        properties=["energy"],
        reference_units={"energy": "Hartree"},
    )
    assert 0 == pytest.approx(report["energy"].mae, abs=1e-6)
    assert "eV" == report["energy"].unit


def test_one_side_alone_is_one_sentence(ws):
    with pytest.raises(CallError, match="One result set alone cannot be compared"):
        ws.compare(DFT)
