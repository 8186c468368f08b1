"""What a view asks and is answered: JSON in, JSON out, and never an exception."""

from __future__ import annotations

import json
import threading
from typing import Any

import polars as pl
import pytest
from contacts import ROWS, TIER

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`",
    "right-to-left": "a\u202eb\u2066c אבג",
    "NUL": "a\x00b",
    "lone surrogate": "a\ud800b",
    "own mark": "\ufdd0nan \ufdd00000",
    "template": "{{7*7}} ${x} {title} %s",
    "SQL": "'; DROP TABLE label_event; --",
    "pattern": "^.*$",
    "blank": " \t\r\n",
    "long": "x" * 1_000_000,
    "emoji": "👩‍🔬 e\u0301 \U0010ffff",
}


def plain(reply: Any) -> Any:
    """Take a reply through JSON, as it travels."""
    return json.loads(json.dumps(reply))


@pytest.fixture
def handle(lab, sit):
    return sit(lab).handle


def test_hello_says_all_that_a_view_needs(lab):
    labeling = lab.label(
        "contacts", as_="alice", show="**{title}**", keys={"undo": "u"}, blind="no",
        **{**TIER, "text why": "20", "if tier = A ask": ["why"]},
    )  # fmt: skip
    said = plain(labeling.handle({"id": 7, "kind": "hello"}))
    assert (7, True, "alice", 0) == (said["id"], said["ok"], said["labeler"], said["resumed_at"])
    assert ["tier", "why"] == [one["name"] for one in said["questions"]]
    assert [{"if": "tier = A", "ask": ["why"]}] == said["conditions"]
    assert ("template", ["title"], "u") == (
        said["show"]["renderer"],
        said["show"]["columns"],
        said["keys"]["undo"],
    )
    first = said["items"][0]
    assert ('["r0"]', 0, {"title": "Title 0"}, {}, True) == (
        first["key"],
        first["position"],
        first["fields"],
        first["mine"],
        first["claimed"],
    )
    assert {
        "n_items": 12, "n_done": 0, "n_left": 12, "n_skipped": 0, "n_mine": 0, "gold": None,
    } == said["progress"]  # fmt: skip


def test_a_view_labels_goes_back_and_undoes(handle):
    items = handle({"id": 1, "kind": "next", "after": -1, "n": 3})["items"]
    assert [0, 1, 2] == [one["position"] for one in items]
    for n, one in enumerate(items):
        reply = handle({
            "id": n, "kind": "submit", "submission": f"s{n}", "key": one["key"],
            "answers": {"tier": "A"}, "note": "n", "latency_ms": 800,
            "shown_at": "2026-11-21T09:30:00Z", "answered_at": "2026-11-21T09:30:01Z",
        })  # fmt: skip
        assert (f"s{n}", n + 1) == (reply["saved"], reply["progress"]["n_done"])
    assert {"tier": "A"} == handle({"id": 5, "kind": "back", "position": 1})["item"]["mine"]
    skip = handle({"id": 6, "kind": "skip", "submission": "s9", "key": '["r5"]'})
    assert 1 == skip["progress"]["n_skipped"]
    for _ in range(2):  # sent twice, done once
        undone = handle({"id": 7, "kind": "undo", "submission": "u1"})
        assert '["r5"]' == undone["item"]["key"]
    assert '["r2"]' == handle({"id": 8, "kind": "undo", "submission": "u2"})["item"]["key"]
    assert '["r2"]' == handle({"id": 9, "kind": "redo", "submission": "u3"})["item"]["key"]
    progress = handle({"id": 10, "kind": "progress"})["progress"]
    assert (3, 9, 0) == (progress["n_done"], progress["n_left"], progress["n_skipped"])
    assert ["tier"] == handle({"id": 11, "kind": "asked", "answers": {}})["asked"]


@pytest.mark.parametrize(
    "request_",
    [
        None, [], "x", {}, {"kind": None}, {"kind": "drop"}, {"kind": ["hello"]},
        {"kind": "next", "after": "1"}, {"kind": "next", "n": True}, {"kind": "back"},
        {"kind": "back", "position": 99}, {"kind": "submit"}, {"kind": "submit", "answers": []},
        {"kind": "submit", "submission": "s", "key": "r0", "answers": {"tier": "A"}},
        {"kind": "submit", "submission": "s", "key": '["gone"]', "answers": {"tier": "A"}},
        {"kind": "submit", "submission": "s", "key": "[[1]]", "answers": {"tier": "A"}},
        {"kind": "submit", "submission": "s", "key": "[1e999]", "answers": {"tier": "A"}},
        {"kind": "submit", "submission": "", "key": '["r0"]', "answers": {"tier": "A"}},
        {"kind": "submit", "submission": "s" * 300, "key": '["r0"]', "answers": {"tier": "A"}},
        {"kind": "submit", "submission": "s", "key": '["r0"]', "answers": {}},
        {"kind": "submit", "submission": "s", "key": '["r0"]', "answers": {"tire": "A"}},
        {"kind": "submit", "submission": "s", "key": '["r0"]', "answers": {"tier": "C"}},
        {"kind": "submit", "submission": "s", "key": '["r0"]', "answers": {"tier": object()}},
        {"kind": "submit", "submission": "s", "key": '["r0"]', "answers": {"tier": "A"},
         "confidence": 2},
        {"kind": "submit", "submission": "s", "key": '["r0"]', "answers": {"tier": "A"},
         "note": 5},
        {"kind": "submit", "submission": "s", "key": '["r0"]', "answers": {"tier": "A"},
         "latency_ms": -1},
        {"kind": "skip", "submission": "s"}, {"kind": "undo"}, {"kind": "undo", "submission": "u"},
        {"kind": "redo", "submission": "u"},
    ],
)  # fmt: skip
def test_a_wrong_request_is_answered_with_one_sentence_and_keeps_nothing(lab, sit, request_):
    labeling = sit(lab)
    reply = plain(labeling.handle(request_))
    assert ("ok" in reply, "\n" in reply["error"]) == (False, False)
    assert "internal" != reply["category"], reply
    assert 0 == labeling.history.height


def test_a_fault_of_ours_and_a_closed_workspace_are_sentences_too(lab, sit):
    labeling = sit(lab)
    labeling.desk.sitting.showing = None
    reply = labeling.handle({"id": 1, "kind": "hello"})
    assert reply["error"].startswith("Q-Forge met a fault of its own")
    lab.close()
    reply = labeling.handle({"id": 2, "kind": "next"})
    assert "The workspace is closed" in reply["error"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_come_back_as_they_were_given(ws, name):
    text = HOSTILE[name]
    cell = text.encode(errors="replace").decode()  # a table's text has no half a pair
    rows = ROWS.head(2).with_columns(
        title=pl.lit(cell), id=pl.concat_str(pl.col("id"), pl.lit(cell[:500]))
    )
    ws.commit(rows, to="odd", by=["id"])
    labeling = ws.label("odd", as_="alice", show="{title}", **{"text said": "yes"})
    item = labeling.handle({"id": 1, "kind": "next"})["items"][0]
    assert cell == item["fields"]["title"]
    reply = labeling.handle({
        "id": 2, "kind": "submit", "submission": text[:100] or "s", "key": item["key"],
        "answers": {"said": text}, "note": text[:1000],
    })  # fmt: skip
    assert "saved" in reply, reply
    again = ws.label("odd", as_="alice", show="{title}", **{"text said": "yes"})
    back = again.handle({"id": 3, "kind": "back", "position": 0})["item"]
    assert (item["key"], {"said": text}) == (back["key"], back["mine"])
    dataset = ws.context.store.datasets.find("odd")
    (event,) = ws.context.store.labels.since(dataset.id)
    assert (text, text[:1000]) == (event.label.value, event.label.note)
    page = again._repr_mimebundle_()[0]
    assert "<script>" not in page["text/html"]
    assert len(page["text/html"]) < 100_000
    assert 1 == again.answers.height


def test_hostile_answers_and_columns_are_names_like_others(lab):
    rows = pl.DataFrame({"^.*$": ["a", "b"], "<b>": [1, 2]})
    lab.commit(rows, to="odd", by=["^.*$"])
    answers = ["<script>x</script>", "^.*$", "{{7*7}}", "\u202e"]
    labeling = lab.label("odd", show="{<b>}", where="`<b>` > 1", **{"choose tier": answers})
    item = labeling.next()
    assert {"<b>": 2} == item.fields
    labeling.answer("b", tier="<script>x</script>")
    assert "<script>" not in labeling._repr_mimebundle_()[0]["text/html"]
    lab.accept("odd")
    assert "<script>x</script>" == lab.checkout("odd").frame["tier"][1]


def test_a_picture_travels_as_its_bytes_or_its_path_and_no_file_is_read_here(lab):
    rows = {"id": range(2), "file": ["secret.txt", None], "data": [b"\x89PNG", None]}
    lab.commit(pl.DataFrame(rows), to="pictures", by=["id"])
    for column, cell in (("file", "secret.txt"), ("data", b"\x89PNG")):
        labeling = lab.label("pictures", as_=column, show={"image": column}, **TIER)
        items = labeling.handle({"id": 1, "kind": "next", "n": 2})["items"]
        assert [cell, None] == [each["fields"][column] for each in items]
        labeling.close()  # so that the other labeler gets them, too


def test_many_threads_ask_one_sitting_at_once(lab, sit):
    labeling = sit(lab)
    replies: list[Any] = []

    def view(n: int) -> None:
        for m in range(6):
            key = f'["r{(n * 6 + m) % 12}"]'
            replies.append(labeling.handle({
                "id": (n, m), "kind": "submit", "submission": f"{n} {m}", "key": key,
                "answers": {"tier": "A"},
            }))  # fmt: skip
            replies.append(labeling.handle({"id": (n, m), "kind": "next", "n": 2}))

    threads = [threading.Thread(target=view, args=(n,)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [] == [one for one in replies if "error" in one]
    assert (24, 12) == (labeling.history.height, labeling.answers.height)
