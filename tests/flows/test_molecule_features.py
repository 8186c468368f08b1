"""Features of molecules as versions of a feature set, on both stores and in a cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import sqlalchemy as sa
import torch
from sklearn.linear_model import Ridge

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, DataError, Stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import fingerprint, row_marks
from qforge_jupyter.store.tables import FeatureSetRow
from qforge_jupyter.verbs.features import FeatureBody, run
from qforge_jupyter.workspace import Workspace

MOLECULES = pl.DataFrame(
    {
        "id": [f"m{n}" for n in range(8)],
        "smiles": ["CCO", "OCC", "c1ccccc1", "Cc1ccccc1", "C(", None, "[Na+].[Cl-]", "CC(=O)O"],
        "heat": [1.0, 1.0, 2.0, 2.5, 0.0, 0.0, 3.0, 1.5],
    }
)
WEIGHT = {"descriptors": ["MolWt", "TPSA"]}


@pytest.fixture(params=["sqlite", "postgresql"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    with qf.open(target, tracker="none", folder=str(tmp_path / "files"), actor="ann") as ws:
        yield ws


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as opened:
        yield opened


def test_the_same_definition_of_the_same_rows_is_the_same_version_and_not_computed_again(lab):
    first = lab.features(MOLECULES, as_="mols", fingerprint="morgan", **WEIGHT)
    again = lab.features(MOLECULES.reverse(), as_="mols", fingerprint="morgan", **WEIGHT)
    assert ("v1.0", "v1.0", True) == (first.version, again.version, again.is_known)
    assert first.fingerprint == again.fingerprint
    assert first.definition_sha256 == again.definition_sha256
    assert first.frame.equals(again.frame.reverse())
    # A failed row and a mixture are looked at again, for what is to be said of them.
    assert (0, 5) == (first.n_reused, again.n_reused)
    assert first.problems["kind"].to_list() == again.problems["kind"].reverse().to_list()
    kept = lab.context.store.feature_sets
    assert first.values.equals(kept.values(kept.get("mols", "v1.0")))
    assert "molecules" == lab.context.store.read_table("feature_set")["kind"].item()


def test_new_rows_alone_are_computed(lab):
    lab.features(MOLECULES.head(3), as_="mols", **WEIGHT)
    more = lab.features(MOLECULES.head(4), as_="mols", **WEIGHT)
    whole = lab.features(MOLECULES.head(4), as_="whole", **WEIGHT)
    assert ("v1.1", 3) == (more.version, more.n_reused)
    assert whole.frame.equals(more.frame)


def test_another_definition_is_another_version_and_says_how(lab):
    lab.features(MOLECULES, as_="mols", fingerprint="morgan")
    made = lab.features(MOLECULES, as_="mols", fingerprint={"kind": "morgan", "bits": 512})
    assert ("v1.1", 0) == (made.version, made.n_reused)
    assert ("morgan: bits 512 instead of 2048",) == made.redefined
    (_, kept) = lab.context.store.feature_sets.list("mols")
    assert made.definition_sha256 != kept.parameters["definition_sha256"]
    other = lab.features(
        MOLECULES, as_="mols", fingerprint={"kind": "morgan", "bits": 512}, mixtures="largest"
    )
    assert ("v1.2", ("mixtures largest instead of whole",)) == (other.version, other.redefined)


def test_another_rdkit_is_another_version_and_says_so(lab):
    made = lab.features(MOLECULES, as_="mols", **WEIGHT)
    now = made.software["rdkit"]
    with lab.context.store.feature_sets.database.writing() as session:
        (row,) = session.scalars(sa.select(FeatureSetRow))
        row.parameters = {**row.parameters, "software": {"rdkit": "2020.03.1"}}
    again = lab.features(MOLECULES, as_="mols", **WEIGHT)
    assert ("v1.1", 0, False) == (again.version, again.n_reused, again.is_known)
    assert (f"made with rdkit {now} instead of 2020.03.1",) == again.redefined
    assert f"made with rdkit {now} instead of 2020.03.1" in repr(again)


def test_rows_that_lack_features_are_findings_by_kind_and_the_run_goes_on(lab):
    made = lab.features(MOLECULES, as_="mols", **WEIGHT)
    found = {each.name: (each.kind, each.rows) for each in made.findings() if "feat" in each.kind}
    assert {
        "empty": ("features_missing", (5,)),
        "mixture": ("features_incomplete", (6,)),
        "parse": ("features_missing", (4,)),
    } == {name: each for name, each in found.items() if "redundant" not in each[0]}
    assert [None, None] == made.frame["MolWt"][4:6].to_list()
    assert "2 of 8 rows have no features of a molecule" in repr(made)
    listed = lab.context.store.read_table("finding")
    assert {"features_missing", "features_incomplete"} <= set(listed["kind"])


def test_the_same_molecule_in_two_spellings_has_the_same_features(ws):
    made = ws.features(MOLECULES, as_="mols", descriptors=["all"], fingerprint="morgan")
    assert made.frame[0].equals(made.frame[1])


def test_features_join_back_by_key_by_row_and_as_arrays(ws):
    ws.commit(MOLECULES, to="mols", by=["id"])
    made = ws.features("mols", as_="f", fingerprint="maccs", **WEIGHT)
    assert ["id", "MolWt", "TPSA", "maccs"] == made.keyed.columns
    part = MOLECULES.sample(3, seed=2)
    by_key = part.join(made.keyed, on="id", how="left", maintain_order="left")
    by_row = made.of_rows(row_marks(Table.of_frame("part", part)))
    assert by_key.select(made.names).equals(by_row)
    wide = made.numpy()
    assert ((8, 169), np.float32) == (wide.shape, wide.dtype)
    assert np.isnan(wide[4]).all()
    assert made.frame["maccs"][0].to_list() == wide[0, 2:].tolist()
    assert torch.equal(torch.from_numpy(wide[:3]), made.torch()[:3])


def test_features_stem_from_the_version_of_the_dataset(ws):
    ws.commit(MOLECULES, to="mols", by=["id"])
    made = ws.features("mols", as_="f", **WEIGHT)
    (step,) = made.lineage()
    assert (made.source,) == step.inputs
    assert fingerprint(MOLECULES) == made.source
    assert {"rdkit"} == set(step.software)
    assert "smiles" == step.parameters["molecules"]["column"]


def test_a_model_learns_from_fingerprints_and_descriptors(ws):
    rows = pl.DataFrame(
        {"smiles": ["C" * n + end for n in range(1, 21) for end in ("O", "N")]}
    ).with_columns(n=pl.col("smiles").str.len_chars().cast(pl.Float64))
    made = ws.features(rows, as_="f", descriptors=["HeavyAtomCount"], fingerprint="maccs")
    split = ws.split(rows, as_="s", parts={"train": 70, "test": 30})
    seen = {}

    def fit(X_train, y_train, features):  # noqa: N803 — the names that a training gives
        seen.update(shape=X_train.shape, names=features)
        return Ridge(1e-6).fit(X_train, y_train)

    trained = ws.train("counts", fit, with_=split, features=made, target="n")
    assert seen["shape"][1] == 168
    assert ["HeavyAtomCount", "maccs[0]"] == seen["names"][:2]
    test = {each.part: each.values for each in trained.scores}["test"]
    assert test["mae"] == pytest.approx(0, abs=1e-3)


def test_rows_alike_by_a_kept_fingerprint_stay_together_as_by_their_smiles(ws):
    rows = MOLECULES.filter(pl.col("id").is_in(["m4", "m5"]).not_())
    made = ws.features(rows, as_="f", fingerprint="morgan", by=["id"])
    both = rows.join(made.keyed, on="id")
    parts = {"train": 50, "test": 50}
    by_bits = ws.split(both, as_="a", parts=parts, similar="morgan2 within 0.5", name="both")
    by_text = ws.split(both, as_="b", parts=parts, similar="smiles within 0.5", name="both")
    assert by_text["train"]["id"].to_list() == by_bits["train"]["id"].to_list()


def test_columns_with_hostile_names_are_addressed_exactly(ws):
    hostile = MOLECULES.rename({"smiles": "^.*$", "heat": "*"}).with_columns(mark=pl.lit("x"))
    made = ws.features(
        hostile, as_="f", smiles="^.*$", columns=["*"], by=["id"], descriptors=["MolWt"]
    )
    assert ["*", "MolWt"] == list(made.names)
    assert MOLECULES["heat"].to_list() == made.frame.get_column("*").to_list()
    again = ws.features(
        hostile, as_="f", smiles="^.*$", columns=["*"], by=["id"], descriptors=["MolWt"]
    )
    assert again.is_known


def test_a_table_of_one_row_or_of_none_has_features_too(ws):
    one = ws.features(MOLECULES.head(1), as_="one", fingerprint="maccs", **WEIGHT)
    none = ws.features(MOLECULES.clear(), as_="none", fingerprint="maccs", **WEIGHT)
    category = MOLECULES.head(1).cast({"smiles": pl.Categorical})
    again = ws.features(category, as_="category", fingerprint="maccs", **WEIGHT)
    assert ((1, 169), (0, 169)) == (one.numpy().shape, none.numpy().shape)
    assert one.frame.equals(again.frame)


def test_a_key_may_be_a_feature_as_well(ws):
    made = ws.features(
        MOLECULES.with_columns(n=pl.int_range(8)), as_="f", by=["n"], columns=["n"], **WEIGHT
    )
    assert ["n", "MolWt", "TPSA"] == made.keyed.columns


def test_a_table_with_fingerprints_goes_on_to_other_verbs(ws):
    rows = pl.DataFrame({"smiles": ["C" * n + end for n in range(1, 31) for end in ("O", "N")]})
    rows = rows.with_row_index("id").with_columns(
        kind=pl.when(pl.int_range(60) < 40).then(pl.col("smiles").str.tail(1))
    )
    made = ws.features(rows, as_="f", descriptors=["MolWt"], fingerprint="maccs", by=["id"])
    both = rows.join(made.keyed, on="id", maintain_order="left")
    told = ws.suggest(both, target="kind", top=3, by=["id"], columns=["maccs"])
    assert 3 == told.rows.height
    split = ws.split(both, as_="s", parts={"train": 60, "test": 40})
    assert ws.leaks(split) is not None
    ws.commit(both, to="both", by=["id"])
    assert ws.features("both", as_="g", columns=["MolWt"]).frame.height == 60


def test_a_stop_keeps_nothing(ws):
    def interrupt(done: int, _total: int | None, _note: str = "") -> None:
        if done == 2:
            raise KeyboardInterrupt

    context = replace(ws.context, progress=interrupt)
    with pytest.raises(Stopped, match="nothing was kept"):
        run(context, Table.of_frame("t", MOLECULES), as_="f", body=FeatureBody(**WEIGHT))
    assert () == ws.context.store.feature_sets.list("f")


def test_what_cannot_be_is_told_in_one_sentence(ws):
    for body, problem, sentence in (
        ({"descriptors": ["MolWeight"]}, CallError, "no descriptor 'MolWeight'"),
        ({"fingerprint": "morgn"}, CallError, "did you mean 'morgan'"),
        ({"fingerprint": {"kind": "maccs", "radius": 2}}, CallError, "No setting named 'radius'"),
        ({"smiles": "smile", **WEIGHT}, CallError, "did you mean 'smiles'"),
        ({"smiles": "heat", **WEIGHT}, DataError, "'heat' is Float64 and SMILES are text"),
        ({"compute": {"TPSA": "heat"}, **WEIGHT}, CallError, "'TPSA' is named twice"),
    ):
        with pytest.raises(problem, match=sentence):
            ws.features(MOLECULES, as_="f", **body)
    with pytest.raises(CallError, match="No column looks like SMILES"):
        ws.features(MOLECULES.select("id", "heat"), as_="f", **WEIGHT)
    with pytest.raises(CallError, match="Rows are named twice by heat"):
        ws.features(MOLECULES, as_="f", by=["heat"], **WEIGHT)


def test_in_a_cell(notebook):
    notebook.names["molecules"] = MOLECULES
    made = notebook.run(
        "%%qforge features molecules as rdkit-v1 by id into fs\n"
        "descriptors: MolWt, TPSA\n"
        "fingerprint: {kind: topological torsion, bits: 512, counts: yes}\n"
        "mixtures: largest"
    )
    assert ("MolWt", "TPSA", "topological_torsion_counts") == made.names
    every = notebook.run("%%qforge features molecules as every\ndescriptors: all")
    assert len(every.names) > 200
    notebook.run("%%qforge split molecules as s into parts\nparts: {train: 60, test: 40}")
    notebook.run(
        "%%qforge train heat with parts --features fs --target heat into first\n"
        "from sklearn.impute import SimpleImputer\n"
        "from sklearn.linear_model import Ridge\n"
        "from sklearn.pipeline import make_pipeline\n"
        "make_pipeline(SimpleImputer(keep_empty_features=True), Ridge()).fit(X_train, y_train)"
    )
    repeated = notebook.run("%qforge train heat --repeat")
    assert repeated.differences
    assert all(before == pytest.approx(now, nan_ok=True) for _, before, now in repeated.differences)
    said = notebook.sentence("%%qforge features molecules as f --dry-run\ndescriptors: MolWeight")
    assert "no descriptor 'MolWeight'" in said
    said = notebook.sentence("%%qforge features molecules as f\nfingerprint: {kind: maccs, bit: 2}")
    assert "did you mean 'bits'" in said
