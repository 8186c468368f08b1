"""Features of molecules, held to RDKit's own calls and to TPSA that other software computed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import psutil
import pytest
from rdkit import Chem, RDConfig, rdBase
from rdkit.Chem import AllChem, Descriptors, MACCSkeys, rdFingerprintGenerator

from qforge_jupyter.engine.chemistry.molecule_plan import MoleculePlan
from qforge_jupyter.engine.featurizing import LONGEST_TEXT, featurize
from qforge_jupyter.errors import CallError

ROOT = Path(__file__).resolve().parents[2]
NCI = Path(RDConfig.RDDataDir) / "NCI" / "first_200.tpsa.csv"


def nci() -> pl.DataFrame:
    """Read the molecules that ship with RDKit, and the TPSA that Ertl's program gave."""
    lines = [line.rsplit(",", 1) for line in NCI.read_text().splitlines() if line[0] != "#"]
    return pl.DataFrame(
        {"smiles": [text for text, _ in lines], "tpsa": [float(value) for _, value in lines]}
    )


def processes() -> list[psutil.Process]:
    """Give those that describe molecules for this one."""
    return [
        child
        for child in psutil.Process().children()
        if any("featurizing_process" in word for word in child.cmdline())
    ]


def plan(*names: str, **more: object) -> MoleculePlan:
    return MoleculePlan.of([("rdkit-descriptors", {"names": names})], **more)


def canonical(text: str) -> Chem.Mol:
    return Chem.MolFromSmiles(Chem.MolToSmiles(Chem.MolFromSmiles(text)))


def test_every_descriptor_is_what_rdkit_says_of_the_molecule():
    smiles = nci()["smiles"][:25]
    made = featurize(smiles, plan("all"))
    assert [name for name, _ in Descriptors.descList] == made.frame.columns
    with rdBase.BlockLogs():
        expected = [[call(canonical(text)) for _, call in Descriptors.descList] for text in smiles]
    assert np.array_equal(expected, made.frame.to_numpy())


def test_a_spelling_changes_what_rdkit_says_by_rounding_alone():
    smiles = nci()["smiles"][:25]
    made = featurize(smiles, plan("MolWt", "TPSA", "MolLogP", "qed", "BertzCT"))
    with rdBase.BlockLogs():
        for name in made.frame.columns:
            own = [getattr(Descriptors, name)(Chem.MolFromSmiles(text)) for text in smiles]
            assert own == pytest.approx(made.frame[name].to_list(), rel=1e-9)


def test_the_polar_surface_is_that_of_another_program():
    table = nci()
    made = featurize(table["smiles"], plan("TPSA"))
    off = (made.frame["TPSA"] - table["tpsa"]).abs()
    assert 200 == len(off)
    assert off.max() < 0.02


@pytest.mark.parametrize(
    ("asked", "own"),
    [
        (("morgan", {}), lambda m: AllChem.GetMorganFingerprintAsBitVect(m, 2, nBits=2048)),
        (
            ("morgan", {"radius": 3, "bits": 512, "counts": True}),
            rdFingerprintGenerator.GetMorganGenerator(radius=3, fpSize=512).GetCountFingerprint,
        ),
        (("maccs", {}), MACCSkeys.GenMACCSKeys),
        (("rdkit", {}), Chem.RDKFingerprint),
        (
            ("atom-pair", {"bits": 1024}),
            rdFingerprintGenerator.GetAtomPairGenerator(fpSize=1024).GetFingerprint,
        ),
        (
            ("topological-torsion", {"counts": True}),
            rdFingerprintGenerator.GetTopologicalTorsionGenerator().GetCountFingerprint,
        ),
    ],
    ids=["morgan", "morgan counts", "maccs", "rdkit", "atom pairs", "torsions"],
)
def test_a_fingerprint_is_what_rdkit_gives(asked, own):
    smiles = nci()["smiles"][:60]
    made = featurize(smiles, MoleculePlan.of([asked]))
    with rdBase.BlockLogs():
        expected = [list(own(canonical(text))) for text in smiles]
    assert expected == made.frame.to_series().to_list()


def test_what_is_wrong_is_named_by_kind_and_nothing_is_made_up():
    smiles = [
        "CCO",
        "C(",
        " ",
        None,
        "[Na+].[Cl-]",
        "c1ccccc1[U]",
        "C" * 60,
        "C" * (LONGEST_TEXT + 1),
    ]
    made = featurize(pl.Series(smiles), plan("MolWt", "MaxPartialCharge", most_atoms=50))
    expected = ["parse", "empty", "empty", "mixture", "not_finite", "too_large", "too_large"]
    assert expected == made.problems["kind"].to_list()
    assert [1, 2, 3, 4, 5, 6, 7] == made.problems["row"].to_list()
    weights = made.frame["MolWt"].round(2).to_list()
    assert [46.07, None, None, None, 58.44, 315.14, None, None] == weights
    assert made.frame["MaxPartialCharge"][5] is None
    assert "null in MaxPartialCharge" == made.problems["note"][4]


def test_of_a_salt_the_largest_molecule_or_nothing_is_described_where_it_is_asked():
    salt = pl.Series(["CC(=O)[O-].[Na+]"])
    largest = featurize(salt, plan("MolWt", mixtures="largest"))
    none = featurize(salt, plan("MolWt", mixtures="none"))
    assert Descriptors.MolWt(canonical("CC(=O)[O-]")) == largest.frame.item()
    assert (None, ["mixture_left_out"]) == (none.frame.item(), none.problems["kind"].to_list())


def test_a_process_that_was_killed_costs_nothing():
    def kill_at_ten(done: int, _total: int | None, _note: str = "") -> None:
        if done == 10:
            for child in processes():
                child.kill()
                child.wait()

    smiles = pl.Series(["C" * n for n in range(1, 101)])
    made = featurize(smiles, plan("HeavyAtomCount"), progress=kill_at_ten)
    assert (list(range(1, 101)), 0) == (
        made.frame["HeavyAtomCount"].to_list(),
        made.problems.height,
    )


#: A featurizer of another distribution that ends its process at every iodine.
CRASHING = """
import os
from dataclasses import dataclass
import polars as pl

METHOD = "crashing"

@dataclass(frozen=True)
class Settings:
    pass

def columns(settings):
    return {"n": pl.Float64()}

def maker(settings):
    def made(molecule):
        if any(atom.GetSymbol() == "I" for atom in molecule.GetAtoms()):
            os.abort()
        return [float(molecule.GetNumAtoms())]
    return made
"""
ASKED = """
import polars as pl
from qforge_jupyter.engine.chemistry.molecule_plan import MoleculePlan
from qforge_jupyter.engine.featurizing import featurize

made = featurize(pl.Series(["C", "CI", "CC", "CCI", "CCC"]), MoleculePlan.of([("crashing", {})]))
print(made.frame["n"].to_list(), made.problems.select("row", "kind").rows())
"""


def test_a_crash_costs_the_molecule_of_which_it_came(tmp_path: Path):
    (tmp_path / "crashing.py").write_text(CRASHING)
    known = tmp_path / "crashing-1.0.dist-info"
    known.mkdir()
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: crashing\nVersion: 1.0\n")
    (known / "entry_points.txt").write_text("[qforge.featurizers]\ncrashing = crashing\n")
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(  # noqa: S603 — this Python, with a line of ours
        [sys.executable, "-c", ASKED],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "[1.0, None, 2.0, None, 3.0] [(1, 'crashed'), (3, 'crashed')]\n" == done.stdout


def test_a_molecule_that_takes_too_long_is_left_and_the_next_one_is_described():
    # In a sheet of squares there are millions of paths of ten bonds.
    sheet = Chem.RWMol()
    places = {(i, j): sheet.AddAtom(Chem.Atom(6)) for i in range(20) for j in range(20)}
    for (i, j), place in places.items():
        for other in ((i + 1, j), (i, j + 1)):
            if other in places:
                sheet.AddBond(place, places[other], Chem.BondType.SINGLE)
    smiles = pl.Series(["CCO", Chem.MolToSmiles(sheet), "CCC"])
    made = featurize(smiles, MoleculePlan.of([("rdkit", {"longest": 10})]), molecule_limit_s=5)
    assert [(1, "timeout")] == made.problems.select("row", "kind").rows()
    assert [True, False, True] == made.frame["rdkit"].is_not_null().to_list()


def test_an_interrupt_ends_the_work_and_its_process():
    def interrupt(done: int, _total: int | None, _note: str = "") -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        featurize(nci()["smiles"], plan("MolWt"), progress=interrupt)
    assert not processes()


def test_progress_counts_different_molecules():
    told = []
    featurize(pl.Series(["C", "CC", "C"]), plan("MolWt"), progress=lambda *each: told.append(each))
    assert [(1, 2, "molecules described"), (2, 2, "molecules described")] == told


def test_no_rows_have_no_features():
    made = featurize(pl.Series([], dtype=pl.String), plan("MolWt"))
    assert (0, ["MolWt"]) == (made.frame.height, made.frame.columns)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            ("rdkit-descriptors", {"names": ("MolWeight",)}),
            "no descriptor 'MolWeight': did you mean",
        ),
        (("morgna", {}), "did you mean 'morgan'"),
        (("maccs", {"bits": 1024}), "No setting named 'bits' in MACCS keys"),
        (("morgan", {"radius": 11}), "`radius` is 11, wanted a number within 0 .. 10"),
    ],
)
def test_what_cannot_be_asked_is_told_with_the_nearest(asked, sentence):
    with pytest.raises(CallError, match=sentence):
        MoleculePlan.of([asked]).columns()
