"""What is an answer to each kind of question, and what is none."""

from __future__ import annotations

import math

import pytest

from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.answers import check_answer
from qforge_jupyter.labeling.conditions import quoted, read_condition
from qforge_jupyter.labeling.plan import LabelPlan
from qforge_jupyter.labeling.questions import question_of, read_question

TIER = read_question("choose tier", ["A", "B"])
TAGS = read_question("several tags", ["urgent", "spam"])
STARS = read_question("rate stars", "1 .. 5")
SURE = read_question("rate sure", "0 .. 1")
PRICE = read_question("number price", "0 <.. 1000 eV")
NOTE = read_question("text note", "5")
WHO = read_question("spans who in body", {"p": "person"})
BOX = read_question("boxes things in image", ["star"])
RING = read_question("circles rings in image", ["star"])
AREA = read_question("polygons areas in image", ["star"])
PAINT = read_question("brush paint in image", ["star"])
BOXED = {"x": 1, "y": 2.5, "width": 3, "height": 4, "label": "star"}
MASK = {"width": 4, "height": 2, "label": "star", "runs": [0, 2, 5, 3]}


@pytest.mark.parametrize(
    ("question", "value", "kept"),
    [
        (TIER, "A", "A"),
        (TIER, {"cant_tell": True}, {"cant_tell": True}),
        (TAGS, ["spam", "urgent", "spam"], ["urgent", "spam"]),
        (TAGS, [], []),
        (STARS, 4, 4.0),
        (SURE, 0.25, 0.25),
        (PRICE, 1000, 1000.0),
        (NOTE, "12345", "12345"),
        (NOTE, "👩‍🔬", "👩‍🔬"),
        (WHO, [{"start": 2, "end": 4, "label": "person"},
               {"start": 0, "end": 1, "label": "person"}],
         [{"start": 0, "end": 1, "label": "person"}, {"start": 2, "end": 4, "label": "person"}]),
        (BOX, [BOXED], [{**BOXED, "x": 1.0, "width": 3.0, "height": 4.0}]),
        (RING, [{"x": -1, "y": 0, "radius": 2, "label": "star"}],
         [{"x": -1.0, "y": 0.0, "radius": 2.0, "label": "star"}]),
        (AREA, [{"points": [[0, 0], [1, 0], [0, 1]], "label": "star"}],
         [{"points": [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "label": "star"}]),
        (PAINT, MASK, [MASK]),
        (PAINT, [], []),
    ],
)  # fmt: skip
def test_an_answer_is_kept_as_it_is_meant(question, value, kept):
    assert kept == check_answer(question, value, "four")


@pytest.mark.parametrize(
    ("question", "value"),
    [
        (TIER, "C"), (TIER, None), (TIER, ["A"]), (TIER, 1), (TIER, {"cant_tell": False}),
        (TAGS, "spam"), (TAGS, ["ham"]), (TAGS, [["spam"]]),
        (STARS, 2.5), (STARS, 6), (STARS, True), (STARS, "4"), (STARS, math.nan),
        (SURE, -0.1), (SURE, math.inf), (SURE, 10**400),
        (PRICE, 0), (PRICE, 1000.5),
        (NOTE, "123456"), (NOTE, 5), (NOTE, b"x"),
        (WHO, [{"start": 3, "end": 5, "label": "person"}]),
        (WHO, [{"start": 2, "end": 2, "label": "person"}]),
        (WHO, [{"start": -1, "end": 2, "label": "person"}]),
        (WHO, [{"start": 0, "end": 2, "label": "place"}]),
        (WHO, [{"start": 0.5, "end": 2, "label": "person"}]), (WHO, "x"), (WHO, [1]),
        (BOX, [{**BOXED, "width": 0}]), (BOX, [{**BOXED, "x": math.nan}]), (BOX, [{"x": 1}]),
        (BOX, [BOXED] * 10_001),
        (AREA, [{"points": [[0, 0], [1, 1]], "label": "star"}]),
        (AREA, [{"points": [[0, 0], [1, 1], [2]], "label": "star"}]),
        (PAINT, {**MASK, "runs": [0, 9]}), (PAINT, {**MASK, "runs": [5, 1, 0, 1]}),
        (PAINT, {**MASK, "runs": [0]}), (PAINT, {**MASK, "width": 0}), (PAINT, [{}]),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_one_sentence_without_the_value(question, value):
    with pytest.raises(DataError) as refused:
        check_answer(question, value, "four")
    assert "\n" not in str(refused.value)
    assert question.name in str(refused.value)


@pytest.mark.parametrize(
    "question", [TIER, TAGS, STARS, SURE, PRICE, NOTE, WHO, BOX, RING, AREA, PAINT]
)
def test_a_question_comes_back_from_what_a_session_keeps(question):
    assert question == question_of(question.payload())


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("choose tier", {"a": "A", "b": "B"}, ("choose", "tier", "", ("a", "b"))),
        ("choose_tier", ["A", "B"], ("choose", "tier", "", ("1", "2"))),
        ("choose opt_in_flag", ["A"], ("choose", "opt_in_flag", "", ("1",))),
        ("choose_opt_in_flag", ["A"], ("choose", "opt_in_flag", "", ("1",))),
        ("spans_who_in_body", ["p"], ("spans", "who", "body", ("1",))),
        ("boxes things on the picture", ["p"], ("boxes", "things", "the picture", ("1",))),
        ("several n", [str(n) for n in range(11)],
         ("several", "n", "", (*"123456789", "", ""))),
    ],
)  # fmt: skip
def test_a_key_says_kind_name_and_column(key, value, read):
    found = read_question(key, value)
    assert read == (found.kind, found.name, found.column, found.keys)


def test_a_rating_goes_in_steps_where_its_ends_are_whole_and_apart():
    stepped = {text: read_question("rate it", text).is_stepped
               for text in ("0 .. 1", "1 .. 5", "1.0 .. 5.0", "0 .. 10", "0 .. 0.5")}  # fmt: skip
    assert {"1 .. 5", "0 .. 10"} == {text for text, is_stepped in stepped.items() if is_stepped}


def test_a_condition_takes_answers_without_quotes():
    odd = read_question("choose tier", ["it's", "A", "A B"])
    assert "tier = 'A B' and n > 2" == quoted("tier = A B and n > 2", [odd])
    assert "my_tier = A" == quoted("my_tier = A", [odd])
    plan = LabelPlan.model_validate({
        "choose tier": ["A", "B"], "several tags": ["x"], "rate sure": "0 .. 1", "text why": "yes",
        "if tier = A ask": ["sure"], "if sure < 0.5 ask": ["why"],
    })  # fmt: skip

    def asked(**answers: object) -> list[str]:
        return [one.name for one in plan.asked(answers)]

    assert ["tier", "tags"] == asked()
    assert ["tier", "tags", "sure"] == asked(tier="A")
    assert ["tier", "tags", "sure", "why"] == asked(tier="A", sure=0.4)
    assert ["tier", "tags"] == asked(tier={"cant_tell": True})
    assert ("sure",) == read_condition("if tier = A ask", "sure", plan.questions).asks


def test_an_action_gives_its_usual_key_up_where_an_answer_has_it():
    plan = LabelPlan.model_validate({"choose tier": {"b": "B", "z": "Z"}})
    assert ("ArrowLeft", "Backspace", "s") == (
        plan.actions["back"],
        plan.actions["undo"],
        plan.actions["skip"],
    )
