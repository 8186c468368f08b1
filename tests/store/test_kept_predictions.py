"""Predictions are kept once by model, version and input, on either database."""

import pytest

from qforge_jupyter.errors import CallError
from qforge_jupyter.results.changes import DropPredictions, NewModel, NewPredictions


def answers(n, model="net", version="1", first=0):
    items = tuple((f"s{at}", f"i{at}", {"gap": float(at)}) for at in range(first, first + n))
    return NewPredictions(model, version, {"gap": "eV"}, {"checkpoint": "a"}, items)


@pytest.fixture
def keep(store, record):
    def keep(*changes: object) -> None:
        store.runs.save(record(changes=changes))

    return keep


def test_more_than_fit_one_statement_are_kept_and_found(store, keep):
    keep(answers(12_000))
    found = store.predictions.known("net", "1", [f"i{at}" for at in range(12_001)])
    assert 12_000 == len(found)
    assert {"gap": 7.0} == found["i7"]


def test_another_model_or_version_knows_nothing_of_them(store, keep):
    keep(answers(2))
    assert {} == store.predictions.known("net", "2", ["i0"])
    assert {} == store.predictions.known("other", "1", ["i0"])


def test_what_another_kernel_kept_first_stays(store, keep):
    keep(answers(2))
    first = {each.structure_hash: each.id for each in store.predictions.list()}
    keep(answers(3))
    now = {each.structure_hash: each.id for each in store.predictions.list()}
    assert first.items() <= now.items()
    assert 3 == len(now)


def test_they_are_listed_by_structure_and_model_with_their_owner(store, keep):
    keep(answers(2), answers(1, "other"))
    assert {"s0", "s1"} == {each.structure_hash for each in store.predictions.list(model="net")}
    (one,) = store.predictions.list(structures=["s1"])
    assert ("net", "1", {"checkpoint": "a"}, {"gap": 1.0}, "ann") == (
        one.model,
        one.version,
        one.parameters,
        one.values,
        one.owner,
    )


def test_what_is_dropped_is_gone_and_the_rest_stays(store, keep):
    keep(answers(3))
    gone = [each.id for each in store.predictions.list(structures=["s0", "s2"])]
    keep(DropPredictions(tuple(gone)))
    assert ["s1"] == [each.structure_hash for each in store.predictions.list()]
    assert () == store.verify()


def test_a_property_model_is_no_trained_one_and_takes_no_name_of_one(store, keep):
    keep(answers(1), NewModel("m", "gap-model", "regression", True, {"split": ""}))
    assert ["gap-model"] == [each.name for each in store.models.list()]
    with pytest.raises(CallError, match="was trained here"):
        keep(answers(1, "gap-model", "v1"))
