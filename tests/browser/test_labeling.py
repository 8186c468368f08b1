"""The labeling widget in a real JupyterLab and Notebook 7, with a real kernel."""

import re

import pytest
from bench import CHOICE, STORED, Bench
from notebooks import run_cell
from playwright.sync_api import expect

import qforge_jupyter as qf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_going_back_keeps_a_second_answer_and_a_note(page, server):
    bench = Bench(page, server, "back").open(CHOICE)
    bench.answer("1", "2")
    bench.press("b")
    bench.says("Item 2")
    bench.press("n")
    page.keyboard.type("a new z look")
    bench.press("Enter", "]", "3")
    events = bench.events(3)
    assert ("k1", {"tier": "C"}) == (events[2]["key"], events[2]["answers"])
    assert "a new z look" == events[2]["note"]
    assert 0.6 == events[2]["confidence"]
    bench.assert_nothing_leaked()


def test_undo_walks_back_without_limit(page, server):
    bench = Bench(page, server, "undo").open(CHOICE)
    bench.answer(*"12312312")
    bench.events(8)
    for n in range(8, 0, -1):
        bench.press("z")
        bench.item(n)
        bench.turned()
    events = bench.events(16)
    assert [f"k{n}" for n in reversed(range(8))] == [each["key"] for each in events[8:]]
    bench.press("z")
    bench.says("There is nothing to undo")


def test_two_views_of_one_widget_stay_in_step(page, server):
    bench = Bench(page, server, "two").open(CHOICE, "w")
    run_cell(page, 1)
    page.locator(".qfl").nth(1).wait_for()
    page.locator(".qfl").nth(1).focus()
    bench.answer("1", "2")
    bench.events(2)
    for view in page.locator(".qfl").all():
        expect(view.locator(".qfl-count")).to_have_text(re.compile("^Item 3 "))
        expect(view.locator(".qfl-ledger")).to_have_text("2 saved")


def test_a_refusal_is_one_sentence_and_the_label_is_rolled_back(page, server):
    cell = CHOICE.replace('["A", "B", "C"]', '["A", "refused"]')
    bench = Bench(page, server, "refused").open(cell)
    bench.press("2")
    bench.says("Item 1 is not saved: The answer 'refused' is none: choose another")
    bench.says("0 saved · 1 not saved")
    bench.press("b", "1")
    assert [("k0", {"tier": "A"})] == [(e["key"], e["answers"]) for e in bench.events(1)]
    page.locator(".qfl-trouble").wait_for(state="detached")


HOSTILE = r"""
import polars as pl
evil = [
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "\u202ereversed\u202c and \u2066isolated",
    "'\"`;--</textarea></template>{title}**bold**",
    "<a href='javascript:document.title=1'>x</a>\0\u0007",
    "long " * 200_000,
]
script = "<script>document.title='owned'</script>"
svg = f"<svg xmlns='http://www.w3.org/2000/svg' onload='document.title=`owned`'>{script}</svg>"
rows = pl.DataFrame({
    "id": range(5), "a": evil, "<b>name</b>": evil,
    "drawn": [svg.encode(), b"\x89PNG\r\n\x1a\n broken", None, None, None],
    "file": [None, None, "/etc/passwd", "http://example.test/a.png", None],
})
ws.commit(rows, to="hostile", by=["id"])
w = view_of(ws.label("hostile", as_="alice", **{
    "show": {"record": ["a", "<b>name</b>"]},
    "choose tier": ["<i>A</i>", "\u202eB", "C"],
    "boxes seen in drawn": ["<u>star</u>"],
    "boxes told in file": ["<u>star</u>"],
}))
w
"""


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_hostile_cells_are_shown_as_text_and_do_nothing(page, server, app):
    bench = Bench(page, server, f"hostile-{app}", app)
    bench.open((STORED + HOSTILE).replace("{lab!r}", repr(bench.lab)))
    for n in range(5):
        bench.item(n + 1)
        bench.decoded()
        assert page.locator(".qfl script, .qfl a, .qfl iframe, .qfl b b, .qfl dd img").count() == 0
        assert "owned" not in page.title()
        if n == 0:
            expect(bench.root).to_contain_text("<script>document.title='owned'</script>")
        if n == 1:
            bench.says("is damaged or no picture")
        if n == 2:
            bench.says("outside of the workspace")
        if n == 3:
            bench.says("none is fetched")
        if n == 4:
            bench.says("980,000 more characters")
            assert len(bench.root.inner_text()) < 60_000
            page.get_by_role("button", name="Show all").first.click()
            page.wait_for_function("document.querySelector('.qfl').innerText.length > 999_000")
            bench.root.focus()
        bench.press("1", "Enter")
    bench.saved(5)
    assert "owned" not in page.title()
    with qf.open(bench.lab, tracker="none", actor="bob") as ws:
        dataset = ws.context.store.datasets.find("hostile")
        events = ws.context.store.labels.since(dataset.id)
    assert [(f"[{n}]", "<i>A</i>") for n in range(5)] == [
        (one.label.item, one.label.value) for one in events
    ]
    bench.assert_nothing_leaked()


@pytest.mark.parametrize(("theme", "app"), [("Light", "lab"), ("Dark", "notebook")])
def test_axe_finds_nothing_serious(page, server, theme, app):
    bench = Bench(page, server, f"axe-{theme.lower()}", app)
    bench.open(
        CHOICE.replace(
            '[question("tier", "choose", ["A", "B", "C"])]',
            '[question("tier", "choose", ["A", "B"]), question("tags", "several", ["u", "v"]),'
            ' question("sure", "rate", low=0, high=1), question("stars", "rate", low=1, high=5,'
            ' is_stepped=True), question("price", "number", low=0, high=9, unit="eV"),'
            ' question("why", "text", longest=200), question("who", "spans", ["p"],'
            ' column="title")]',
        )
    )
    bench.theme(theme)
    bench.root.focus()
    bench.press("1", "?", "n")
    expect(page.locator(".qfl-answer[aria-checked=true]")).to_have_text(re.compile("^A"))
    expect(page.locator(".qfl-help")).to_be_visible()
    expect(page.locator(".qfl-note")).to_be_focused()
    assert [] == bench.serious()
