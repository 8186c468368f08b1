"""The map of a labeling: every item where it lies, and a region that is labeled first."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from contacts import TIER

from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.labeling.mapping import MOST_POINTS
from qforge_jupyter.labeling.region import inside, read_corners

N = 20
ROWS = pl.DataFrame({
    "id": range(N),
    "x": [n % 5 * 1.0 for n in range(N)],
    "y": [n // 5 for n in range(N)],
    "source": ["web" if n % 2 else None for n in range(N)],
    "size": [n / 2 for n in range(N)],
    "known": ["A" if n < 4 else None for n in range(N)],
})  # fmt: skip
SHOW = {"map": ["x", "y"]}
#: Around the four rows 0, 1, 5 and 6.
CORNER = [[-0.5, -0.5], [1.5, -0.5], [1.5, 1.5], [-0.5, 1.5]]


@pytest.fixture
def sit(lab):
    lab.commit(ROWS, to="points", by=["id"])

    def sit_down(labeler="alice", **more: object):
        return lab.label("points", as_=labeler, **{"show": SHOW, **TIER, **more})

    return sit_down


def asked(labeling, kind, **more: object):
    reply = labeling.handle({"id": 1, "kind": kind, **more})
    assert "error" not in reply, reply
    return reply


def keys(data):
    return data.decode().split("\n") if data else []


def states(labeling):
    reply = asked(labeling, "map")
    return dict(zip(keys(reply["keys"]), reply["state"], strict=True))


def test_the_map_has_every_item_with_its_place(sit):
    reply = asked(sit(), "map")
    assert (N, N, N) == (reply["n_items"], reply["n_placed"], reply["n"])
    assert [f"[{n}]" for n in range(N)] == keys(reply["keys"])
    assert ROWS["x"].to_list() == np.frombuffer(reply["x"], "<f8").tolist()
    assert ROWS["y"].to_list() == np.frombuffer(reply["y"], "<f8").tolist()
    assert bytes(N) == reply["state"]
    assert reply["chosen"] is None


def test_items_without_a_place_are_counted_and_not_drawn(lab):
    rows = ROWS.with_columns(
        x=pl.when(pl.col("id") == 0).then(None).when(id=1).then(float("nan")).otherwise("x"),
        y=pl.when(pl.col("id") == 2).then(float("inf")).otherwise(pl.col("y") * 1.0),
    )
    lab.commit(rows, to="gaps", by=["id"])
    reply = asked(lab.label("gaps", show=SHOW, **TIER), "map")
    assert (N, N - 3) == (reply["n_items"], reply["n_placed"])
    assert [f"[{n}]" for n in range(3, N)] == keys(reply["keys"])


def test_the_map_says_how_far_each_item_is(sit):
    alice, bob = sit(), sit("bob")
    alice.answer(0, tier="A")
    alice.skip(1)
    bob.answer(2, tier="B")
    found = states(alice)
    assert [1, 3, 2, 0] == [found[f"[{n}]"] for n in range(4)]


def test_a_blind_labeler_sees_the_colours_of_own_answers_alone(sit):
    alice, bob = sit(overlap="2 labelers"), sit("bob", overlap="2 labelers")
    alice.answer(0, tier="A")
    bob.answer(1, tier="B")
    bob.answer(0, tier="B")
    [hue] = asked(alice, "map")["hues"]
    assert ("tier", ["A", "B"]) == (hue["name"], hue["labels"])
    assert [0, *[255] * (N - 1)] == list(hue["codes"])
    seeing = sit("cleo", overlap="2 labelers", blind="no")
    [hue] = asked(seeing, "map")["hues"]
    assert [1, 1, *[255] * (N - 2)] == list(hue["codes"])


def test_what_others_said_of_a_hidden_known_item_is_not_told(sit):
    more = {"gold": {"column": "known", "share": "20%"}}
    alice, bob = sit(**more), sit("bob", **more)
    hidden = set(np.flatnonzero(alice.desk.sitting.queue.gold).tolist())
    assert hidden
    for place in range(N):
        if bob.desk.sitting.queue.is_member[place]:
            bob.answer(place, tier="B")
    found = states(alice)
    assert {0} == {found[f"[{place}]"] for place in hidden}


def test_every_choice_and_rating_can_colour_the_map(sit):
    more = {"rate stars": "1 .. 5", "rate share": "0 .. 1", "text why": "9"}
    labeling = sit(**more)
    labeling.answer(0, tier="B", stars=4, share=0.5)
    labeling.answer(1, tier="A", stars=1, share={"cant_tell": True})
    tier, stars, share = asked(labeling, "map")["hues"]
    assert ["tier", "stars", "share"] == [each["name"] for each in (tier, stars, share)]
    assert ("answer", [*"12345"]) == (stars["kind"], stars["labels"])
    assert ([1, 0], [3, 0]) == (list(tier["codes"][:2]), list(stars["codes"][:2]))
    assert ("steps", [0.2, 0.4, 0.6, 0.8]) == (
        share["kind"],
        [round(each, 9) for each in share["cuts"]],
    )
    assert [2, 255, 255] == list(share["codes"][:3])


def test_a_region_is_still_chosen_after_the_kernel_was_started_anew(sit):
    asked(sit(), "choose", within=CORNER)
    again = sit()
    hello = asked(again, "hello", n=8)
    assert CORNER == hello["chosen"]["within"]
    assert ["[0]", "[1]", "[5]", "[6]"] == [one["key"] for one in hello["items"]]
    assert None is asked(sit("bob"), "hello")["chosen"]
    asked(again, "choose", within=None)
    assert None is asked(sit(), "hello")["chosen"]


def test_a_third_column_gives_the_points_its_colours(sit):
    _, hue = asked(sit(show={"map": ["x", "y", "source"]}), "map")["hues"]
    assert ("source", "column", ["web"]) == (hue["name"], hue["kind"], hue["labels"])
    assert [255, 0] * (N // 2) == list(hue["codes"])
    _, hue = asked(sit("bob", show={"map": ["x", "y", "size"]}), "map")["hues"]
    assert "steps" == hue["kind"]
    assert sorted([0, 1, 2, 3, 4] * 4) == list(hue["codes"])
    assert "0 … 1.9" == hue["labels"][0]


def hue_of(lab, **column: list[float | None]):
    """Give the labels and codes of one column, of rows without any other."""
    n = len(next(iter(column.values())))
    rows = pl.DataFrame({"id": range(n), "x": np.arange(n) * 1.0, "y": np.zeros(n), **column})
    lab.commit(rows, to="hued", by=["id"])
    labeling = lab.label("hued", show={"map": ["x", "y", *column]}, **TIER)
    hue = asked(labeling, "map")["hues"][-1]
    return hue["labels"], list(hue["codes"])


def test_steps_of_large_numbers_are_told_apart(lab):
    labels, _ = hue_of(lab, at=[2459000.5 + k for k in range(20)])
    assert (5, "2459000 … 2459004") == (len(set(labels)), labels[0])


def test_numbers_of_which_most_are_equal_have_several_colours(lab):
    _, codes = hue_of(lab, flux=[0.0] * 190 + [float(k) for k in range(1, 11)])
    assert {0, 1, 2, 3, 4} == set(codes)
    assert {0} == set(codes[:190])


def test_a_number_that_is_none_has_no_colour(lab):
    labels, codes = hue_of(lab, share=[0.5, float("nan"), 1.5, None] * 3)
    assert (["0.5", "1.5"], [0, 255, 1, 255] * 3) == (labels, codes)


def test_more_values_than_colours_are_called_other(lab):
    rows = ROWS.with_columns(source=pl.col("id").cast(pl.String))
    lab.commit(rows, to="many", by=["id"])
    labeling = lab.label("many", show={"map": ["x", "y", "source"]}, **TIER)
    _, hue = asked(labeling, "map")["hues"]
    assert (9, "other") == (len(hue["labels"]), hue["labels"][-1])
    assert N - 8 == list(hue["codes"]).count(8)


def test_of_many_items_the_same_honest_sample_is_drawn(lab):
    n = MOST_POINTS + 5_000
    rows = pl.DataFrame({"id": range(n), "x": np.arange(n) * 1.0, "y": np.zeros(n)})
    lab.commit(rows, to="large", by=["id"])
    labeling = lab.label("large", as_="alice", show=SHOW, **TIER)
    reply = asked(labeling, "map")
    assert (n, n, MOST_POINTS) == (reply["n_items"], reply["n_placed"], reply["n"])
    x = np.frombuffer(reply["x"], "<f8")
    assert MOST_POINTS == np.unique(x).size
    assert abs(x.mean() - (n - 1) / 2) < 100  # no end is preferred; a standard error is 21
    assert reply["x"] == asked(labeling, "map")["x"]
    # The region counts all items, drawn or not.
    region = [[-1, -1], [999.5, -1], [999.5, 1], [-1, 1]]
    assert 1000 == asked(labeling, "choose", within=region)["chosen"]["n"]


def test_a_region_is_labeled_first_and_all_items_come_again(sit):
    labeling = sit()
    assert "[0]" == asked(labeling, "hello")["items"][0]["key"]
    labeling.answer(1, tier="A")
    reply = asked(labeling, "choose", within=CORNER, n=8)
    assert ["[0]", "[5]", "[6]"] == [one["key"] for one in reply["items"]]
    assert (4, 3) == (reply["chosen"]["n"], reply["chosen"]["n_left"])
    assert ["[0]", "[5]", "[6]"] == keys(reply["chosen"]["keys"])
    for place in (0, 5, 6):
        labeling.answer(place, tier="B")
    assert [] == asked(labeling, "next", after=reply["resumed_at"] + 2, n=3)["items"]
    assert 0 == asked(labeling, "hello")["chosen"]["n_left"]
    reply = asked(labeling, "choose", within=None)
    assert reply["chosen"] is None
    assert "[2]" == reply["items"][0]["key"]
    assert N - 4 == reply["progress"]["n_left"]


def test_what_lies_outside_of_a_region_is_let_go_for_others(sit):
    alice, bob = sit(), sit("bob")
    asked(alice, "next", n=5)  # holds 0 to 4
    asked(alice, "choose", within=[[2.5, 2.5], [9, 2.5], [9, 9], [2.5, 9]], n=2)
    assert ["[0]", "[1]"] == [one["key"] for one in asked(bob, "next", n=2)["items"]]


def test_a_region_does_not_give_what_others_have(sit):
    alice, bob = sit(), sit("bob")
    asked(bob, "choose", within=CORNER, n=2)  # bob holds 0 and 1
    reply = asked(alice, "choose", within=CORNER, n=8)
    assert ["[5]", "[6]"] == [one["key"] for one in reply["items"]]


@pytest.mark.parametrize(
    "within",
    [
        [], [[0, 0]], "abc", [[0, 0], [1, 1], [1, "2"]], [[0, 0], [1, 1], [True, 0]], 7,
        [[0, 0], [1, 1], [float("nan"), 0]], [[0, 0, 0]] * 3, {"x": 1}, [[0, 0]] * 3000,
        [[50, 50], [51, 50], [51, 51]], [[10**400, 0], [1, 1], [2, 2]],
    ],
)  # fmt: skip
def test_a_wrong_region_is_refused_and_changes_nothing(sit, within):
    labeling = sit()
    reply = labeling.handle({"id": 1, "kind": "choose", "within": within})
    assert "data" == reply["category"]
    assert "[0]" == labeling.next().key
    assert asked(labeling, "hello")["chosen"] is None


def test_a_region_with_nothing_left_is_refused(sit):
    labeling = sit()
    for place in (0, 1, 5, 6):
        labeling.answer(place, tier="A")
    reply = labeling.handle({"id": 1, "kind": "choose", "within": CORNER})
    assert reply["error"].startswith("Every item in the region is answered")


def test_answers_beside_the_queue_are_not_asked_again(sit):
    labeling = sit()
    asked(labeling, "next", n=2)
    for place in (7, 8, 9):
        labeling.answer(place, tier="A")
    found = asked(labeling, "next", after=1, n=4)["items"]
    assert ["[2]", "[3]", "[4]", "[5]"] == [one["key"] for one in found]


def give_all(labeling, places, said, batch="all"):
    for place in places:
        asked(labeling, "submit", submission=f"{batch} {place}", key=f"[{place}]",
              answers={"tier": said}, batch=batch)  # fmt: skip


def tiers(labeling):
    return dict(zip(*(labeling.answers[name] for name in ("item", "value")), strict=True))


def test_answers_that_were_given_at_once_are_taken_back_and_brought_back_at_once(sit):
    labeling = sit()
    labeling.answer(2, tier="A")
    labeling.answer(0, tier="A")
    give_all(labeling, (0, 1, 5, 6), "B")
    back = asked(labeling, "undo", submission="u1")
    assert [[0, 1, 5, 6]] == [sorted(int(key[1:-1]) for key, _ in back["turned"])]
    assert {"[0]": {"tier": "A"}, "[5]": {}} == {
        key: said for key, said in back["turned"] if key in ("[0]", "[5]")
    }
    assert {"2": "A", "0": "A"} == tiers(labeling)
    # What is sent twice is kept once.
    assert back["turned"] == asked(labeling, "undo", submission="u1")["turned"]
    forth = asked(labeling, "redo", submission="u2")
    assert 4 == len(forth["turned"])
    assert {"2": "A", **dict.fromkeys("0156", "B")} == tiers(labeling)
    for name in ("u3", "u4", "u5"):
        asked(labeling, "undo", submission=name)
    assert {} == tiers(labeling)
    assert (
        "nothing to undo" in labeling.handle({"id": 1, "kind": "undo", "submission": "u6"})["error"]
    )
    for name in ("u7", "u8", "u9"):
        asked(labeling, "redo", submission=name)
    assert {"2": "A", **dict.fromkeys("0156", "B")} == tiers(labeling)


def test_a_forgotten_item_does_not_keep_the_others_from_being_taken_back(lab, sit):
    labeling = sit()
    give_all(labeling, (0, 1, 5, 6), "B")
    lab.forget("points", where="id = 5", reason="consent withdrawn")
    back = asked(labeling, "undo", submission="u1")
    assert ["[0]", "[1]", "[6]"] == [key for key, _ in back["turned"]]
    assert "1 item was passed over" in back["said"]
    assert 3 == len(asked(labeling, "redo", submission="u2")["turned"])
    assert dict.fromkeys("016", "B") == tiers(labeling)


def test_an_undo_that_is_sent_again_after_a_choice_is_told_again(sit):
    labeling = sit()
    asked(labeling, "choose", within=CORNER, n=8)
    labeling.answer(0, tier="A")
    first = asked(labeling, "undo", submission="u1")
    asked(labeling, "choose", within=None)
    asked(labeling, "choose", within=[[2.5, 2.5], [9, 2.5], [9, 9], [2.5, 9]])
    again = asked(labeling, "undo", submission="u1")
    assert "[0]" == first["item"]["key"] == again["item"]["key"]
    assert 2 == labeling.history.height


def test_the_same_answers_for_all_leave_out_what_others_have(sit):
    alice, bob = sit(), sit("bob")
    asked(alice, "choose", within=CORNER, n=1)
    asked(bob, "choose", within=CORNER, n=1)  # alice has 0 before her, bob 1
    chosen = asked(alice, "hello", n=1)["chosen"]
    assert (4, ["[0]", "[5]", "[6]"]) == (chosen["n_left"], keys(chosen["keys"]))
    bob.answer(5, tier="A")
    replies = [
        asked(alice, "submit", submission=f"s{n}", key=f"[{n}]", answers={"tier": "B"}, batch="all")
        for n in (0, 1, 5, 6)
    ]
    assert [False, True, True, False] == ["left_out" in reply for reply in replies]
    assert replies[2]["said"].startswith("Left out of the same answers for all: 2 ")
    assert {"0": "B", "5": "A", "6": "B"} == tiers(alice)
    assert 3 == alice.answers.height
    assert 2 == len(asked(alice, "undo", submission="u1")["turned"])


def test_what_was_taken_back_at_once_waits_again(sit):
    labeling = sit()
    asked(labeling, "next", n=2)
    give_all(labeling, (0, 1, 5, 6), "B")
    back = asked(labeling, "undo", submission="u1")
    assert 0 == back["item"]["position"]
    waiting = asked(labeling, "next", after=-1, n=8)["items"]
    assert ["[0]", "[1]", "[5]", "[6]"] == [one["key"] for one in waiting][:4]
    assert 0 == labeling.progress["n_done"]


def test_a_labeling_without_a_map_has_none(sit):
    labeling = sit(show="{source}")
    for kind in ("map", "choose"):
        reply = labeling.handle({"id": 1, "kind": kind, "within": CORNER})
        assert reply["error"].startswith("This labeling shows no map")


@pytest.mark.parametrize("columns", [["x"], ["x", "y", "size", "id"], ["x", "source"], ["x", "x"]])
def test_a_map_of_other_than_numbers_is_refused_at_once(sit, columns):
    with pytest.raises(CallError, match="A map wants"):
        sit(show={"map": columns})


def test_known_answers_give_no_colours(sit):
    with pytest.raises((CallError, DataError), match="holds the known answers"):
        sit(show={"map": ["x", "y", "known"]}, gold={"column": "known"})


def test_inside_agrees_with_what_is_plain_to_see():
    star = read_corners([[0, 0], [4, 0], [4, 4], [2, 2], [0, 4]])  # a notch from above
    x, y = np.array([1.0, 2.0, 2.0, 3.9, 5.0, -1.0]), np.array([1.0, 1.9, 2.1, 3.5, 1.0, 1.0])
    assert [True, True, False, True, False, False] == inside(star, x, y).tolist()
