"""The measured values of g2, and how far GFN2-xTB is from them."""

import polars as pl
import pytest

pytest.importorskip("tblite")

from ase.data.g2_1 import get_atomization_energy, molecule_names

from qforge_jupyter.engine.chemistry.calculating import calculate
from qforge_jupyter.engine.chemistry.experiments import (
    g2_experiments,
    g2_reference,
    with_atomization_energies,
)
from qforge_jupyter.engine.chemistry.molecules import read_molecules
from qforge_jupyter.engine.comparing import compare


@pytest.fixture(scope="module")
def calculated():

    molecules = read_molecules("g2")
    return {
        is_polarised: with_atomization_energies(
            calculate(molecules, is_spin_polarized=is_polarised).frame
        )
        for is_polarised in (False, True)
    }


def test_atomisation_energies_are_those_of_ase_where_ase_has_them():

    listed = g2_experiments().filter(pl.col("quantity") == "atomization_energy")
    ours = dict(listed.select("name", "value").iter_rows())
    assert len(ours) == 148
    for name in molecule_names:
        assert ours[name] == pytest.approx(get_atomization_energy(name))


def test_every_value_has_a_unit_and_a_source():

    listed = g2_experiments()
    assert set(listed["unit"]) == {"kcal/mol", "eV"}
    assert not listed["source"].str.len_chars().eq(0).any()
    counts = dict(listed["quantity"].value_counts().iter_rows())
    assert counts["ionization_energy"] == 68
    assert counts["zero_point_energy"] == 148


@pytest.mark.parametrize(("is_polarised", "mae"), [(False, 6.53), (True, 1.47)])
def test_free_atoms_need_spin_polarisation(
    calculated: dict[bool, pl.DataFrame], is_polarised: bool, mae: float
):

    report = compare(
        calculated[is_polarised],
        g2_reference(),
        by="name",
        properties=["atomization_energy"],
        units={"atomization_energy": "eV"},
    )
    assert report["atomization_energy"].n == 148
    assert report["atomization_energy"].mae == pytest.approx(mae, abs=0.01)


def test_minus_homo_is_a_crude_ionisation_energy(calculated: dict[bool, pl.DataFrame]):

    molecules = calculated[False].filter(pl.col("n_atoms") > 1)
    koopmans = molecules.with_columns(minus_homo=-pl.col("homo"))
    pairs = {"minus_homo": "ionization_energy"}
    pair = compare(koopmans, g2_reference(), by="name", properties=pairs)["minus_homo"]
    assert pair.n == 54
    assert pair.mae == pytest.approx(0.83, abs=0.01)
    assert pair.pearson_r > 0.85
