"""What every featurizer keeps, those that are added included."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass

import polars as pl
import pytest
from rdkit import Chem

from qforge_jupyter.engine.chemistry.molecule_plan import MoleculePlan
from qforge_jupyter.engine.featurizers import FEATURIZERS
from qforge_jupyter.engine.featurizing import featurize

NAMES = FEATURIZERS.names()
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
#: The same molecule, as others write it.
SPELLINGS = [
    ASPIRIN,
    "O=C(C)Oc1ccccc1C(=O)O",
    "c1cccc(C(O)=O)c1OC(=O)C",
    "OC(=O)C1=CC=CC=C1OC(C)=O",
]


@pytest.mark.parametrize("name", NAMES)
def test_it_has_settings_that_are_plain_and_a_name_in_words(name: str):
    module = FEATURIZERS.get(name)
    settings = module.Settings()
    assert is_dataclass(settings)
    assert json.loads(json.dumps(asdict(settings))) is not None
    assert module.METHOD


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_a_value_for_each_of_its_columns(name: str):
    module = FEATURIZERS.get(name)
    settings = module.Settings()
    columns, values = module.columns(settings), module.maker(settings)(Chem.MolFromSmiles(ASPIRIN))
    assert len(columns) == len(values)
    for dtype, value in zip(columns.values(), values, strict=True):
        if isinstance(dtype, pl.Array):
            assert value
            assert all(0 <= place < dtype.size and n > 0 for place, n in value)
        else:
            assert isinstance(value, float)


@pytest.mark.parametrize("name", NAMES)
def test_a_molecule_has_the_same_features_in_every_spelling(name: str):
    made = featurize(pl.Series(SPELLINGS), MoleculePlan.of([(name, {})]))
    assert not made.problems.height
    assert 1 == made.frame.unique().height


@pytest.mark.parametrize("name", NAMES)
def test_its_plan_comes_back_from_json(name: str):
    plan = MoleculePlan.of([(name, {})], mixtures="largest", most_atoms=50)
    again = MoleculePlan.read(json.loads(json.dumps(plan.definition())))
    assert plan == again
