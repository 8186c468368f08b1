"""A labeling process that is killed at any moment loses nothing that it acknowledged."""

from __future__ import annotations

import random
import time
from collections import Counter

import polars as pl
from labelers import Labeler

import qforge_jupyter as qf

N = 400
N_KILLS = 4


def test_no_answer_that_was_acknowledged_is_lost(place):
    with qf.open(tracker="none", actor="ann", **place) as ws:
        ws.commit(pl.DataFrame({"id": [f"r{n}" for n in range(N)]}), to="contacts", by=["id"])
    chance = random.Random(7)  # noqa: S311 — when to kill, not a secret
    said: set[str] = set()
    for _ in range(N_KILLS):
        labeler = Labeler(place, "al").ready()
        labeler.go()
        labeler.hear(chance.randrange(1, 30))
        time.sleep(chance.random() / 50)
        labeler.kill()
        said |= {one for one in labeler.said("saved") if len(one) == 32}
    assert said
    with qf.open(tracker="none", actor="al", **place) as ws:
        store = ws.context.store
        dataset = store.datasets.find("contacts")
        events = store.labels.since(dataset.id)
        per_submission = Counter(one.submission for one in events)
        assert said <= set(per_submission)
        # At most the one that was under way at each kill was kept without being acknowledged.
        assert len(per_submission) - len(said) <= N_KILLS
        assert {2} == set(per_submission.values())  # both answers or none
        assert len(per_submission) == len({one.label.item for one in events})
        assert 1 == len(store.labels.sessions(dataset.id))
        labeling = ws.label(
            "contacts", overlap="1", **{"choose tier": ["A", "B"], "rate sure": "0 .. 1"}
        )
        assert f'["r{len(per_submission)}"]' == labeling.next().key
        assert () == store.verify()
