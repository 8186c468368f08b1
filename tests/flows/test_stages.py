"""Verbs whose work has stages: a bar over all of it moves on with every call, and never back."""

from dataclasses import replace

import pytest

from qforge_jupyter.results.pace import Pace
from qforge_jupyter.verbs import VERBS
from qforge_jupyter.workspace import Workspace
from tests.engine.collapse.damaged import shrunk, sides


class Bar:
    """Follows the reports of one call."""

    def __init__(self, verb) -> None:
        self.pace = Pace(VERBS.get(verb).STAGES, began_s=0.0)
        self.shares = []
        self.unknown = []

    def __call__(self, done, total, note="") -> None:
        before = self.pace.share
        self.pace.take(done, total, note, now_s=float(len(self.shares)))
        self.shares.append(self.pace.share)
        if before is None and self.pace.share is None:
            self.unknown.append(note)


@pytest.fixture
def verdict(ws: Workspace):
    candidate, real = sides(400, 600)
    return ws.check(shrunk(candidate), against=real, target="good")


def test_the_bar_of_each_verb_moves_from_the_start_to_near_the_end(ws: Workspace, verdict):
    candidate, real = sides(400, 600)
    calls = {
        "check": lambda ws: ws.check(candidate, against=real, target="good"),
        "localize": lambda ws: ws.localize(verdict),
        "recommend": lambda ws: ws.recommend(verdict, only=["clip", "quantile-map"]),
        "cascade": lambda ws: ws.cascade(candidate, against=real, target="good", generations=1),
    }
    for verb, call in calls.items():
        bar = Bar(verb)
        call(Workspace(replace(ws.context, progress=bar)))
        assert [] == bar.unknown, verb
        assert bar.shares == sorted(bar.shares), verb
        assert 0.9 < bar.shares[-1] <= 1.0, verb
        assert len(set(bar.shares)) > 3, verb
