"""The widget over the real store: several browsers, half-given answers, rows that go away."""

import os
import signal
from collections import Counter

import polars as pl
import pytest
from bench import STORED, Bench
from notebooks import IDLE

import qforge_jupyter as qf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

N = 16
ROWS = pl.DataFrame({"id": range(N), "title": [f"Title {n}" for n in range(N)]})
ASKED = '"show": "{title}", "choose tier": {"a": "A", "c": "C"}'


def cell(place, asked=ASKED, labeler="alice"):
    start = STORED.replace("{lab!r}", repr(place["target"])).replace(
        'tracker="none"', f'tracker="none", folder={place["folder"]!r}'
    )
    asks = f"ws.label('contacts', as_='{labeler}', **{{{asked}}})"
    return f"{start}w = view_of({asks})\nw\n"


@pytest.fixture
def place(request, tmp_path):
    """A store with contacts to label, on SQLite where nothing else is asked."""
    target = str(tmp_path / "lab")
    if getattr(request, "param", "") == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    found = {"target": target, "folder": str(tmp_path / "files")}
    with qf.open(tracker="none", actor="ann", **found) as ws:
        ws.commit(ROWS, to="contacts", by=["id"])
    return found


def told(place):
    with qf.open(tracker="none", actor="ann", **place) as ws:
        dataset = ws.context.store.datasets.find("contacts")
        assert () == ws.context.store.verify()
        return ws.context.store.labels.since(dataset.id)


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_two_browsers_share_the_items_of_one_store(chromium, server, place, request):
    made = []
    for labeler in ("alice", "bob"):
        page = chromium.new_context(viewport={"width": 1000, "height": 900}).new_page()
        name = f"{labeler}-{request.node.callspec.id}"
        made.append(Bench(page, server, name))
        made[-1].open(cell(place, labeler=labeler))
    for n in range(N):
        for bench in made:
            if bench.page.locator(".qfl[data-phase=ready]").count():
                bench.press("ac"[n % 2])
    for bench in made:
        bench.says("No item is left")
        bench.page.locator(".qfl-ledger", has_text="waiting").wait_for(state="detached")
        bench.page.context.close()
    given = Counter(one.label.item for one in told(place))
    assert {f"[{n}]": 1 for n in range(N)} == given
    assert {"alice", "bob"} == {one.labeler for one in told(place)}


HALF = ASKED + ', "text why": "200", "rate sure": "0 .. 1"'


def begin(bench):
    """Answer two items, and half of the third."""
    for _ in range(2):
        bench.press("a")  # on to the text
        bench.press("Escape", "ArrowDown", "5", "Enter")
    bench.saved(2)
    bench.press("c", "Escape", "]")
    bench.page.locator(".qfl-question textarea").fill("half a rea")
    bench.page.wait_for_timeout(2_000)  # it has to be kept by then


def forget_the_page(page):
    page.evaluate("() => sessionStorage.clear()")


def test_half_given_answers_come_back_after_a_reload_and_a_killed_kernel(page, server, place):
    bench = Bench(page, server, "half")
    bench.open(cell(place, HALF))
    begin(bench)
    sure = page.locator(".qfl-sure output").inner_text()
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    forget_the_page(page)  # so that only the store can know
    page.reload()

    def restored():
        bench.ready()
        bench.item(3)
        assert "half a rea" == page.locator(".qfl-question textarea").input_value()
        assert page.locator(".qfl-answer[aria-checked=true]", has_text="C").count() == 1
        assert sure == page.locator(".qfl-sure output").inner_text()

    restored()
    os.kill(int(bench.pid.read_text()), signal.SIGKILL)
    bench.says("Not connected to a kernel", 30)
    page.wait_for_function(IDLE, timeout=120_000)
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog button.jp-mod-accept").click()
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
    bench.press("a", "c")
    bench.page.locator(".qfl-ledger", has_text="3 saved · 1 not saved").wait_for()
    assert ["[0]", "[2]", "[3]"] == [one.label.item for one in told(place)]
