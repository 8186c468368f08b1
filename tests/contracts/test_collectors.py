"""What every kind of source keeps, whoever wrote it."""

from __future__ import annotations

import pytest

from qforge_jupyter.engine.collectors import COLLECTORS, USUAL, CollectPlan, any_plan, collector_of

NAMES = COLLECTORS.names()


@pytest.mark.parametrize("name", NAMES)
def test_its_plan_explains_every_key_and_needs_none(name: str):
    plan = COLLECTORS.get(name).Plan
    assert issubclass(plan, CollectPlan)
    assert [key for key, field in plan.model_fields.items() if not field.description] == []
    assert plan() == plan.model_validate({})


@pytest.mark.parametrize("name", NAMES)
def test_its_own_keys_tell_it_from_the_others(name: str):
    member = COLLECTORS.get(name)
    others = {
        k for other in NAMES if other != name for k in COLLECTORS.get(other).Plan.model_fields
    }
    assert set(member.OWN_KEYS) <= set(member.Plan.model_fields) - others
    assert [collector_of([key]) for key in member.OWN_KEYS] == [member] * len(member.OWN_KEYS)
    assert name == USUAL or member.OWN_KEYS


def test_one_body_takes_the_keys_of_every_kind_with_the_types_that_they_have_there():
    fields = any_plan().model_fields
    for name in NAMES:
        for key, field in COLLECTORS.get(name).Plan.model_fields.items():
            assert (name, key, fields[key].annotation) == (name, key, field.annotation)


@pytest.mark.parametrize("name", NAMES)
def test_it_names_the_columns_that_name_an_example(name: str):
    keys = COLLECTORS.get(name).KEYS
    assert isinstance(keys, tuple)
    assert all(isinstance(key, str) for key in keys)
