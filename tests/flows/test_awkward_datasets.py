"""Datasets with awkward columns and names live like any other, or are refused in a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, QualityError
from qforge_jupyter.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """Open a workspace of its own, without a tracker."""
    with qf.open(str(tmp_path / "lab"), tracker="none") as opened:
        yield opened


def test_a_column_without_a_name_comes_back_from_every_version(ws: Workspace) -> None:
    old = pl.DataFrame({"": [1, 2, 3], "x": [0.5, None, 1.5]})
    new = old.with_columns(x=pl.Series([0.5, 7.0, 1.5]))
    ws.commit(old, to="unnamed", by=[""])
    ws.commit(new, to="unnamed")
    assert old.equals(ws.checkout("unnamed@HEAD~1").frame)
    assert new.equals(ws.checkout("unnamed").frame)
    assert ws.diff("unnamed HEAD~1..HEAD").cells.rows() == [(2, "x", None, "7.0")]


def test_a_diff_writes_bytes_durations_and_lists_as_text(ws: Workspace) -> None:
    old = pl.DataFrame(
        {"id": [1], "raw": [b"\x80"], "took": [dt.timedelta(seconds=1)], "parts": [[1, 2]]}
    )
    new = pl.DataFrame(
        {"id": [1], "raw": [b"\xff"], "took": [dt.timedelta(days=1)], "parts": [[2]]}
    )
    ws.commit(old, to="runs", by=["id"])
    ws.commit(new, to="runs")
    for target in (None, ["raw", "took", "parts"]):
        found = ws.diff("runs HEAD~1..HEAD", target=target)
        assert set(found.cells.rows()) == {
            (1, "raw", r"b'\x80'", r"b'\xff'"),
            (1, "took", "PT1S", "P1D"),
            (1, "parts", "[1, 2]", "[2]"),
        }
        assert "PT1S" in repr(found)


@pytest.mark.parametrize(
    "key", ["before", "after", "column", "what", "base", "ours", "theirs", "take", "*", "^.*$"]
)
def test_a_key_may_be_called_as_what_a_diff_or_a_merge_lists(ws: Workspace, key: str) -> None:
    start = pl.DataFrame({key: [1, 2], "x": [0, 0]})
    ws.commit(start, to="named", by=[key])
    ws.branch("named", as_="other")
    ws.commit(start.with_columns(x=pl.Series([5, 5])), to="named")
    ws.commit(start.with_columns(x=pl.Series([6, 7])), to="named@other")

    found = ws.diff("named main..other")
    assert {(1, "x", "5", "6"), (2, "x", "5", "7")} == set(found.cells.rows())
    assert repr(found)

    with pytest.raises(QualityError) as refused:
        ws.merge("named", from_="other")
    takes = refused.value.result.conflicts.with_columns(take=pl.Series(["theirs", "ours"]))
    ws.merge("named", from_="other", settled=takes)
    assert ws.checkout("named").frame.rows() == [(1, 6), (2, 5)]


def test_a_dataset_name_that_reads_as_two_versions_is_refused(ws: Workspace) -> None:
    with pytest.raises(CallError, match=r"'a\.\.b' is not"):
        ws.commit(pl.DataFrame({"x": [1]}), to="a..b")
    ws.commit(pl.DataFrame({"x": [1]}), to="a.b")
    with pytest.raises(CallError, match=r"cannot be called 'v1\.\.v2'"):
        ws.tag("a.b", as_="v1..v2")


def test_an_id_of_too_few_digits_is_told_how_many_it_needs(ws: Workspace) -> None:
    ws.commit(pl.DataFrame({"x": [1]}), to="short")
    start = ws.log("short").frame["commit"][0][:3]
    with pytest.raises(CallError, match="needs at least 4 digits"):
        ws.checkout(f"short@{start}")


def test_a_version_of_another_dataset_is_not_merged(ws: Workspace) -> None:
    ws.commit(pl.DataFrame({"id": [1], "x": [1]}), to="mine", by=["id"])
    ws.commit(pl.DataFrame({"id": [1], "x": [2]}), to="yours", by=["id"])
    with pytest.raises(CallError, match="is a version of yours, and a merge takes one of mine"):
        ws.merge("mine", from_="yours@main")
    ws.branch("mine", as_="other")
    assert ws.merge("mine", from_="mine@other").how == "nothing to merge"
