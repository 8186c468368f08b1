"""The fold over frames says what the fold over single items says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from qforge_jupyter.labeling.deciding import decide, majority
from qforge_jupyter.labeling.folding_frames import fold_frame
from qforge_jupyter.labeling.told import states_of
from qforge_jupyter.results.label_events import (
    CANT_TELL,
    NOT_ASKED,
    LabelEvent,
    LabelingSession,
    NewLabel,
)
from qforge_jupyter.store.label_frames import SCHEMA

AT = datetime(2026, 11, 21, tzinfo=UTC)
KINDS = {
    "ann": "initial",
    "bob": "initial",
    "eve": "validation",
    "cy": "correction",
    "dan": "correction",
}
SESSIONS = {
    who: LabelingSession(f"s-{who}", "d", who, kind, AT, f"plan {who}", detail={"overlap": n})  # type: ignore[arg-type]
    for n, (who, kind) in enumerate(KINDS.items(), 1)
}
SESSIONS["again"] = LabelingSession("s-again", "d", "ann", "correction", AT, "plan again")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(sorted(SESSIONS)),
        st.sampled_from("xyz"),
        st.sampled_from("qr"),
        st.one_of(
            st.sampled_from(["A", "B", "can't", "not asked", "skip"]),
            st.sampled_from(["validated", "rejected", "settle A", "settle B"]),
            st.integers(0, 12),
        ),
    ),
    max_size=25,
)


def label(item: str, question: str, what: Any) -> NewLabel:
    if what == "skip":
        return NewLabel(item, "", "skip", None)
    if what in ("validated", "rejected"):
        return NewLabel(item, "verdict", "validation", what)
    if what.startswith("settle"):
        return NewLabel(item, question, "adjudication", what[-1])
    if what == "can't":
        return NewLabel(item, question, "cant_tell", CANT_TELL)
    value = NOT_ASKED if what == "not asked" else what
    return NewLabel(item, question, "answer", value)


def history(steps: Any) -> list[LabelEvent]:
    events: list[LabelEvent] = []
    for n, (who, item, question, what) in enumerate(steps):
        session = SESSIONS[who]
        made = None if isinstance(what, int) else label(item, question, what)
        if made is None:
            mine = [one for one in events if one.session_id == session.id]
            if not mine:
                continue
            target = mine[what % len(mine)]
            made = NewLabel(target.label.item, "", "undo", {"submission": target.submission})
        at = AT + timedelta(seconds=n)
        events.append(LabelEvent(n + 1, session.id, f"{n}", session.labeler, at, None, made))
    return events


def frame_of(events: list[LabelEvent]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (
                *(one.position, one.session_id, one.submission, one.labeler, one.at),
                *(one.label.item, one.label.question, one.label.label_type),
                *(json.dumps(one.label.value), None, None),
            )
            for one in events
        ],
        schema=SCHEMA,
        orient="row",
    )


@settings(max_examples=400, deadline=None)
@given(STEPS)
def test_status_answers_and_decisions_are_those_of_the_fold_by_item(steps):
    events = history(steps)
    sessions = {one.id: one for one in SESSIONS.values()}
    folded = fold_frame(frame_of(events), sessions.values())
    states = states_of(events, sessions)

    counting = {
        (item, who, name, event.position)
        for item, state in states.items()
        for name, told in state.by_question().items()
        for who, event in told.items()
    }
    assert counting == set(folded.answers.select("item", "labeler", "question", "position").rows())

    finer = {"skipped": "pending", "can't tell": "labeled"}
    known = {item: finer.get(status, status) for item, status in folded.items.rows()}
    assert {item: state.status for item, state in states.items() if state.handled} == known
    skipped = {
        item for item, state in states.items() if state.skipped and state.status == "pending"
    }
    assert skipped == set(folded.items.filter(pl.col("status") == "skipped")["item"])

    decided = {(one.item, one.question): one for one in decide(states, sessions)}
    cases = {(one["item"], one["question"]): one for one in folded.cases.to_dicts()}
    assert {case: one.how for case, one in decided.items()} == {
        case: one["how"] for case, one in cases.items()
    }
    for case, one in decided.items():
        best = one.value if one.how == "settled" else majority(one.given)
        expected = None if one.how == "rejected" or best is None else json.dumps(best)
        assert expected == cases[case]["value"]


def test_no_label_at_all_folds_to_nothing():
    folded = fold_frame(pl.DataFrame(schema=SCHEMA), ())
    assert (0, 0, 0) == (folded.items.height, folded.answers.height, folded.cases.height)
