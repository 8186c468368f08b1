"""Structures come from everywhere, and what cannot be read says why."""

from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write

from qforge_jupyter.engine.predictors import Property
from qforge_jupyter.engine.structures.canonical import as_it_came, canonical
from qforge_jupyter.engine.structures.reading import read_structures
from qforge_jupyter.engine.structures.structure import Structure, check_structure
from qforge_jupyter.errors import CallError

ROCK_SALT = bulk("NaCl", "rocksalt", 5.64, cubic=True)
CIF = """data_NaCl
_cell_length_a 5.64
_cell_length_b 5.64
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Na1 Na 0 0 0 1
Cl1 Cl 0.5 0.5 0.5 1
"""


def written(format_):
    text = StringIO()
    write(text, ROCK_SALT, format=format_)
    return text.getvalue()


def pymatgen_rock_salt():
    core = pytest.importorskip("pymatgen.core")
    cell = core.Lattice.cubic(5.64)
    return core.Structure.from_spacegroup("Fm-3m", cell, ["Na+", "Cl-"], [[0, 0, 0], [0.5] * 3])


def read(source):
    (found,) = read_structures(source)
    return found


def failure_of(source):
    (found,) = read_structures(source)
    return check_structure(found)


@pytest.mark.parametrize(
    "make",
    [
        lambda: CIF,
        lambda: written("vasp"),
        lambda: written("extxyz"),
        lambda: ROCK_SALT,
        pymatgen_rock_salt,
    ],
    ids=["cif", "poscar", "xyz", "ase", "pymatgen"],
)
def test_one_crystal_has_one_hash_however_it_is_written(make):
    assert canonical(read(make())).hash == canonical(read([ROCK_SALT])).hash


def test_a_file_is_read_by_the_reader_that_is_given(tmp_path):
    file = tmp_path / "salt.cif"
    file.write_text(CIF)
    (found,) = read_structures(str(file), read=lambda path: Path(path).read_text())
    assert ("salt.cif", "Cl4Na4") == (found.name, found.formula)


def test_a_column_of_a_table_keeps_the_order_and_the_names_of_its_rows():
    frame = pl.DataFrame({"material_id": ["a", "b", "c"], "cif": [CIF, None, "data_x\nfoo"]})
    found = read_structures(frame)
    assert ["a", "b", "c"] == [each.name for each in found]
    assert [None, "parse", "parse"] == [each.failure and each.failure.kind for each in found]


def test_smiles_are_structures_without_a_cell():
    found = read("CCO")
    assert (9, None) == (len(found.numbers), found.lattice)


def test_the_hash_is_blind_to_order_to_lattice_vectors_and_to_orientation():
    moved = ROCK_SALT.copy()
    rng = np.random.default_rng(1)
    shifts = rng.integers(-3, 4, (len(moved), 3))
    moved.set_scaled_positions(moved.get_scaled_positions(wrap=False) + shifts)
    moved = moved[rng.permutation(len(moved))]
    moved.rotate(37, (1, 2, 3), rotate_cell=True)
    assert canonical(read([ROCK_SALT])).hash == canonical(read([moved])).hash


def test_the_hash_tells_a_moved_atom_another_element_and_a_strained_cell():
    moved, other, strained = ROCK_SALT.copy(), ROCK_SALT.copy(), ROCK_SALT.copy()
    moved.positions[0] += 0.001
    other.numbers[0] = 19
    strained.set_cell(strained.cell * 1.0001, scale_atoms=True)
    all_ = [ROCK_SALT, moved, other, strained]
    assert 4 == len({canonical(each).hash for each in read_structures(all_)})


def test_forces_and_stresses_come_back_in_the_order_and_orientation_of_the_structure():
    """Whatever hangs on positions as a vector does, as forces are, is turned back to them."""
    crystal = ROCK_SALT.copy()
    crystal.rattle(0.1, seed=3)
    crystal.rotate(50, (1, -1, 2), rotate_cell=True)
    form = canonical(read([crystal[[5, 0, 3, 1, 7, 2, 4, 6]]]))
    given = crystal.positions[[5, 0, 3, 1, 7, 2, 4, 6]]
    back = as_it_came(form, Property("x", "", "", of="site vector"), form.positions)
    shifts = (np.array(back) - given) @ np.linalg.inv(crystal.cell.array)
    assert np.allclose(shifts, np.rint(shifts), atol=1e-6)
    tensor = as_it_came(form, Property("x", "", "", of="tensor"), form.lattice.T @ form.lattice)
    assert np.allclose(crystal.cell.array.T @ crystal.cell.array, tensor)
    sites = as_it_came(form, Property("x", "", "", of="site"), form.numbers)
    assert crystal.numbers[[5, 0, 3, 1, 7, 2, 4, 6]].tolist() == sites


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("parse", CIF[:150]),
        ("parse", CIF.replace("0.5 0.5 0.5", "0.5 ? 0.5")),
        ("unknown_element", CIF.replace("Cl1 Cl", "Xx1 Xx")),
        ("disordered", CIF.replace("0.5 0.5 0.5 1", "0.5 0.5 0.5 0.9")),
        ("invalid_geometry", CIF.replace("5.64", "nan")),
        ("invalid_geometry", CIF.replace("0.5 0.5 0.5", "0.0 0.0 0.01")),
        ("invalid_geometry", [Atoms("Na", cell=[1, 1, 0], pbc=True)]),
        ("invalid_geometry", [Atoms("H2", [[0, 0, 0], [0, 0, 0.01]])]),
        ("invalid_geometry", [Atoms()]),
        ("unknown_element", [Structure("dummy", (0,), ((0.0, 0.0, 0.0),))]),
        ("parse", "c1ccc("),
        ("parse", "there/is/no.cif"),
        ("parse", [None]),
        ("parse", [3.5]),
        ("parse", "no\nstructure"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_bad_input_is_a_failure_with_its_kind(kind, source):
    assert kind == failure_of(source).kind


def test_a_disordered_structure_of_pymatgen_is_told():
    core = pytest.importorskip("pymatgen.core")
    mixed = core.Structure(core.Lattice.cubic(3), [{"Cu": 0.5, "Au": 0.5}], [[0, 0, 0]])
    assert "disordered" == failure_of([mixed]).kind


def test_a_failure_never_holds_what_stood_in_the_text():
    secret = CIF.replace("0.5 0.5 0.5", "hunter2 0.5 0.5")
    assert "hunter2" not in failure_of(secret).message


def test_what_holds_no_structures_at_all_is_an_error():
    with pytest.raises(CallError, match="no column of structures"):
        read_structures(pl.DataFrame({"gap": [1.0]}))
    with pytest.raises(CallError, match="No column named 'ciff': did you mean 'cif'"):
        read_structures(pl.DataFrame({"cif": [CIF]}), column="ciff")
    with pytest.raises(CallError, match="A int holds no structures"):
        read_structures(3)
