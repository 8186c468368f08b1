"""The fold over events is what replaying every step by hand gives, undo and redo among them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from qforge_jupyter.labeling.deciding import decide
from qforge_jupyter.labeling.folding import fold, living, undone_of
from qforge_jupyter.labeling.told import states_of
from qforge_jupyter.labeling.undoing import steps_of
from qforge_jupyter.results.label_events import LabelEvent, LabelingSession, NewLabel

AT = datetime(2026, 11, 21, tzinfo=UTC)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.sampled_from("xyz"), st.sampled_from("AB")),
        st.tuples(st.just("skip"), st.sampled_from("xyz"), st.just("")),
        st.tuples(st.sampled_from(["undo", "redo"]), st.just(""), st.just("")),
    ),
    max_size=40,
)


def session(name: str, who: str, kind: Any = "initial", overlap: int = 1) -> LabelingSession:
    return LabelingSession(name, "d", who, kind, AT, f"plan {name}", detail={"overlap": overlap})


def event(n: int, of: LabelingSession, label: NewLabel) -> LabelEvent:
    return LabelEvent(n, of.id, f"{of.id} {n}", of.labeler, AT + timedelta(seconds=n), None, label)


class ByHand:
    """A labeler's steps as whole states, one copied from the other: nothing is folded."""

    def __init__(self) -> None:
        self.state: dict[str, tuple[str, str]] = {}
        self.before: list[dict[str, tuple[str, str]]] = []
        self.after: list[dict[str, tuple[str, str]]] = []

    def do(self, item: str, what: str, value: str) -> None:
        self.before.append(dict(self.state))
        self.after.clear()
        if what == "skip":  # what was answered before stays the answer
            value = self.state.get(item, ("", ""))[1]
        self.state[item] = (what, value)

    def undo(self) -> None:
        self.after.append(dict(self.state))
        self.state = self.before.pop()

    def redo(self) -> None:
        self.before.append(dict(self.state))
        self.state = self.after.pop()


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_the_fold_is_what_a_person_did_step_by_step(steps):
    ann = session("s", "ann")
    events: list[LabelEvent] = []
    model = ByHand()
    for what, item, value in steps:
        n, known = len(events) + 1, steps_of(events)
        if what == "undo" and known.done:
            (part,) = next(known.latest(is_back=True))
            target, about = part.target, part.item
            model.undo()
        elif what == "redo" and known.undone:
            (part,) = next(known.latest(is_back=False))
            target, about = part.target, part.item
            model.redo()
        elif what in ("answer", "skip"):
            events.append(event(n, ann, NewLabel(item, "q", what, value)))
            model.do(item, what, value)
            continue
        else:
            assert not (model.before if what == "undo" else model.after)
            continue
        events.append(event(n, ann, NewLabel(about, "", "undo", {"submission": target})))
    states = states_of(events, {"s": ann})
    found = {}
    for item, state in states.items():
        what = "skip" if state.skipped else "answer"
        if state.handled:
            found[item] = (what, state.said("ann").get("q", ""))
    assert model.state == found
    done = {part.item for parts in steps_of(events).done.values() for part in parts}
    assert done == set(model.state)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_an_item_can_be_folded_alone(steps):
    """What was said of an item hangs on its own events only."""
    ann = session("s", "ann")
    events: list[LabelEvent] = []
    for what, item, value in steps:
        n, known = len(events) + 1, steps_of(events)
        if what in ("answer", "skip"):
            events.append(event(n, ann, NewLabel(item, "q", what, value)))
        elif what == "undo" and known.done:
            (part,) = next(known.latest(is_back=True))
            target, about = part.target, part.item
            events.append(event(n, ann, NewLabel(about, "", "undo", {"submission": target})))
    for item in "xyz":
        own = [one for one in events if one.label.item == item]
        whole = [one for one in living(events) if one.label.item == item]
        assert whole == living(own)
        assert undone_of(own) <= undone_of(events)


def test_a_rejection_sets_answers_aside_and_a_correction_counts_alone():
    ann, bob = session("a", "ann", overlap=2), session("b", "bob", overlap=2)
    judy, eve = session("j", "judy", "validation"), session("e", "eve", "correction")
    said = [
        event(1, ann, NewLabel("x", "q", "answer", "A")),
        event(2, bob, NewLabel("x", "q", "answer", "A")),
        event(3, judy, NewLabel("x", "verdict", "validation", "rejected")),
        event(4, eve, NewLabel("x", "q", "answer", "B")),
    ]
    sessions = {one.id: one for one in (ann, bob, judy, eve)}
    outcomes = [
        [(one.how, one.value) for one in decide(states_of(said[:n], sessions), sessions)]
        for n in range(1, 5)
    ]
    assert [
        [("incomplete", None)],
        [("agreed", "A")],
        [("agreed", "B")],
    ] == [outcomes[0], outcomes[1], outcomes[3]]
    assert [] == outcomes[2] or "rejected" == outcomes[2][0][0]
    assert "rejected" == fold(said[:3], sessions).status
    assert "labeled" == fold(said, sessions).status


def test_a_correction_without_a_rejection_takes_the_place_of_earlier_answers():
    ann, eve = session("a", "ann"), session("e", "eve", "correction")
    said = [
        event(1, ann, NewLabel("x", "q", "answer", "A")),
        event(2, eve, NewLabel("x", "q", "answer", "B")),
    ]
    sessions = {one.id: one for one in (ann, eve)}
    (decision,) = decide(states_of(said, sessions), sessions)
    assert ("agreed", "B") == (decision.how, decision.value)


def test_what_nobody_can_tell_is_no_answer_and_a_tie_stays_open():
    ann, bob, eve = (session(name, name, overlap=2) for name in ("ann", "bob", "eve"))
    sessions = {one.id: one for one in (ann, bob, eve)}

    def how(by: Any, *values: Any) -> tuple[str, Any]:
        said = [
            event(n, one, NewLabel("x", "q", "answer", value))
            for n, (one, value) in enumerate(zip((ann, bob, eve), values, strict=False), 1)
        ]
        (decision,) = decide(states_of(said, sessions), sessions, by)
        return decision.how, decision.value

    cant_tell = {"cant_tell": True}
    assert ("nobody can tell", None) == how("unanimous", cant_tell, cant_tell)
    assert ("agreed", "A") == how("unanimous", "A", cant_tell)
    assert ("open", None) == how("unanimous", "A", "B")
    assert ("open", None) == how("majority", "A", "B")
    assert ("majority", "A") == how("majority", "A", "B", "A")
    assert ("open", None) == how("unanimous", "A", "B", "A")
    assert ("incomplete", None) == how("majority", "A")
