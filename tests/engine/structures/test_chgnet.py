"""CHGNet with its published weights: as its package has it, and true to itself."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from jarvis_crystals import crystals
from pymatgen.core import Structure

from qforge_jupyter.engine.models import find, loaded
from qforge_jupyter.engine.structures.predicting import predict
from qforge_jupyter.engine.structures.reading import read_structures

CRYSTALS = crystals().head(4)
#: eV/Å³ in GPa.
GPA = 160.21766208


def predicted(source, checkpoint="0.3.0"):
    model = find("chgnet")
    parameters = model.parameters({"checkpoint": checkpoint})
    return predict(
        read_structures(source),
        model,
        lambda: loaded(model, parameters, "cpu"),
        parameters=parameters,
    ).frame


@pytest.fixture(scope="module")
def rattled():
    crystal = bulk("NaCl", "rocksalt", 5.6, cubic=True)[[4, 0, 7, 1, 2, 6, 3, 5]]
    crystal.rattle(0.1, seed=2)
    crystal.rotate(33, (1, 1, 3), rotate_cell=True)
    return crystal


def test_it_says_what_its_package_says_to_five_digits():
    ours = predicted(CRYSTALS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from chgnet.model.model import CHGNet

        package = CHGNet.load(verbose=False, use_device="cpu")
        theirs = package.predict_structure(
            [Structure.from_str(each, fmt="poscar") for each in CRYSTALS["poscar"]]
        )
    for row, said in zip(ours.iter_rows(named=True), theirs, strict=True):
        assert pytest.approx(float(said["e"]), abs=1e-5) == row["energy"]
        for name, key in (("forces", "f"), ("stress", "s"), ("magnetic_moments", "m")):
            # Single precision, and stresses of tens of GPa.
            assert np.allclose(said[key], row[name], rtol=1e-4, atol=2e-4), name


def test_forces_are_the_slope_of_the_energy_along_each_atom(rattled):
    step, atom = 0.01, 3
    moved = []
    for axis in range(3):
        for sign in (1, -1):
            other = rattled.copy()
            other.positions[atom, axis] += sign * step
            moved.append(other)
    energies = predicted(moved)["energy"].to_numpy().reshape(3, 2) * len(rattled)
    slope = -(energies[:, 0] - energies[:, 1]) / (2 * step)
    force = predicted([rattled])["forces"].to_list()[0][atom]
    assert np.allclose(slope, force, atol=0.02)
    assert np.abs(force).max() > 0.1


def test_stress_is_the_slope_of_the_energy_along_each_strain(rattled):
    step = 0.002
    strained = []
    strains = ((0, 0), (1, 1), (0, 2))
    for low, high in strains:
        for sign in (1, -1):
            strain = np.eye(3)
            strain[low, high] += sign * step / 2
            strain[high, low] += sign * step / 2
            other = rattled.copy()
            other.set_cell(rattled.cell.array @ strain, scale_atoms=True)
            strained.append(other)
    energies = predicted(strained)["energy"].to_numpy().reshape(3, 2) * len(rattled)
    slope = (energies[:, 0] - energies[:, 1]) / (2 * step) / rattled.get_volume() * GPA
    stress = np.array(predicted([rattled])["stress"].to_list()[0])
    assert np.allclose(slope, [stress[each] for each in strains], atol=0.1)
    assert np.abs(slope).max() > 0.3


def test_iron_is_magnetic_and_salt_is_not():
    """The moment of bcc iron is 2.2 μB in experiment; CHGNet says 2.5."""
    moments = predicted([bulk("Fe"), bulk("NaCl", "rocksalt", 5.64)])["magnetic_moments"]
    iron, salt = moments.to_list()
    assert pytest.approx(2.2, abs=0.5) == iron[0]
    assert max(salt) < 0.05


def test_each_checkpoint_is_another_model():
    said = {name: predicted([bulk("Cu")], name)["energy"][0] for name in ("0.3.0", "0.2.0")}
    assert pytest.approx(said["0.3.0"], abs=0.1) == said["0.2.0"]
    assert said["0.3.0"] != said["0.2.0"]


def test_it_prints_nothing_and_an_isolated_atom_is_a_row(capsys):
    lonely = Atoms("Ne", [[1, 1, 1]], cell=[20, 20, 20], pbc=True)
    frame = predicted([lonely, bulk("Cu")])
    assert ["isolated_atom", None] == frame["failure_kind"].to_list()
    assert ("", "") == tuple(capsys.readouterr())
