"""The dashboard widget's Python side: a look in, figures out, and never an exception."""

import pytest

from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.results.dashboard import Dashboard
from qforge_jupyter.widgets.bundles import bundle
from qforge_jupyter.widgets.dashboard import DashboardWidget
from qforge_jupyter.widgets.opening import has_view, widget


class Board:
    """Counts from 1 on each look that knows the last stamp; breaks when told to."""

    problem = None

    def __init__(self) -> None:
        self.n = 1

    def look(self, since=""):
        if self.problem:
            raise self.problem
        is_known = since == str(self.n)
        return {"stamp": str(self.n), "unchanged": is_known, "figures": {"n": float("nan")}}


@pytest.fixture(autouse=True)
def _built(tmp_path, monkeypatch):
    """A bundle of two empty files: the real one is tested in browsers."""
    folder = tmp_path / "static"
    folder.mkdir()
    for kind in ("js", "css"):
        (folder / f"dashboard.{kind}").write_text("")
    monkeypatch.setattr(
        "qforge_jupyter.widgets.dashboard.bundle", lambda name: bundle(name, folder)
    )


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def view(board):
    return DashboardWidget(Dashboard("golden/contacts", {}, "1", board))


def test_a_look_is_answered_with_its_id(view):
    reply, buffers = view.answer({"id": "1", "kind": "look", "since": "1"})
    assert ("1", True, True, []) == (reply["id"], reply["ok"], reply["unchanged"], buffers)


def test_numbers_that_json_cannot_hold_become_none(view, board):
    board.n = 2
    reply, _ = view.answer({"id": "1", "kind": "look", "since": "1"})
    assert {"n": None} == reply["figures"]


@pytest.mark.parametrize("since", [None, 7, ["x"], {"a": 1}, "\ud800"])
def test_any_stamp_is_taken(view, since):
    assert not view.answer({"id": "1", "kind": "look", "since": since})[0]["unchanged"]


def test_a_refusal_is_one_sentence(view, board):
    board.problem = DataError("The dataset golden was deleted")
    assert {"id": "1", "error": "The dataset golden was deleted"} == view.answer(
        {"id": "1", "kind": "look"}
    )[0]


def test_a_fault_of_its_own_tells_no_data(view, board):
    board.problem = ValueError("secret cell")
    (reply, _) = view.answer({"id": "1", "kind": "look"})
    assert "ValueError" in reply["error"]
    assert "secret" not in reply["error"]


@pytest.mark.parametrize("request_", [None, 3, [], {"id": "1"}, {"id": "1", "kind": "submit"}])
def test_any_other_request_is_refused(view, request_):
    assert "answers `look` alone" in view.answer(request_)[0]["error"]


def test_the_result_of_the_verb_opens_it(board):
    made = Dashboard("golden/contacts", {}, "1", board)
    assert has_view(made)
    assert "DashboardWidget: Dashboard of golden/contacts" == repr(widget(made))


def test_other_results_have_no_widget():
    with pytest.raises(CallError, match="what `label`, `dashboard` and `check` give has a widget"):
        widget(3)
