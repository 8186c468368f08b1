"""What a comparison leaves behind, on a folder and on PostgreSQL, and in MLflow."""

from __future__ import annotations

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import QualityError

MINE = pl.DataFrame({"id": [f"m{at}" for at in range(20)], "gap": [1.1] * 10 + [1.5] * 10})
DFT = MINE.select("id", gap=1.0).vstack(pl.DataFrame({"id": ["x"], "gap": [1.0]}))


def test_run_statistics_findings_rows_and_both_inputs_are_kept(workspace):
    workspace.commit(DFT, to="dft", by=["id"], message="gaps")
    report = workspace.compare(
        MINE, against="dft", by=["id"], group=["id"], name="preds",
        tolerance={"gap": "0.2 eV"}, judge="rmse", confidence=0.9,
    )  # fmt: skip
    run = workspace.sql(
        "select id, status, n_rows from qforge.run where verb = 'compare'"
    ).frame.row(0, named=True)
    assert ("finished", 20) == (run["status"], run["n_rows"])
    metrics = workspace.sql(
        "select name, value, low, confidence from qforge.metric where subject = 'gap'"
    ).frame
    kept = {name: (value, low) for name, value, low, _ in metrics.iter_rows()}
    for name, found in report["gap"].measures.items():
        if found.value is not None:
            assert pytest.approx((found.value, found.low)) == kept[name]
    assert {0.9, None} == set(metrics["confidence"])
    findings = workspace.sql("select kind, name, n_rows from qforge.finding").frame.rows()
    assert {("only_in_one", "dft@main", 1), ("beyond_tolerance", "gap", 10)} == {
        (kind, name if kind == "beyond_tolerance" else "dft@main", n) for kind, name, n in findings
    }
    steps = workspace.sql("select source, inputs from qforge.lineage").frame
    inputs = str(steps.filter(pl.col("source") == "qforge compare")["inputs"][0])
    for table in (MINE, DFT):
        assert qf.fingerprint(table) in inputs
    record = workspace.context.store.runs.get(run["id"])
    names = {each.name for each in record.artifacts}
    assert {"rows.parquet", "apart.parquet", "measures.parquet", "groups.parquet"} <= names


def test_a_refused_comparison_is_kept_with_its_rows(workspace):
    with pytest.raises(QualityError) as refusal:
        workspace.compare(
            MINE, against=DFT, by=["id"], tolerance={"gap": "0.01"}, refuse_if="beyond"
        )
    assert "beyond" == refusal.value.result.verdict
    (run,) = workspace.sql("select id, status from qforge.run where verb = 'compare'").frame.rows()
    assert "refused" == run[1]
    assert workspace.context.store.runs.get(run[0]).artifacts


@pytest.mark.filterwarnings("ignore:::mlflow", "ignore::ResourceWarning")
def test_mlflow_shows_the_statistics(tmp_path):
    with qf.open(str(tmp_path / "lab")) as ws:
        ws.context.tracker.prepare(wait=True)
        report = ws.compare(MINE, against=DFT, by=["id"], tolerance={"gap": "1"})
        ws.sync()
        query = "select tracker_run_id from qforge.run where verb = 'compare'"
        (run_id,) = ws.sql(query).frame.row(0)
        from mlflow.tracking import MlflowClient

        uri = f"sqlite:///{tmp_path / 'lab' / 'mlflow.db'}"
        shown = MlflowClient(tracking_uri=uri).get_run(run_id).data.metrics
    found = report["gap"].measures["mae"]
    assert found.value == pytest.approx(shown["gap/mae"])
    assert (found.low, found.high) == pytest.approx((shown["gap/mae.low"], shown["gap/mae.high"]))
