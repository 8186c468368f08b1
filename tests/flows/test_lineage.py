"""Lineage is kept without being asked for, and approval flows along it, on both stores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, QualityError, ResourceError
from qforge_jupyter.frames.fingerprint import fingerprint
from qforge_jupyter.workspace import Workspace

CALCS = pl.DataFrame({"id": [f"m{i}" for i in range(12)], "gap": [3.0, 3.2] * 6})
NOTES = pl.DataFrame({"id": ["m1", "m3"], "note": ["x", "y"]})
CARD: dict[str, Any] = {
    "required": ["gap"],
    "ranges": {"gap": "0 .. 50"},
    "rules": {"positive": "gap > 0"},
    "unique_by": ["id"],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    with qf.open(target, tracker="none", folder=str(tmp_path / "files"), actor="ann") as ws:
        yield ws


def few_of(lab: Workspace) -> Any:
    return lab.sql("select * from calcs where gap > 3.1", calcs=CALCS)


def test_an_approved_source_approves_what_is_made_of_it_alone(lab):
    few = few_of(lab)
    assert not lab.score(few, **CARD).is_lineage_approved
    lab.approve(CALCS, reason="reviewed", name="calcs")
    report = lab.score(few, **CARD)
    assert report.is_lineage_approved
    assert 6 == lab.certify(few, from_=report).n_ready


def test_an_unapproved_input_is_named(lab):
    lab.approve(CALCS, reason="reviewed", name="calcs")
    both = lab.sql("select * from calcs join notes using (id)", calcs=CALCS, notes=NOTES)
    said = lab.lineage(both, name="both").subject.told
    assert "not approved: nobody approved notes" == said


def test_a_revoked_source_reaches_everything_below_at_once(lab):
    few = few_of(lab)
    lab.approve(few, reason="looked at", name="few")
    report = lab.score(few, **CARD)
    decision = lab.revoke(CALCS, reason="wrong basis", name="calcs")
    assert {"made of calcs, which is revoked"} == {told for _, told in decision.affected}
    with pytest.raises(QualityError, match=r"made of calcs, which was revoked \(wrong basis\)"):
        lab.certify(few, from_=report, approve_lineage=True, reason="still good")
    with pytest.raises(CallError, match="approve calcs anew first"):
        lab.approve(few, reason="still good", name="few")
    lab.approve(CALCS, reason="the basis was right", name="calcs")
    assert lab.score(few, **CARD).is_lineage_approved


def test_a_revoked_table_itself_is_refused_until_somebody_vouches(lab):
    report = lab.score(CALCS, **CARD, name="calcs")
    lab.revoke(CALCS, reason="wrong basis", name="calcs")
    with pytest.raises(QualityError, match="it was revoked"):
        lab.certify(CALCS, from_=report, name="calcs")
    lab.certify(CALCS, from_=report, approve_lineage=True, reason="checked", name="calcs")
    assert "approved" == lab.lineage(CALCS).subject.state


def test_every_verb_leaves_a_step_with_what_made_it(lab):
    few = few_of(lab)
    lab.certify(few, from_=lab.score(few, **CARD), approve_lineage=True, reason="looked at")
    steps = {step.method: step for step in lab.context.store.lineage.history()}
    assert {"sql", "score", "approval", "certify"} == set(steps)
    made = steps["sql"]
    assert (fingerprint(CALCS),) == made.inputs
    assert ("calcs",) == made.input_names
    assert {"qforge", "python", "polars", "numpy", "duckdb"} == set(made.software)
    assert made.seconds > 0
    assert made.parameters["body"].startswith("select")
    assert {made.fingerprint, *(set(steps["certify"].inputs) - {made.fingerprint})} == set(
        steps["certify"].inputs
    )
    assert () == lab.context.store.verify()


def test_the_rows_that_were_certified_stem_from_the_table(lab):
    mixed = CALCS.with_columns(gap=pl.when(pl.col("id") == "m0").then(99.0).otherwise("gap"))
    report = lab.score(mixed, **CARD, name="mixed")
    certificate = lab.certify(
        mixed, from_=report, approve_lineage=True, reason="seen", name="mixed"
    )
    assert 11 == certificate.n_ready
    assert "approved through its inputs" == lab.lineage(certificate.ready).subject.state


def test_a_decision_is_audited_and_needs_a_reason(lab):
    with pytest.raises(CallError, match="needs a reason"):
        lab.approve(CALCS, reason=" ")
    lab.approve(CALCS, reason="reviewed", name="calcs")
    lab.revoke(CALCS, reason="no", name="calcs")
    assert ["revoke lineage", "approve lineage"] == lab.audit().frame["action"].to_list()


def test_the_store_alone_can_revoke(lab):
    lab.approve(CALCS, reason="reviewed", name="calcs")
    lab.context.store.lineage.revoke(fingerprint(CALCS), "bob", "wrong basis")
    assert not lab.context.store.lineage.is_approved(fingerprint(CALCS))
    assert ("revoked", "wrong basis") == (
        lab.lineage(CALCS).subject.state,
        lab.lineage(CALCS).steps[-1].reason,
    )


def test_the_picture_names_ancestors_and_descendants(lab):
    few = few_of(lab)
    lab.score(few, **CARD, name="few")
    report = lab.lineage(few, name="few")
    sides = {(node.name, node.side) for node in report.nodes}
    assert {("calcs", "ancestor"), ("few", "subject"), ("score of few", "descendant")} == sides
    html = report._repr_mimebundle_()[0]["text/html"]
    assert 3 == html.count("<g class=")
    assert report.frame["software"].str.contains("duckdb").to_list() == [True, False]


def test_the_export_is_a_list_of_events_or_lines_of_them(lab, tmp_path):
    few = few_of(lab)
    lab.approve(CALCS, reason="reviewed", name="calcs")
    report = lab.lineage(few, export=str(tmp_path / "all.json"))
    events = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert len(events) == report.n_events == 4
    lab.lineage(few, export=str(tmp_path / "all.jsonl"))
    lines = (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()
    assert [event["eventType"] for event in events] == [
        json.loads(line)["eventType"] for line in lines
    ]


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(lab, tmp_path):
    with pytest.raises(CallError, match="neither"):
        lab.lineage(CALCS, export=str(tmp_path / "all.csv"))
    with pytest.raises(ResourceError, match="cannot be written"):
        lab.lineage(CALCS, export=str(tmp_path / "no" / "all.json"))


def test_a_table_that_nobody_used_has_a_page_too(lab):
    assert "Nothing is recorded of it yet" in repr(lab.lineage(CALCS, name="calcs"))


def test_a_cell_names_its_result_and_is_known_by_its_hash(notebook):
    cell = "%%qforge sql into small\nselect * from calcs where gap < 3"
    notebook.run(cell)
    (step,) = notebook.context.store.lineage.history(dataset="small")
    assert hashlib.sha256(cell.encode()).hexdigest() == step.cell_sha256
    notebook.run('%qforge approve calcs --reason "reviewed"')
    assert "approved through its inputs" == notebook.run("%qforge lineage small").subject.state
    assert "needs `reason`" in notebook.sentence("%qforge revoke calcs")
