"""ALIGNN-FF with its published weights: as its authors' code has it, and against DFT."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from ase import Atoms
from ase.build import bulk
from jarvis_crystals import crystals

from qforge_jupyter.engine.models import alignn, find
from qforge_jupyter.engine.models.alignn import WEIGHTS, angles_of, graph_of
from qforge_jupyter.engine.structures.canonical import canonical
from qforge_jupyter.engine.structures.predicting import predict
from qforge_jupyter.engine.structures.reading import read_structures
from qforge_jupyter.errors import FormatError, ModelError
from qforge_jupyter.verbs._fetching import fetch

FOLDER = Path(__file__).parents[2] / "data" / "alignn"
WHEEL = Path(sys.prefix, "share", "qforge-tests", "alignn-2023.5.3-py2.py3-none-any.whl")
has_wheel = pytest.mark.skipif(
    not WHEEL.exists(), reason="the wheel with the weights is not here: `make unit` fetches it"
)


def table(name):
    return pl.DataFrame([json.loads(each) for each in (FOLDER / name).read_text().splitlines()])


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """Fetch the weights out of the published wheel into a folder of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QFORGE_MODEL_FOLDER", str(tmp_path_factory.mktemp("weights")))
        fetch(find("alignn"), str(WHEEL))
        yield WEIGHTS.folder


@pytest.fixture(scope="module")
def model(fetched):
    assert fetched.is_dir()
    return alignn.load({}, "cpu")


def said(model, source, batch=None):
    return predict(
        read_structures(source), find("alignn"), lambda: model, parameters={}, batch=batch
    ).frame


@has_wheel
def test_the_weights_come_with_their_licence(fetched):
    names = {each.name for each in fetched.iterdir()}
    assert {"alignn-ff-best_model.pt", "alignn-2023.5.3.dist-info-LICENSE.rst"} == names


@has_wheel
def test_a_wheel_that_is_another_one_is_refused(tmp_path):
    other = tmp_path / "alignn.whl"
    other.write_bytes(WHEEL.read_bytes() + b"\0")
    with pytest.raises(FormatError, match="SHA-256 differs"):
        fetch(find("alignn"), str(other))


@has_wheel
def test_weights_that_were_changed_afterwards_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("QFORGE_MODEL_FOLDER", str(tmp_path))
    fetch(find("alignn"), str(WHEEL))
    WEIGHTS.path(alignn.FILE).write_bytes(b"others")
    with pytest.raises(ModelError, match="is not what was published"):
        alignn.load({}, "cpu")


@has_wheel
def test_its_energies_are_those_of_its_authors_code_to_five_digits(model):
    """All within 3e-6 eV/atom, but one crystal (JVASP-28634) that is 1.0e-5 off."""
    for file, ours in (
        ("crystals.jsonl", said(model, crystals())),
        ("frames.jsonl", said(model, table("frames.jsonl"))),
    ):
        difference = (ours["energy"] - table(file)["whole_shells"]).abs()
        assert ours["energy"].null_count() == 0
        assert difference.max() < 2e-5
        assert (difference > 5e-6).sum() <= 1


@has_wheel
def test_where_no_shell_is_cut_by_noise_its_code_says_the_same_as_it_is(model):
    theirs = table("crystals.jsonl")
    is_cut = (theirs["published"] - theirs["whole_shells"]).abs() > 2e-5
    difference = (said(model, crystals())["energy"] - theirs["published"]).abs()
    assert difference.filter(~is_cut).max() < 2e-5
    assert is_cut.sum() <= 25
    assert difference.max() < 0.08  # what noise does to the graph of its authors, eV/atom


@has_wheel
def test_its_energies_are_near_those_of_dft(model):
    """Mean absolute error of the authors' code on these frames: 0.018 eV/atom, cut by noise."""
    frames = table("frames.jsonl")
    error = (said(model, frames)["energy"] - frames["dft"]).abs().mean()
    assert pytest.approx(0.020, abs=0.001) == error


@has_wheel
def test_a_supercell_a_turned_cell_and_a_batch_have_the_energy_of_each_cell_alone(model):
    cell = bulk("GaAs", "zincblende", 5.653)
    turned = cell.copy()
    turned.rotate(40, "z", rotate_cell=True)
    together = said(model, [cell, cell * (2, 1, 1), turned, bulk("Cu")])["energy"].to_list()
    alone = said(model, [cell, bulk("Cu")], batch=1)["energy"].to_list()
    assert [alone[0]] * 3 + [alone[1]] == pytest.approx(together, abs=1e-5)


@has_wheel
def test_an_isolated_atom_a_molecule_and_an_element_it_never_saw_are_rows_with_their_kind(model):
    lonely = Atoms("Ne", [[1, 1, 1]], cell=[20, 20, 20], pbc=True)
    heavy = bulk("Cu")
    heavy.numbers[:] = 86
    kinds = said(model, [lonely, "CCO", heavy])["failure_kind"].to_list()
    assert ["isolated_atom", "not_periodic", "unsupported_element"] == kinds


def test_each_atom_of_copper_has_its_twelve_neighbours_each_twice():
    """As it is joined to a neighbour, and as that is joined to it."""
    (form,) = map(canonical, read_structures([bulk("Cu")]))
    graph = graph_of(form)
    assert (12, {2}) == (len(graph.count), set(graph.count.tolist()))
    into, out_of = angles_of(graph)
    assert 144 == len(into) == len(out_of)


def test_a_shell_stays_whole():
    """Caesium chloride: eight neighbours, then six as far as each other, of which four are due."""
    (form,) = map(canonical, read_structures([bulk("CsCl", "cesiumchloride", 4.12)]))
    lengths = np.linalg.norm(graph_of(form).vectors, axis=1).round(3)
    assert {3.568: 16, 4.12: 12} == dict(zip(*np.unique(lengths, return_counts=True), strict=True))


def test_it_offers_the_energy_alone_and_says_why():
    model = find("alignn")
    assert ["energy"] == [each.name for each in model.properties]
    assert "forces" in model.made_for
