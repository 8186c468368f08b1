"""Versions of feature sets, on both stores and in a cell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from sklearn.datasets import load_wine

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import row_marks
from qforge_jupyter.workspace import Workspace

WINE = pl.DataFrame(load_wine(as_frame=True).data.to_dict("list"))


@pytest.fixture(params=["sqlite", "postgresql"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    with qf.open(target, tracker="none", folder=str(tmp_path / "files"), actor="ann") as ws:
        yield ws


def test_versions_count_up_and_the_same_content_is_the_same_version(lab):
    first = lab.features(WINE, as_="wine", columns=["ash", "hue"])
    again = lab.features(WINE, as_="wine", columns=["ash", "hue"])
    more = lab.features(WINE, as_="wine", columns=["ash"], compute={"ratio": "ash / hue"})
    assert ["v1.0", "v1.0", "v1.1"] == [first.version, again.version, more.version]
    assert (again.is_known, ("ratio",), ("hue",)) == (True, more.added, more.removed)
    kept = lab.context.store.feature_sets
    assert ["v1.1", "v1.0"] == [each.version for each in kept.list("wine")]
    assert more.values.equals(kept.values(kept.get("wine", "v1.1")))


def test_a_parent_can_be_named(lab):
    for columns in (["ash"], ["ash", "hue"]):
        lab.features(WINE, as_="wine", columns=columns)
    made = lab.features(WINE, as_="wine", columns=["hue"], from_="v1.0")
    assert ("v1.0", ("hue",), ("ash",)) == (made.parent, made.added, made.removed)
    with pytest.raises(CallError, match="No version 'v9'"):
        lab.features(WINE, as_="wine", columns=["hue"], from_="v9")


def test_features_stem_from_their_table(lab):
    made = lab.features(WINE, as_="wine", columns=["ash", "hue"], name="wines")
    lab.approve(WINE, reason="published data", name="wines")
    report = lab.lineage(WINE, name="wines")
    assert ["approved through its inputs"] == [
        node.state for node in report.nodes if node.name == "wine@v1.0"
    ]
    assert "features" == lab.context.store.lineage.history(fingerprint=made.fingerprint)[0].method


def test_any_part_of_the_table_finds_its_features(lab):
    made = lab.features(WINE, as_="wine", columns=["ash"], compute={"twice": "2 * ash"})
    part = WINE.sample(20, seed=1)
    found = made.of_rows(row_marks(Table.of_frame("part", part)))
    assert (part["ash"] * 2).to_list() == found["twice"].to_list()


def test_redundant_features_are_findings_and_stand_on_the_page(lab):
    made = lab.features(
        WINE, as_="wine", columns=["ash", "hue"], compute={"ash2": "ash * ash + ash"}
    )
    (finding,) = made.findings()
    assert ("redundant features", "pearson") == (finding.kind, finding.method)
    assert "drop" in repr(made)
    assert "qf-heat" in made._repr_mimebundle_()[0]["text/html"]


def test_in_a_cell(notebook):
    cell = "%%qforge features calcs as gaps into fs\ncolumns: [gap]\ncompute:\n  span: lumo - homo"
    made = notebook.run(cell)
    assert ("v1.0", ("gap", "span")) == (made.version, made.names)
    said = notebook.sentence("%%qforge features calcs as gaps\ncolumns: [gpa]")
    assert "did you mean 'gap'" in said
