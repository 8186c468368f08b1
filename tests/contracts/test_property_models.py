"""What every property model keeps, those of this folder and those that are absent."""

from __future__ import annotations

import pytest

from qforge_jupyter.engine.models import MODELS, find, require
from qforge_jupyter.errors import CallError, MissingPackage, ModelError
from qforge_jupyter.verbs.models import run, state

NAMES = MODELS.names()


@pytest.mark.parametrize("name", NAMES)
def test_its_file_is_called_like_it(name: str):
    assert name == find(name).name


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_gives_in_which_unit_under_which_licence_and_of_whom(name: str):
    model = find(name)
    assert model.properties
    assert all(each.meaning for each in model.properties)
    assert all((model.licence, model.reference, model.version, model.made_for or model.absent))


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_loaded_or_says_in_one_sentence_why_not(name: str):
    model = find(name)
    if model.load is None:
        with pytest.raises(ModelError, match="is absent: "):
            require(model)
        assert state(model)[0].startswith("absent: ")
    elif not model.installed:
        with pytest.raises(MissingPackage, match="pip install 'qforge-jupyter"):
            require(model)
    elif model.weights and not model.weights.are_here:
        with pytest.raises(ModelError, match="models fetch"):
            require(model)
    else:
        assert ("ready", "good") == state(model)


@pytest.mark.parametrize("name", NAMES)
def test_its_page_shows_each_property_with_its_unit(name: str):
    page = run(None, name)
    assert [(each.name, each.unit) for each in find(name).properties] == [
        row[:2] for block in page.blocks for row in getattr(block, "rows", ())
    ]


def test_the_list_shows_every_model():
    assert set(NAMES) <= set(run(None).frame["model"])


def test_a_model_or_a_parameter_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(CallError, match="No model named 'baselin': did you mean 'baseline'"):
        find("baselin")
    with pytest.raises(CallError, match=r"write  calculate \.\.\. with gfn2-xtb"):
        find("gfn2-xtb")
    with pytest.raises(CallError, match="No parameter 'seed' of baseline"):
        find("baseline").parameters({"seed": 1})
