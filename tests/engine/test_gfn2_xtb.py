"""GFN2-xTB against other sources: tblite's ASE calculator, finite differences, by hand."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("tblite")

from ase.collections import g2
from ase.units import Bohr, Debye

from qforge_jupyter.engine.chemistry.geometries import molecules_of_g2
from qforge_jupyter.engine.chemistry.molecule import Molecule
from qforge_jupyter.engine.predictors import PREDICTORS, CalculationFailed, Rung, gfn2_xtb
from qforge_jupyter.engine.predictors.gfn2_xtb import Settings, predict

HARD = Molecule("LiF at 6 Å", (3, 9), ((0.0, 0.0, 0.0), (0.0, 0.0, 6.0)))


def named(name: str):
    return molecules_of_g2(name)[0]


@pytest.mark.parametrize("name", ["H2O", "O2", "CH3CH2OH", "NO", "C6H6", "SiCl4"])
def test_numbers_are_those_of_the_ase_calculator(name: str):
    from tblite.ase import TBLite

    atoms = g2[name].copy()
    n_unpaired = round(atoms.get_initial_magnetic_moments().sum())
    atoms.calc = TBLite(method="GFN2-xTB", verbosity=0, multiplicity=n_unpaired + 1)
    ours = predict(named(name))
    assert ours.energy == pytest.approx(atoms.get_potential_energy(), abs=1e-8)
    assert np.allclose(ours.atomic_forces, atoms.get_forces(), atol=1e-8)
    assert np.allclose(ours.charges, atoms.get_charges(), atol=1e-8)
    # The calculator's docstring says Debye; its code multiplies e·Bohr by Bohr: e·Å.
    dipole = np.linalg.norm(atoms.get_dipole_moment()) / Debye
    assert ours.dipole_moment == pytest.approx(dipole, abs=1e-7)


def test_energy_of_water_is_what_tblite_documents():
    from ase.build import molecule

    from qforge_jupyter.engine.chemistry.geometries import molecule_of_atoms

    assert predict(molecule_of_atoms(molecule("H2O"))).energy == pytest.approx(
        -137.96777625229421, abs=1e-6
    )


@pytest.mark.parametrize("name", ["H2O", "CH3CH2OH", "NO2"])
def test_forces_are_the_negative_slope_of_the_energy(name: str):
    molecule, step = named(name), 1e-3
    settings = Settings(accuracy=0.01)
    analytic = np.array(predict(molecule, settings).atomic_forces)
    for atom in (0, len(molecule.numbers) - 1):
        for axis in range(3):
            energies = []
            for sign in (1, -1):
                moved = np.array(molecule.positions)
                moved[atom, axis] += sign * step
                energies.append(
                    predict(replace(molecule, positions=tuple(map(tuple, moved))), settings).energy
                )
            slope = (energies[0] - energies[1]) / (2 * step)
            assert analytic[atom, axis] == pytest.approx(-slope, abs=2e-4)


def test_forces_is_the_largest_norm_over_the_atoms():
    found = predict(named("HCN"))
    assert found.forces == pytest.approx(np.linalg.norm(found.atomic_forces, axis=1).max())
    assert np.allclose(np.sum(found.atomic_forces, axis=0), 0, atol=1e-6)


def test_dipole_of_lif_lies_between_no_and_full_charge_transfer():
    molecule = named("LiF")
    distance = np.linalg.norm(np.subtract(*map(np.array, molecule.positions)))
    found = predict(molecule)
    full = distance / Bohr * 2.541746  # e·Bohr in Debye, CODATA
    assert 0 < found.dipole_moment < full
    assert found.charges[0] * found.charges[1] < 0


def test_dipole_of_water_is_near_the_measured_one():
    assert predict(named("H2O")).dipole_moment == pytest.approx(1.855, abs=0.5)


@pytest.mark.parametrize("name", ["CH4", "CO2", "C6H6", "N2", "SiCl4", "Be"])
def test_symmetry_leaves_no_dipole(name: str):
    assert predict(named(name)).dipole_moment == pytest.approx(0, abs=1e-5)


def test_charges_sum_to_the_charge():
    hydroxide = replace(named("OH"), charge=-1, n_unpaired=0)
    assert sum(predict(hydroxide).charges) == pytest.approx(-1, abs=1e-6)


@pytest.mark.parametrize("name", ["H", "N", "O", "F"])
def test_atoms_without_an_empty_orbital_have_no_lumo_and_no_gap(name: str):
    found = predict(named(name))
    assert (found.lumo, found.gap, found.n_virtual_orbitals) == (None, None, 0)


@pytest.mark.parametrize("name", ["NO", "CH", "B", "C"])
def test_a_half_filled_degenerate_level_has_a_gap_of_exactly_zero(name: str):
    assert predict(named(name)).gap == 0


def test_a_proton_has_no_homo():
    found = predict(Molecule("proton", (1,), ((0.0, 0.0, 0.0),), charge=1))
    assert found.homo is None
    assert found.gap is None


def test_spin_polarisation_is_another_method_and_lowers_triplet_oxygen():
    polarised = Settings(is_spin_polarized=True)
    assert gfn2_xtb.method_name(polarised) == "spGFN2-xTB"
    assert predict(named("O2"), polarised).energy < predict(named("O2")).energy - 0.5
    closed = predict(named("H2O"), polarised)
    assert closed.energy == pytest.approx(predict(named("H2O")).energy, abs=1e-6)
    assert closed.gap == pytest.approx(predict(named("H2O")).gap, abs=1e-5)


@pytest.mark.parametrize(
    ("molecule", "kind"),
    [
        (Molecule("nothing"), "invalid_geometry"),
        (Molecule("uranium", (92,), ((0.0, 0.0, 0.0),)), "unsupported_element"),
        (Molecule("dummy", (0,), ((0.0, 0.0, 0.0),)), "unsupported_element"),
        (Molecule("H2", (1, 1), ((0.0, 0.0, 0.0),) * 2), "invalid_geometry"),
        (Molecule("H2", (1, 1), ((0.0, 0.0, 0.0), (0.0, 0.0, float("nan")))), "invalid_geometry"),
        (Molecule("H2", (1, 1), ((0.0, 0.0, 0.0),)), "invalid_geometry"),
        (Molecule("H2", (1, 1), ((0.0, 0.0, 0.0), (0.0, 0.0, 0.7)), charge=5), "invalid_electrons"),
        (Molecule("OH", (8, 1), ((0.0, 0.0, 0.0), (0.0, 0.0, 0.97))), "invalid_electrons"),
        (HARD, "scf_not_converged"),
    ],
)
def test_what_cannot_be_calculated_fails_with_its_kind(molecule: Molecule, kind: str):
    with pytest.raises(CalculationFailed) as caught:
        predict(molecule)
    assert caught.value.kind == kind


def energy_of_rung(rung: Rung):
    try:
        return predict(HARD, rung.settings).energy
    except CalculationFailed:
        return None


def test_cooling_solves_the_hard_case_and_every_rung_that_does_agrees():
    _, patient, cooled, damped, *_ = gfn2_xtb.ladder(Settings())
    expected = energy_of_rung(cooled)
    assert expected is not None
    for rung in (patient, damped):
        assert energy_of_rung(rung) in (None, pytest.approx(expected, abs=1e-6))


def test_a_rung_never_ends_at_another_temperature():
    settings = Settings(electronic_temperature_K=500.0)
    for rung in gfn2_xtb.ladder(settings):
        assert rung.settings.electronic_temperature_K == 500


def test_iterations_are_counted():
    with pytest.raises(CalculationFailed) as caught:
        predict(named("CH3CH2OH"), Settings(max_iterations=4))
    assert caught.value.n_iterations == 4
    assert 4 < predict(named("CH3CH2OH")).n_iterations < 20


def test_nothing_is_printed_even_by_compiled_code(capfd: pytest.CaptureFixture[str]):
    predict(named("H2O"))
    with pytest.raises(CalculationFailed):
        predict(HARD)
    assert capfd.readouterr() == ("", "")


def test_threads_are_given_back():
    from threadpoolctl import threadpool_info

    def counts() -> dict[str, int]:
        return {p["filepath"]: p["num_threads"] for p in threadpool_info()}

    predict(named("H2O"))
    before = counts()
    with gfn2_xtb.single_threaded():
        assert {p["num_threads"] for p in threadpool_info() if p["user_api"] == "openmp"} == {1}
    assert counts() == before


def test_an_interrupt_during_the_compiled_code_is_not_lost():
    former = signal.getsignal(signal.SIGINT)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 — the interrupt may fall between two runs
        for _ in range(100):
            with pytest.raises(CalculationFailed):
                predict(HARD)
    timer.join()
    assert signal.getsignal(signal.SIGINT) is former


def test_importing_the_predictor_imports_no_chemistry():
    code = (
        "import sys, qforge_jupyter.engine.predictors.gfn2_xtb as p;"
        "print([m for m in ('tblite', 'ase', 'rdkit', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 — our own code in a fresh interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_family_finds_it_by_name():
    assert "gfn2-xtb" in PREDICTORS.names()
