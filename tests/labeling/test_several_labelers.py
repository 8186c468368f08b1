"""Several labelers on one store at once, each in a process of their own."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest
from labelers import Labeler

import qforge_jupyter as qf

N = 40


@pytest.fixture
def contacts(place):
    with qf.open(tracker="none", actor="ann", **place) as ws:
        ws.commit(pl.DataFrame({"id": [f"r{n}" for n in range(N)]}), to="contacts", by=["id"])
    return place


@pytest.mark.parametrize(("names", "overlap"), [(("al", "bo"), 1), (("al", "bo", "cy"), 2)])
def test_no_item_is_lost_or_given_more_often_than_asked(contacts, names, overlap):
    people = [Labeler(contacts, name, overlap) for name in names]
    for each in people:
        each.ready()
    for each in people:
        each.go()
    for each in people:
        each.finish()
    given = Counter(key for each in people for key in each.said("given"))
    assert {overlap} == set(given.values())
    assert N == len(given)
    assert all(len(set(each.said("given"))) == len(each.said("given")) for each in people)
    assert all(each.said("given") for each in people)  # both had a share of it
    with qf.open(tracker="none", actor="ann", **contacts) as ws:
        dataset = ws.context.store.datasets.find("contacts")
        events = ws.context.store.labels.since(dataset.id)
        assert list(range(1, 2 * overlap * N + 1)) == [one.position for one in events]
        kept = {one.submission for one in events}
        assert kept == {one for each in people for one in each.said("saved")}
        assert () == ws.context.store.verify()
