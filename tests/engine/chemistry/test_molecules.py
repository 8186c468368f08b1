"""Whatever names molecules becomes a list of them, in order."""

import numpy as np
import polars as pl
import pytest

pytest.importorskip("rdkit")
pytest.importorskip("ase")

from ase import Atoms
from ase.collections import g2
from rdkit import Chem

from qforge_jupyter.engine.chemistry.molecules import read_molecules
from qforge_jupyter.errors import CallError, FormatError
from qforge_jupyter.frames.table import Table

WATER_XYZ = "3\nwater\nO 0 0 0.119262\nH 0 0.763239 -0.477047\nH 0 -0.763239 -0.477047\n"


def test_smiles_get_hydrogens_a_geometry_and_an_inchikey():
    (ethanol,) = read_molecules("CCO")
    assert ethanol.formula == "C2H6O"
    assert ethanol.inchikey == "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"
    assert ethanol.source == "ETKDGv3 + MMFF94"
    carbons = np.array(ethanol.positions[:2])
    assert np.linalg.norm(carbons[0] - carbons[1]) == pytest.approx(1.52, abs=0.03)


def test_one_seed_gives_one_geometry_and_another_seed_another():
    first, again, other = (read_molecules("CCCCO", seed=s)[0].positions for s in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("smiles", ["C1CC", "CC(C)(C)(C)C", "c1ccc1c", "not smiles", "", None])
def test_what_is_no_smiles_is_a_row_with_a_failure(
    smiles: str | None, capfd: pytest.CaptureFixture[str]
):
    good, bad = read_molecules(["C", smiles])
    assert good.failure is None
    assert bad.failure.kind == "parse"
    assert capfd.readouterr() == ("", "")


def test_an_impossible_geometry_fails_to_embed():
    (wildcard,) = read_molecules("*CC")
    assert wildcard.failure.kind == "embed"


def test_radicals_and_ions_keep_spin_and_charge():
    methyl, acetate, sodium = read_molecules(["[CH3]", "CC(=O)[O-]", "[Na+]"])
    assert (methyl.n_unpaired, acetate.charge, sodium.charge) == (1, -1, 1)


def test_elements_outside_mmff_are_relaxed_by_uff():
    (boron,) = read_molecules("CB(C)C")
    assert boron.source == "ETKDGv3 + UFF"


def test_g2_gives_162_molecules_with_their_spin():
    molecules = read_molecules("g2")
    assert len(molecules) == 162
    assert {m.name: m.n_unpaired for m in molecules}["O2"] == 2
    assert read_molecules("g2:H2O")[0].name == "H2O"


def test_formulas_are_written_as_rdkit_writes_them():
    from rdkit.Chem.rdMolDescriptors import CalcMolFormula

    for smiles in ("CCO", "ClC(Cl)Cl", "OCl", "N", "BrC", "O=S=O", "Cl"):
        expected = CalcMolFormula(Chem.AddHs(Chem.MolFromSmiles(smiles)))
        assert read_molecules(smiles)[0].formula == expected


def test_an_unknown_g2_name_suggests_the_nearest():
    with pytest.raises(CallError, match="did you mean 'C6H6'"):
        read_molecules("g2:C6H66")


def test_atoms_come_alone_in_lists_and_in_columns():
    water = g2["H2O"]
    frame = pl.DataFrame({"name": ["w", "o"], "it": pl.Series([water, g2["O2"]], dtype=pl.Object)})
    assert read_molecules(water)[0].formula == "H2O"
    assert [m.formula for m in read_molecules([water, g2["O2"]])] == ["H2O", "O2"]
    assert [m.name for m in read_molecules(frame)] == ["w", "o"]


def test_a_periodic_cell_is_no_molecule():
    (cell,) = read_molecules(Atoms("Si", [[0, 0, 0]], cell=[5, 5, 5], pbc=True))
    assert cell.failure.kind == "invalid_geometry"


def test_rdkit_molecules_keep_their_conformer():
    from rdkit.Chem import rdDistGeom

    mol = Chem.AddHs(Chem.MolFromSmiles("CO"))
    rdDistGeom.EmbedMolecule(mol, randomSeed=7)
    (placed,) = read_molecules(mol)
    assert np.allclose(placed.positions, mol.GetConformer().GetPositions())
    assert placed.source == "the RDKit conformer"
    (flat,) = read_molecules([Chem.MolFromSmiles("CO")])
    assert flat.source == "ETKDGv3 + MMFF94"
    assert flat.smiles == "CO"


def test_xyz_text_gives_each_frame():
    water, ion = read_molecules(WATER_XYZ + "2\nhydroxide charge=-1\nO 0 0 0\nH 0 0 0.97\n")
    assert (water.name, water.formula, water.smiles) == ("water", "H2O", None)
    assert (ion.name, ion.charge, ion.n_unpaired) == ("hydroxide", -1, 0)


def test_broken_xyz_says_what_is_wanted():
    with pytest.raises(FormatError, match="number of atoms"):
        read_molecules("3\nwater\nO 0 0\n")


def test_a_table_is_read_by_its_smiles_column():
    frame = pl.DataFrame({"id": ["a", "b"], "SMILES": ["C", None]})
    good, bad = read_molecules(Table.of_frame("mine", frame))
    assert (good.name, good.formula) == ("a", "CH4")
    assert (bad.name, bad.failure.kind) == ("b", "parse")


def test_a_named_column_wins_and_a_regex_like_name_is_a_name():
    frame = pl.DataFrame({"^.*$": ["C"], "other": ["CC"]})
    assert read_molecules(frame, column="^.*$")[0].formula == "CH4"
    assert read_molecules(frame, column="other")[0].formula == "C2H6"


def test_a_table_without_molecules_says_so():
    with pytest.raises(CallError, match="smiles"):
        read_molecules(pl.DataFrame({"x": [1]}))
    with pytest.raises(CallError, match="No column named 'smile'"):
        read_molecules(pl.DataFrame({"smiles": ["C"]}), column="smile")


def test_numbers_and_positions_are_read_nested_flat_and_as_arrays():
    positions = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.74]]
    nested = pl.DataFrame({"numbers": [[1, 1]], "positions": [positions]})
    flat = pl.DataFrame({"numbers": [[1, 1]], "positions": [positions[0] + positions[1]]})
    arrays = nested.cast({"numbers": pl.Array(pl.Int64, 2)})
    for frame in (nested, flat, arrays):
        (hydrogen,) = read_molecules(frame)
        assert hydrogen.formula == "H2"
        assert hydrogen.positions[1] == (0.0, 0.0, 0.74)


@pytest.mark.parametrize("positions", [None, [], [[0.0, 0.0]], [[0.0, 0.0, None]]])
def test_rows_without_a_usable_geometry_are_failures(positions: list[list[float | None]] | None):
    schema = {"numbers": pl.List(pl.Int64), "positions": pl.List(pl.List(pl.Float64))}
    frame = pl.DataFrame({"numbers": [[1]], "positions": [positions]}, schema=schema)
    assert read_molecules(frame)[0].failure.kind == "invalid_geometry"


def test_what_is_no_molecule_is_refused():
    with pytest.raises(CallError, match="int is no molecule"):
        read_molecules([3])


@pytest.mark.parametrize("source", ["benzen", ["benzen", "CCO"]])
def test_a_word_that_is_no_molecule_is_told_at_once(source):
    with pytest.raises(CallError, match="'benzen' is neither a name in g2 nor SMILES"):
        read_molecules(source)


def test_a_slip_in_a_name_of_g2_is_told_with_the_nearest():
    with pytest.raises(CallError, match="did you mean 'CH3CH2OH'"):
        read_molecules("CH3CH2OHH")


def test_a_name_of_g2_that_is_no_smiles_is_that_molecule():
    assert ["H2O"] == [molecule.name for molecule in read_molecules("H2O")]


def test_in_a_column_it_fails_its_row_alone():
    found = read_molecules(pl.DataFrame({"smiles": ["benzen", "CCO"]}))
    assert ["parse", None] == [each.failure and each.failure.kind for each in found]
