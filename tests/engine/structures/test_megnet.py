"""MEGNet with its published band-gap network: as far from DFT as its authors' code."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from jarvis_crystals import crystals

from qforge_jupyter.engine.models import find, require
from qforge_jupyter.engine.models._weights import Weights
from qforge_jupyter.engine.models.megnet import FILES, WEIGHTS, Network, _answer, hard_sigmoid
from qforge_jupyter.engine.structures.canonical import canonical
from qforge_jupyter.engine.structures.reading import read_structures
from qforge_jupyter.errors import CallError, FormatError, ModelError
from qforge_jupyter.results.calculation import Failure
from qforge_jupyter.verbs._fetching import fetch

FILE = Path(__file__).parents[2] / "data" / "megnet" / "band_gap_regression.hdf5"


@pytest.fixture(scope="module")
def network():
    return Network(FILE.read_bytes())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Keep weights in a folder of the test's own."""
    monkeypatch.setenv("QFORGE_MODEL_FOLDER", str(tmp_path / "weights"))
    return tmp_path


def test_the_network_of_the_tests_is_the_published_one():
    assert WEIGHTS.files[FILES["band_gap"]] == hashlib.sha256(FILE.read_bytes()).hexdigest()


def test_its_band_gaps_are_as_far_from_those_of_dft_as_those_of_its_authors_code(network):
    """MAE of the authors' TensorFlow code on the same 49 crystals: 0.27 eV; Xe has no bonds."""
    table = crystals()
    forms = [canonical(each) for each in read_structures(table)]
    said = [_answer(each, {"band_gap": network}) for each in forms]
    failed = [each for each in said if isinstance(each, Failure)]
    assert ["isolated_atom"] == [each.kind for each in failed]
    gaps = pl.Series([None if isinstance(each, Failure) else each["band_gap"] for each in said])
    assert pytest.approx(0.27, abs=0.005) == (gaps - table["band_gap"]).abs().mean()


def test_a_supercell_has_the_gap_of_its_cell(network):
    """Every sum over sites is a mean or an attention, so that twice the cell changes nothing."""
    from ase.build import bulk

    cell = bulk("GaAs", "zincblende", 5.653)
    gaps = [
        _answer(canonical(each), {"band_gap": network})["band_gap"]
        for each in read_structures([cell, cell * (2, 1, 1)])
    ]
    assert gaps[0] == pytest.approx(gaps[1], abs=1e-9)
    assert 0.2 < gaps[0] < 1.5


def test_the_hard_sigmoid_is_that_of_keras():
    """Of keras 2: 0 below -2.5, 1 above 2.5, between them 0.2 x + 0.5."""
    assert [0.0, 0.3, 0.5, 1.0] == hard_sigmoid(np.array([-3.0, -1.0, 0.0, 3.0])).tolist()


@pytest.mark.usefixtures("folder")
def test_without_its_weights_it_says_how_they_are_fetched():
    with pytest.raises(ModelError, match="run  %qforge models fetch megnet"):
        require(find("megnet"))


def archive_of(files):
    """Make a source distribution, and what is known of it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in {**files, "../../evil": b"no", "setup.py": b"1/0"}.items():
            member = tarfile.TarInfo(f"tiny-1.0/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    content = packed.getvalue()
    return content, Weights("tiny==1.0", hashlib.sha256(content).hexdigest(), hashes)


def test_only_the_wanted_files_are_fetched_each_with_its_hash(folder):
    content, weights = archive_of({"a/net.hdf5": b"numbers", "LICENSE.md": b"free"})
    model = replace(find("megnet"), weights=weights)
    (folder / "tiny-1.0.tar.gz").write_bytes(content)
    assert not weights.are_here
    fetch(model, str(folder / "tiny-1.0.tar.gz"))
    assert weights.are_here
    assert b"numbers" == weights.read("a/net.hdf5")
    assert {"a-net.hdf5", "LICENSE.md"} == {each.name for each in weights.folder.iterdir()}
    weights.path("a/net.hdf5").write_bytes(b"others")
    with pytest.raises(ModelError, match="is not what was published"):
        weights.read("a/net.hdf5")


def test_an_archive_that_is_another_one_is_refused_and_nothing_is_written(folder):
    content, weights = archive_of({"LICENSE.md": b"free"})
    model = replace(find("megnet"), weights=weights)
    (folder / "other.tar.gz").write_bytes(content + b"\0")
    with pytest.raises(FormatError, match="SHA-256 differs"):
        fetch(model, str(folder / "other.tar.gz"))
    assert not weights.folder.exists()
    with pytest.raises(CallError, match="cannot be read"):
        fetch(model, str(folder / "none.tar.gz"))
    with pytest.raises(CallError, match="needs nothing fetched"):
        fetch(find("baseline"))
