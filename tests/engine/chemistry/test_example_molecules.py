"""The molecules of the quickstart: all calculated but the two broken on purpose."""

from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("tblite")
pytest.importorskip("rdkit")

from qforge_jupyter.engine.chemistry.calculating import calculate
from qforge_jupyter.engine.chemistry.molecules import read_molecules

DATA = Path(__file__).parents[3] / "examples" / "notebooks" / "data" / "organic_molecules.csv"

#: Keys of the InChI Trust's standard, as published for these substances.
KEYS = {
    "benzene": "UHOVQNZJYSORNB-UHFFFAOYSA-N",
    "caffeine": "RYYVLZVUVIJVGH-UHFFFAOYSA-N",
    "aspirin": "BSYNRYMUTXBXSQ-UHFFFAOYSA-N",
    "paracetamol": "RZVAJINKPMORJF-UHFFFAOYSA-N",
    "ibuprofen": "HEFNNWSXXWATRW-UHFFFAOYSA-N",
    "nicotine": "SNICXCGAKADSCV-JTQLQIEISA-N",
    "L-alanine": "QNAYBMKLOCPYGJ-REOHCLBHSA-N",
    "adenine": "GFFGJBXGBJISGV-UHFFFAOYSA-N",
    "uracil": "ISAKRJDGNUQOIC-UHFFFAOYSA-N",
}


def test_only_the_two_broken_ones_fail():
    report = calculate(read_molecules(pl.read_csv(DATA), seed=42))
    assert report.failed["name"].to_list() == ["five-bonded carbon", "unclosed ring"]
    assert set(report.failed["failure_kind"]) == {"parse"}
    keys = dict(report.frame.select("name", "inchikey").iter_rows())
    assert {name: keys[name] for name in KEYS} == KEYS
    assert keys["caffeine"] is not None
    assert report.frame["gap"].drop_nulls().min() > 0.5
