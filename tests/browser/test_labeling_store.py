"""The widget over the real store: several browsers, half-given answers, rows that go away."""

import os
import signal
from collections import Counter

import polars as pl
import pytest
from bench import Bench
from notebooks import restarted
from playwright.sync_api import expect
from stored import ASKED, ROWS, N, cell, commit, half_given, said, told
from waiting import becomes, patient

import qforge_jupyter as qf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

FIFTY = pl.DataFrame({"id": range(50), "title": [f"Title {n}" for n in range(50)]})
THREE = '"show": "{title}", "choose tier": ["A", "B", "C"]'


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_fifty_items_are_labeled_with_keys_only(page, server, place, app):
    commit(place, FIFTY)
    bench = Bench(page, server, f"fifty-{app}", app).open(cell(place, THREE))
    bench.answer("1", "3")
    bench.press("z")  # the second is taken back
    bench.item(2)
    bench.turned()
    bench.answer("s", "x")  # the second is skipped, of the third one can't tell
    bench.answer(*("123"[n % 3] for n in range(3, 50)))
    bench.says("No item is left")
    bench.saved(51)
    bench.says("49 of 50 done · 1 skipped")
    events = told(place)
    assert [
        ("[0]", "answer", "A"),
        ("[1]", "answer", "C"),
        ("[1]", "undo", {"submission": events[1].submission}),
        ("[1]", "skip", {"reason": ""}),
        ("[2]", "cant_tell", {"cant_tell": True}),
        *((f"[{n}]", "answer", "ABC"[n % 3]) for n in range(3, 50)),
    ] == said(place)
    assert {"alice"} == {one.labeler for one in events}
    took = [one.label.latency_ms for one in events if one.label.label_type == "answer"]
    assert all(0 <= each < 60_000 for each in took)
    bench.assert_nothing_leaked()


def is_through(bench):
    """Wait until an item lies there, or none is left."""
    bench.page.locator(".qfl-item, .qfl-finished").wait_for()
    return bench.page.locator(".qfl-finished").is_visible()


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_two_browsers_share_the_items_of_one_store(chromium, server, place, request):
    made = []
    for labeler, app in (("alice", "lab"), ("bob", "notebook")):
        context = chromium.new_context(viewport={"width": 1000, "height": 900})
        page = patient(context.new_page())
        name = f"{labeler}-{request.node.callspec.id}"
        made.append(Bench(page, server, name, app))
        made[-1].open(cell(place, labeler=labeler))
    turns = 0
    while turns < 2 * N and not all(is_through(bench) for bench in made):
        for bench in made:
            if not is_through(bench):
                bench.press("ac"[turns % 2])
        turns += 1
    for bench in made:
        bench.says("No item is left")
        bench.page.locator(".qfl-ledger", has_text="waiting").wait_for(state="detached")
        bench.page.context.close()
    given = Counter(one.label.item for one in told(place))
    assert {f"[{n}]": 1 for n in range(N)} == given
    assert {"alice", "bob"} == {one.labeler for one in told(place)}


HALF = ASKED + ', "text why": "200", "rate sure": "0 .. 1"'


def begin(bench, place):
    """Answer two items, and half of the third, and wait until the store has that."""
    for _ in range(2):
        bench.answer("a")  # on to the text
        bench.press("Escape", "ArrowDown", "5", "Enter")
    bench.saved(2)
    bench.answer("c")
    bench.press("Escape", "]")
    bench.page.locator(".qfl-question textarea").fill("half a rea")
    becomes(bench.page, {"[2]": {"tier": "C", "why": "half a rea"}}, lambda: half_given(place))


def forget_the_page(page):
    page.evaluate("() => sessionStorage.clear()")


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_half_given_answers_come_back_after_a_reload_and_a_killed_kernel(page, server, place, app):
    bench = Bench(page, server, f"half-{app}", app)
    bench.open(cell(place, HALF))
    begin(bench, place)
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    forget_the_page(page)  # so that only the store can know
    page.reload()

    def restored():
        bench.ready()
        bench.item(3)
        expect(page.locator(".qfl-question textarea")).to_have_value("half a rea")
        expect(page.locator(".qfl-answer[aria-checked=true]", has_text="C")).to_have_count(1)
        expect(page.locator(".qfl-sure output")).to_have_text("60 %")

    restored()
    os.kill(int(bench.pid.read_text()), signal.SIGKILL)
    bench.says("Not connected to a kernel")
    restarted(page)
    forget_the_page(page)
    page.get_by_role("button", name="Run the cell again").click()
    restored()
    page.locator(".qfl-main").click()
    bench.says("“sure” is not answered")
    bench.press("5", "Enter")
    bench.saved(1)
    given = [one.label for one in told(place) if one.label.item == "[2]"]
    assert {"tier": "C", "why": "half a rea", "sure": 0.5} == {
        one.question: one.value for one in given if one.label_type == "answer"
    }


def test_rows_that_go_away_meanwhile_are_said_in_one_sentence(page, server, place):
    bench = Bench(page, server, "gone")
    bench.open(cell(place))
    with qf.open(tracker="none", actor="ann", **place) as ws:
        ws.commit(ROWS.filter(pl.col("id") != 0), to="contacts", message="one less")
        ws.forget("contacts", where="id = 1", reason="asked to")
    bench.press("a")
    bench.says("Item 1: The row is not in the newest version of contacts any more: its label is")
    bench.press("c")
    bench.says("Item 2 is not saved: The row was forgotten in contacts: nothing was kept of it")
    bench.answer("a", "c")
    bench.page.locator(".qfl-ledger", has_text="3 saved · 1 not saved").wait_for()
    assert ["[0]", "[2]", "[3]"] == [one.label.item for one in told(place)]
