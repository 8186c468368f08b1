"""SevenNet with its published weights, as its package has it."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.build import bulk

from qforge_jupyter.engine.models import find, loaded
from qforge_jupyter.engine.models.sevennet import _weights
from qforge_jupyter.engine.structures.predicting import predict
from qforge_jupyter.engine.structures.reading import read_structures

#: eV/Å³ in GPa.
GPA = 160.21766208


def test_it_says_what_its_package_says_and_an_isolated_atom_is_a_row(capsys):
    model = find("sevennet")
    crystal = bulk("MgO", "rocksalt", 4.3)
    crystal.rattle(0.1, seed=1)
    crystal.rotate(20, (1, 2, 3), rotate_cell=True)
    lonely = Atoms("Ne", [[1, 1, 1]], cell=[20, 20, 20], pbc=True)
    frame = predict(
        read_structures([crystal, lonely]),
        model,
        lambda: loaded(model, model.parameters({}), "cpu"),
        parameters=model.parameters({}),
    ).frame
    assert [None, "isolated_atom"] == frame["failure_kind"].to_list()
    assert ("", "") == tuple(capsys.readouterr())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sevenn.calculator import SevenNetCalculator

        crystal.calc = SevenNetCalculator("7net-0", device="cpu")
        energy, forces = crystal.get_potential_energy(), crystal.get_forces()
        stress = crystal.get_stress(voigt=False) * GPA
    assert pytest.approx(energy / 2, abs=1e-5) == frame["energy"][0]
    assert np.allclose(forces, frame["forces"].to_list()[0], atol=1e-4)
    assert np.allclose(stress, frame["stress"].to_list()[0], atol=1e-3)
    assert np.abs(forces).max() > 0.1


class Evil:
    """Does something when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("unpickled",)


def test_a_file_that_is_more_than_numbers_is_refused(tmp_path, capsys):
    torch.save({"config": {}, "model_state_dict": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(pickle.UnpicklingError):
        _weights(tmp_path / "evil.pth")
    assert "unpickled" not in capsys.readouterr().out
