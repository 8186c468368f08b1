"""The main job from start to end, on a folder and on PostgreSQL."""

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import QualityError

CALCS = pl.DataFrame(
    {
        "name": ["a", "b", "c", "d"],
        "homo": [-6.0, -5.0, -7.0, -6.5],
        "lumo": [-1.0, -2.0, 1.0, None],
        "gap": [5.0, 3.0, 60.0, None],
    }
)
CARD = {
    "required": ["name", "gap"],
    "ranges": {"gap": "0 .. 50 eV"},
    "rules": {"gap agrees": "gap == lumo - homo within 0.01 eV"},
    "unique_by": ["name"],
    "outliers": "none",
}


def test_a_table_is_scored_certified_and_proven(workspace):
    report = workspace.score(CALCS, name="calcs", **CARD)
    certificate = workspace.certify(
        CALCS, from_=report, approve_lineage=True, reason="reviewed", name="calcs"
    )
    assert ["a", "b"] == certificate.ready["name"].to_list()
    assert workspace.verify(certificate, against=CALCS).content["is_intact"]


def test_an_approved_lineage_is_remembered(workspace):
    report = workspace.score(CALCS, **CARD)
    assert not report.is_lineage_approved
    workspace.certify(CALCS, from_=report, approve_lineage=True, reason="reviewed")
    assert workspace.score(CALCS, **CARD).is_lineage_approved


def test_nobody_certifies_without_a_word_for_the_lineage(workspace):
    report = workspace.score(CALCS, **CARD)
    with pytest.raises(QualityError, match="lineage not approved"):
        workspace.certify(CALCS, from_=report)
    assert "certify" not in workspace.audit().frame["action"].to_list()


def test_explained_outliers_are_certified_from_then_on(workspace):
    rows = pl.DataFrame({"id": range(20), "x": [1.0, 2.0] * 9 + [1.5, 90.0]})
    card = {"required": ["x"], "ranges": {"x": "0 .. 100"}, "unique_by": ["id"]}
    card |= {"weights": {"consistency": 0}}
    report = workspace.score(rows, **card)
    first = workspace.certify(rows, from_=report, approve_lineage=True, reason="measured")
    assert 19 == first.n_ready
    workspace.outliers(rows, columns=["x"], document="a real flare", where="x > 50")
    assert 20 == workspace.certify(rows, from_=report).n_ready


FLARE = pl.DataFrame({"id": [f"s{i}" for i in range(20)], "x": [1.0, 2.0] * 9 + [1.5, 90.0]})
FLARE_CARD = {
    "required": ["x"], "ranges": {"x": "0 .. 100"}, "unique_by": ["id"],
    "weights": {"consistency": 0}, "outliers": "none",
}  # fmt: skip


def certified(workspace, rows, **options: object):
    report = workspace.score(rows, **FLARE_CARD)
    return workspace.certify(rows, from_=report, approve_lineage=True, reason="measured", **options)


def test_an_anomaly_that_was_recorded_stops_a_certificate_of_the_same_content(workspace):
    assert 20 == certified(workspace, FLARE).n_ready
    workspace.outliers(FLARE, method="mad", columns=["x"], keys=["id"])
    shuffled = FLARE.reverse()
    certificate = certified(workspace, shuffled)
    assert (True, "undocumented outlier by mad (critical)") == certificate.should_exclude(0)
    assert 19 == certificate.n_ready
    other = FLARE.with_columns(x=pl.col("x") + 1)
    assert 20 == certified(workspace, other).n_ready


def test_documented_with_the_certificate_it_is_documented_for_the_search_too(workspace):
    workspace.outliers(FLARE, method="mad", columns=["x"])
    certificate = certified(workspace, FLARE, document_outliers="a real flare")
    assert (20, 1) == (certificate.n_ready, certificate.n_documented)
    again = workspace.outliers(FLARE, method="mad", columns=["x"], keys=["id"])
    anomaly = again.anomalies[0]
    assert ("documented", "critical", ("s19",)) == (
        anomaly.action, anomaly.severity, anomaly.entities,
    )  # fmt: skip
    assert 20 == certified(workspace, FLARE).n_ready


def test_documented_with_the_search_it_is_documented_for_the_certificate_too(workspace):
    report = workspace.outliers(FLARE, method="mad", columns=["x"], document="a real flare")
    assert ["documented"] == [each.action for each in report.anomalies]
    assert 20 == certified(workspace, FLARE).n_ready


def test_the_same_search_again_takes_the_place_of_the_former(workspace):
    workspace.outliers(FLARE, method="mad", columns=["x"])
    workspace.outliers(FLARE, method="mad", columns=["x"], threshold=1_000.0)
    assert 20 == certified(workspace, FLARE).n_ready


def test_a_share_of_rows_can_be_asked_of_a_method_over_all_columns(workspace):
    rows = FLARE.with_columns(y=pl.col("x") * 2)
    report = workspace.outliers(rows, method="isolation-forest", contamination=0.05)
    assert [19] == report.rows["row"].to_list()
    severity = report.rows["severity"].item()
    assert (True, f"undocumented outlier by isolation-forest ({severity})") == (
        certified(workspace, rows).should_exclude(19)
    )


def test_every_call_is_counted_with_its_outcome(workspace):
    workspace.score(CALCS, **CARD)
    with pytest.raises(qf.errors.QForgeError):
        workspace.score(CALCS, required=["nmae"])
    runs = workspace.sql("select verb, status from qforge.run order by started_at").frame
    assert [("score", "finished"), ("score", "failed")] == runs.rows()


def test_performance_and_batches_are_asked_in_sql_and_shown_by_status(workspace):
    workspace.score(CALCS, **CARD)
    seen = workspace.sql("select verb, n_runs, n_rows from qforge.performance").frame
    assert [("score", 1, 4)] == seen.rows()
    batches = workspace.sql(
        "select dataset, n_findings > 0 from qforge.batch_statistics where verb = 'score'"
    ).frame
    assert [("table", True)] == batches.rows()
    status = workspace.status()
    assert status.frame.filter(verb="score")["n_rows"].to_list() == [4]
    assert ["score", 1, 0] in status.content["runs"]


def test_the_rows_scores_are_kept_as_parquet_and_read_back(workspace):
    report = workspace.score(CALCS, **CARD)
    store = workspace.context.store
    kept = {each.name: each for each in store.runs.latest("score").artifacts}
    scores = store.objects.read_frame(kept["scores.parquet"].sha256)
    assert report.rows["overall"].to_list() == scores["overall"].to_list()


def test_a_kept_split_grows_and_its_sealed_part_is_opened_for_a_reason(workspace):
    rows = pl.DataFrame({"id": range(300), "label": ["a", "b", "c"] * 100})
    plan = {"stratify": "label", "seal": "test", "key": "id"}
    before = workspace.split(rows.head(200), as_="split", **plan)
    after = workspace.split(rows.reverse(), as_="split", **plan)
    assert before.part_of.equals(after.part_of.reverse()[:200])
    test = workspace.unseal("split/test", reason="final evaluation").frame
    assert after.summary["rows"][2] == test.height
    assert {"test": 1} == workspace.split(rows, as_="split", **plan).looks
    assert workspace.verify().content["is_intact"]
