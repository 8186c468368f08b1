"""Stored versions, parts of splits, variables and files of one name, as people type them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import DataError, QualityError, RuleError
from tests.flows.conftest import CALCS, Notebook

SPLIT = "%%qforge split kept@HEAD as s1\nparts: {train: 50, test: 50}\nseal: test"


@pytest.fixture
def kept(notebook: Notebook) -> Notebook:
    """A dataset ``kept`` of two versions, the newer one with another gap of ``m0``."""
    notebook.run("%qforge commit calcs to kept by id -m one")
    notebook.run("%qforge tag kept as v1")
    first = pl.when(id="m0").then(4.0).otherwise("gap")
    notebook.names["newer"] = CALCS.with_columns(gap=first)
    notebook.run("%qforge commit newer to kept -m two")
    return notebook


def test_a_variable_called_like_the_dataset_is_not_what_was_checked_out(kept):
    kept.names["kept"] = CALCS.head(3)
    kept.run("%qforge checkout kept into mine")
    kept.run("%qforge commit kept -m nothing")
    kept.names["mine"] = kept.names["mine"].lazy.with_columns(homo=pl.lit(-8.0)).collect()
    assert 12 == kept.run("%qforge commit kept -m mine").n_modified
    assert 12 == kept.run("%qforge checkout kept").frame.height


@pytest.mark.parametrize(("source", "n_rows"), [("kept@v1", 12), ("s1/train", None)])
def test_a_version_and_a_part_are_committed_like_any_table(kept, source, n_rows):
    kept.run(SPLIT)
    kept.run(f"%qforge commit {source} to other by id -m copy")
    taken = kept.run("%qforge checkout other").frame
    expected = kept.run(f"%qforge load {source}").frame
    assert expected.sort("id").equals(taken.sort("id"))
    assert n_rows in (None, taken.height)


def test_loading_a_name_that_is_a_file_and_a_dataset_asks_which(kept):
    Path("calcs.csv").write_text("a\n1\n", encoding="utf-8")
    kept.run("%qforge commit calcs to calcs.csv by id -m x")
    said = kept.sentence("%qforge load calcs.csv")
    assert "write ./calcs.csv for the file, or calcs.csv@HEAD" in said
    assert ["a"] == kept.run("%qforge load ./calcs.csv").frame.columns
    assert 12 == kept.run("%qforge load calcs.csv@HEAD").frame.height


def test_two_versions_are_written_with_the_name_once(kept):
    assert 1 == kept.run("%qforge diff kept v1..HEAD").modified.size
    assert 1 == kept.run("%qforge diff kept@v1..HEAD").modified.size


def test_one_state_is_not_two(kept):
    assert "Two states are wanted" in kept.sentence("%qforge diff kept HEAD")


def test_a_version_without_a_name_behind_the_at_is_none(kept):
    assert "'kept@' is no version" in kept.sentence("%qforge checkout kept@")


def test_versions_are_named_in_a_text_in_python(kept, capsys):
    kept.shell.run_cell("%qforge diff kept v1..HEAD --as-python")
    assert "ws.diff('kept v1..HEAD')" in capsys.readouterr().out
    kept.shell.run_cell("%qforge diff calcs..newer --as-python")
    assert "ws.diff((calcs, newer))" in capsys.readouterr().out


def test_a_dry_run_is_no_look_at_a_sealed_part(kept):
    kept.run(SPLIT)
    kept.run('%qforge score s1/test --unseal "why" --dry-run')
    assert {} == kept.context.store.splits.looks("s1")
    kept.run('%qforge score s1/test --unseal "why"')
    assert {"test": 1} == kept.context.store.splits.looks("s1")


def test_a_part_stems_from_the_table_that_was_split(kept):
    kept.run(SPLIT)
    assert "kept" == kept.run("%qforge lineage kept@HEAD").subject.name
    kept.run('%qforge approve kept@HEAD --reason "reviewed"')
    assert "approved through its inputs" == kept.run("%qforge lineage s1/train").subject.state
    kept.run('%qforge revoke kept@HEAD --reason "wrong"')
    assert "made of kept, which is revoked" == kept.run("%qforge lineage s1/train").subject.told


def test_what_nobody_approved_is_called_by_its_own_name(kept):
    kept.run(SPLIT)
    assert (
        "not approved: nobody approved kept" == kept.run("%qforge lineage kept@HEAD").subject.told
    )


def test_a_dataset_called_like_a_part_is_told_from_it(kept):
    kept.run(SPLIT)
    kept.run("%qforge commit calcs to s1/train by id -m x")
    said = kept.sentence("%qforge score s1/train")
    assert "is a stored dataset and a part of a split: write s1/train@HEAD" in said
    assert 12 == kept.run("%qforge score s1/train@HEAD").n_rows


def test_a_kept_split_is_found_by_its_name(notebook):
    notebook.names["rows"] = pl.DataFrame({"id": range(40), "x": [float(i % 7) for i in range(40)]})
    notebook.run("%qforge commit rows to numbers by id")
    notebook.run(
        "%%qforge split numbers as s1 into s\nparts: {train: 80, test: 20}\nseal: test\nleaks: no"
    )
    made = notebook.names.pop("s")
    notebook.run("%qforge leaks s1 into found")
    page = repr(notebook.names["found"])
    assert "(sealed)" in page or "No two rows" in page
    notebook.run("%qforge export s1 to out into files")
    assert ["train"] == [part for part, *_ in notebook.names["files"].parts]
    kept = notebook.context.store.splits.latest("s1")
    assert made.fingerprint == kept.fingerprint


def test_cells_of_a_sealed_part_are_not_shown_by_the_search_for_leaks(notebook):
    rows = [{"id": i, "secret": f"marker{i}"} for i in range(30)]
    notebook.names["rows"] = pl.DataFrame(rows * 2).with_row_index("n")
    notebook.run("%qforge commit rows to twice by n")
    notebook.run("%%qforge split twice as s2 into s\nparts: {train: 50, test: 50}\nseal: test")
    sealed = notebook.names["s"].assignment["part"] == "test"
    told = [str(pair.cells) for pair in [notebook.names["s"].leaks.closest] if pair]
    hidden = set(notebook.names["rows"].filter(sealed)["n"].to_list())
    assert all("(sealed)" in text for text in told)
    assert hidden


def test_keys_are_no_features(notebook):
    notebook.names["rows"] = pl.DataFrame({"id": range(20), "x": [float(i) for i in range(20)]})
    notebook.run("%qforge commit rows to numbers by id")
    notebook.run("%qforge features numbers@HEAD as f into fs")
    assert ("x",) == tuple(notebook.names["fs"].names)


def test_a_changed_variable_is_compared_by_the_keys_of_its_dataset(notebook):
    notebook.names["rows"] = pl.DataFrame({"id": range(20), "x": [float(i) for i in range(20)]})
    notebook.run("%qforge commit rows to numbers by id")
    notebook.run("%qforge checkout numbers into w")
    notebook.names["w"] = notebook.names["w"].frame.with_columns(pl.col("x") + 1)
    notebook.run("%qforge diff w..rows into d")
    assert (0, 20) == (notebook.names["d"].came.size, notebook.names["d"].modified.size)


def test_a_condition_that_is_none_is_refused_before_a_score_is_asked_for(tmp_path):
    rows = pl.DataFrame({"id": [1, 2], "x": [1.0, 2.0]})
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        ws.commit(rows, to="d", by=["id"])
        ws.branch("d", as_="side")
        ws.commit(rows.with_columns(x=3.0), to="d@side")
        with pytest.raises(RuleError, match="No condition 'nonsense'"):
            ws.merge("d", from_="side", only_if="nonsense")
        with pytest.raises(QualityError, match="was never scored"):
            ws.merge("d", from_="side", only_if="no dimension drops")


@pytest.mark.parametrize("key", ["ID", "idd"])
def test_a_misspelt_key_is_answered_with_the_nearest_column(tmp_path, key):
    rows = pl.DataFrame({"id": [1, 2], "x": [1.0, 2.0]})
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        with pytest.raises(DataError, match="did you mean 'id'"):
            ws.commit(rows, to="d", by=[key])
        ws.commit(rows, to="d", by=["id"])
        with pytest.raises(DataError, match="did you mean 'id'"):
            ws.commit(rows.with_columns(x=3.0), to="d", by=[key])
