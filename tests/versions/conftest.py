"""A workspace on either database."""

import pytest

import qforge_jupyter as qf


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace(request, tmp_path):
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    with qf.open(target, tracker="none", folder=str(tmp_path / "files"), actor="ann") as ws:
        yield ws


@pytest.fixture
def lab(tmp_path):
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as ws:
        yield ws
