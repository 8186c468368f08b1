"""Which duplicate is approved is known to the store: certificates first, then versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError
from qforge_jupyter.workspace import Workspace

#: Fuller than the others, and later, so that only an approval can go before it.
FULL = pl.DataFrame({"key": ["a", "b", "c"], "gap": [9.0, 9.0, 9.0], "note": ["x", "y", "z"]})
OLD = pl.DataFrame({"key": ["a", "b"], "gap": [1.0, 2.0], "note": [None, None]}).cast(FULL.schema)
CARD = {"required": ["gap"], "ranges": {"gap": "0 .. 50"}, "weights": {"validity": 1}}
ALL = pl.concat([FULL, OLD])


@pytest.fixture(params=["sqlite", "postgresql"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    with qf.open(target, tracker="none", folder=str(tmp_path / "files"), actor="ann") as ws:
        yield ws


def certified(ws: Workspace, rows: pl.DataFrame, gate: str = "validity >= 0.5") -> None:
    report = ws.score(rows, **CARD, ml_ready=gate, outliers="none", name="old")
    ws.certify(rows, from_=report, name="old")


def gaps(ws: Workspace, rows: pl.DataFrame = ALL, **options: object) -> list[float]:
    return ws.deduplicate(rows, by=["key"], name="all", **options)["gap"].to_list()


def test_without_an_approval_the_fuller_record_is_kept(lab):
    assert [9.0, 9.0, 9.0] == gaps(lab)
    with pytest.raises(CallError, match="the store knows no certificate or approval of them"):
        gaps(lab, keep="approved")


def test_rows_of_an_approved_version_are_kept_by_themselves(lab):
    lab.commit(OLD, to="old", by=["key"])
    assert [9.0, 9.0, 9.0] == gaps(lab)
    lab.approve(OLD, reason="reviewed", name="old")
    merged = lab.deduplicate(ALL, by=["key"], name="all")
    assert [9.0, 1.0, 2.0] == merged["gap"].to_list()
    assert merged.notes == ("Approved, as the store knows: 2 of approved old.",)
    dropped = merged.groups.filter(pl.col("row") != pl.col("kept"))
    assert [(0, 3, "equal key", "it is approved"), (1, 4, "equal key", "it is approved")] == (
        dropped.select("row", "kept", "why", "because").rows()
    )


def test_an_earlier_version_that_was_approved_counts_after_a_later_one_was_made(lab):
    lab.commit(OLD, to="old", by=["key"])
    lab.approve(OLD, reason="reviewed", name="old")
    lab.commit(OLD.with_columns(gap=pl.col("gap") + 0.5), to="old")
    assert [9.0, 1.0, 2.0] == gaps(lab)


def test_certified_rows_go_before_rows_of_approved_versions(lab):
    lab.commit(FULL, to="full", by=["key"])
    lab.approve(FULL, reason="reviewed", name="full")
    assert [9.0, 9.0, 9.0] == gaps(lab)
    certified(lab, OLD)
    merged = lab.deduplicate(ALL, by=["key"], name="all")
    assert [9.0, 1.0, 2.0] == merged["gap"].to_list()
    said = "2 certified by the certificate of old; 3 of approved full"
    assert (f"Approved, as the store knows: {said}.",) == merged.notes
    dropped = merged.groups.filter(pl.col("row") != pl.col("kept"))
    assert {"it is certified"} == set(dropped["because"])


def test_only_the_rows_that_a_certificate_certified_count(lab):
    bad = OLD.with_columns(gap=pl.Series([1.0, -2.0]))
    certified(lab, bad)
    assert [9.0, 9.0, 1.0] == gaps(lab, pl.concat([FULL, bad]))


def test_of_two_certificates_the_later_one_counts(lab):
    certified(lab, OLD)
    report = lab.score(
        OLD, **CARD | {"ranges": {"gap": "0 .. 1.5"}}, ml_ready="validity >= 0.9",
        outliers="none", name="old",
    )  # fmt: skip
    lab.certify(OLD, from_=report, name="old")
    assert [9.0, 9.0, 1.0] == gaps(lab)


def test_what_was_revoked_counts_no_more(lab):
    lab.commit(OLD, to="old", by=["key"])
    lab.approve(OLD, reason="reviewed", name="old")
    certified(lab, OLD)
    lab.revoke(OLD, reason="wrong basis", name="old")
    assert [9.0, 9.0, 9.0] == gaps(lab)


def test_what_the_call_says_goes_before_the_store(lab):
    lab.commit(OLD, to="old", by=["key"])
    lab.approve(OLD, reason="reviewed", name="old")
    assert [9.0, 9.0, 9.0] == gaps(lab, approved="gap == 9")
    assert [9.0, 9.0, 9.0] == gaps(lab, keep="complete")


def test_a_certificate_of_a_stored_version_is_found_from_its_branch(lab):
    lab.commit(OLD, to="old", by=["key"])
    version = lab.checkout("old")
    report = lab.score(
        version.frame, **CARD, ml_ready="validity >= 0.5", outliers="none", name="old"
    )
    certificate = lab.certify(version.frame, from_=report, name="old")
    assert certificate.version is not None
    assert [9.0, 1.0, 2.0] == gaps(lab)


def test_reasons_of_every_criterion_are_told(ws):
    rows = pl.DataFrame({
        "key": ["a", "a", "b", "b", "c", "c"],
        "gap": [None, 1.0, 1.0, 1.0, 1.0, 1.0],
        "day": [1, 1, 1, 2, 1, 1],
    })  # fmt: skip
    merged = ws.deduplicate(rows, by=["key"], newest="day")
    dropped = merged.groups.filter(pl.col("row") != pl.col("kept")).sort("row")
    expected = [(0, "it is more complete"), (2, "it is newer"), (5, "it comes first")]
    assert expected == dropped.select("row", "because").rows()
