"""Each way to show an item, with marks on it: it fits its column and is clean, light and dark."""

from pathlib import Path

import pytest
from bench import STORED
from pictures import picture
from playwright.sync_api import expect
from pointers import Pointer
from shown_items import WIDE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SHOWN = (
    STORED
    + """
VIEWS = runpy.run_path({items!r})["views"]()
def seen(name):
    rows, asked = VIEWS[name]
    ws.commit(rows, to=name, by=["id"])
    return view_of(ws.label(name, as_="alice", **asked))
"""
)


@pytest.fixture(scope="module")
def views(open_bench, server):
    lab, items = server.folder / "views" / "lab", Path(__file__).with_name("shown_items.py")
    cell = SHOWN.replace("{lab!r}", repr(str(lab))).replace("{items!r}", repr(str(items)))
    bench = open_bench("views", cell, "0")
    bench.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    yield bench
    bench.page.set_viewport_size({"width": 1200, "height": 1000})
    bench.theme("Light")


def assert_marked(bench, n):
    expect(bench.root.locator(".qfl-marks li")).to_have_count(n)


def fill_molecule(bench):
    bench.press("?")
    expect(bench.root.locator(".qfl-help")).to_be_visible()


def fill_record(bench):
    bench.press("a", "1", "3", "ArrowDown", "4", "7", "[")
    expect(bench.root.locator(".qfl-sure output")).to_have_text("90 %")


def fill_text(bench):
    bench.press("ArrowRight", "ArrowRight", "Shift+ArrowRight", "p")
    bench.press(*["ArrowRight"] * 3, "Shift+ArrowRight", "o", *["ArrowRight"] * 4, "t")
    assert_marked(bench, 3)


def fill_image(bench):
    pointer = Pointer(bench.page, "mouse", WIDE)
    pointer.drag((60, 50), (120, 110))
    bench.press("Escape")
    pointer.drag((190, 100), (295, 200))
    bench.press("2", "Escape", "ArrowDown", "1", "Escape")
    pointer.drag((200, 150), (240, 120), (280, 150), (240, 180))
    bench.press("Escape")
    assert_marked(bench, 3)


def fill_fits(bench):
    Pointer(bench.page, "mouse", WIDE).drag((90, 160), (120, 160))
    bench.press("Escape")
    assert_marked(bench, 1)


def fill_map(bench):
    bench.answer("a", "c", "s", "q")
    bench.saved(4)
    bench.press("m", "Shift+ArrowRight")
    bench.says("in the box (arrows move it")


FILLED = {
    "record": fill_record, "text": fill_text, "image": fill_image, "fits": fill_fits,
    "molecule": fill_molecule, "map": fill_map,
}  # fmt: skip
#: What is there once the item is shown.
SEEN = {
    "record": ".qfl-record", "text": ".qfl-text", "image": ".qfl-picture", "fits": ".qfl-picture",
    "molecule": ".qfl-molecule img", "map": ".qfl-legend",
}  # fmt: skip


@pytest.mark.parametrize("name", FILLED)
def test_a_view_fits_its_column_and_is_clean_in_light_and_dark(views, name):
    views.theme("Light")
    views.show(f"w = seen({name!r})\nw")
    views.page.locator(f"{SEEN[name]}:visible").first.wait_for()
    FILLED[name](views)
    for theme in ("Light", "Dark"):
        views.theme(theme)
        for width in (1200, 560):
            views.wide(width)
            inner, outer = views.root.evaluate("each => [each.scrollWidth, each.clientWidth]")
            assert inner <= outer
            picture(views.root, f"label-{name}-{theme}-{width}")
        assert [] == views.serious()
