"""The map in a real browser, with the real store behind it: lasso, box of keys, colours."""

import re

import polars as pl
import pytest
from bench import STORED
from playwright.sync_api import expect
from waiting import becomes, drawn

import qforge_jupyter as qf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

#: Twenty-five items on a grid, from 0 to 4 in both directions.
GRID = (
    STORED
    + """
rows = pl.DataFrame({"id": range(25)}).with_columns(
    x=pl.col("id") % 5, y=pl.col("id") // 5,
    kind=pl.when(pl.col("id") % 2 == 1).then(pl.lit("star")).otherwise(pl.lit("dust")),
)
def grid(name):
    ws.commit(rows, to=name, by=["id"])
    asked = {"show": {"map": ["x", "y", "kind"]}, "choose tier": {"a": "A", "c": "C"}}
    return view_of(ws.label(name, as_="alice", **asked))
"""
)


@pytest.fixture(scope="module")
def sky(open_bench, server):
    return open_bench("sky", GRID.replace("{lab!r}", repr(str(server.folder / "sky" / "lab"))), "0")


@pytest.fixture
def bench(sky, request):
    """Give a labeling of its own dataset, named as the test."""
    sky.dataset = re.sub(r"\W", "-", request.node.name)[-40:].strip("-")
    sky.show(f"w = grid({sky.dataset!r})\nw")
    sky.page.locator(".qfl-legend:visible", has_text="not answered").wait_for()
    return sky


def at(bench, x, y):
    """Give where a place of the grid lies on the screen."""
    frame = bench.page.locator(".qfl-plane:visible").bounding_box()
    width, height = frame["width"], frame["height"]
    return (
        frame["x"] + width * (14 + x / 4 * 612) / 640,
        frame["y"] + height * (400 - 14 - y / 4 * 372) / 400,
    )


def lasso(bench, *corners: tuple[float, float]):
    mouse = bench.page.mouse
    mouse.move(*at(bench, *corners[0]))
    mouse.down()
    for corner in (*corners[1:], corners[0]):
        mouse.move(*at(bench, *corner), steps=8)
    mouse.up()


def answered(bench):
    with qf.open(bench.lab, tracker="none", actor="bob") as ws:
        found = ws.label(bench.dataset, as_="bob", **{"choose tier": ["A", "C"]}).answers
    return dict(found.select(pl.col("item").cast(pl.Int64), "value").rows())


def assert_colour(bench, wanted, x, y):
    """Wait until the pixel of the map where an item lies has a colour."""
    near = pytest.approx(wanted, abs=3)
    becomes(bench.page, near, lambda: colour(bench, x, y)[:3])


def colour(bench, x, y):
    return bench.page.evaluate(
        """([x, y]) => {
          const canvas = [...document.querySelectorAll('.qfl-plane canvas')]
            .find(each => each.checkVisibility());
          const scale = canvas.width / 640;
          const [left, top] = [14 + x / 4 * 612, 386 - y / 4 * 372].map(n => Math.round(n * scale));
          return [...canvas.getContext('2d').getImageData(left, top, 1, 1).data];
        }""",
        [x, y],
    )


def test_a_lasso_puts_its_items_first_and_all_come_again(bench):
    bench.press("a")
    bench.saved(1)
    lasso(bench, (2.5, 2.5), (4.08, 2.5), (4.08, 4.08), (2.5, 4.08))
    bench.says("4 points in the lasso")
    bench.press("Enter")
    bench.says("4 items chosen, 4 left")
    bench.answer("c", "c", "c", "c")
    bench.says("No item is left in the region")
    bench.page.get_by_role("button", name="All items again").click()
    bench.item(6)
    bench.press("a")
    bench.saved(6)
    assert {0: "A", 18: "C", 19: "C", 23: "C", 24: "C", 1: "A"} == answered(bench)
    bench.press("z", "z")  # out of the queue and back into what the region had given
    bench.item(5)
    bench.turned()
    bench.assert_nothing_leaked()


def test_a_region_is_chosen_with_keys_alone(bench):
    bench.press("m")
    bench.says("in the box (arrows move it")
    bench.press(*["ArrowRight"] * 3, *["Shift+ArrowDown"] * 4)
    bench.says("2 points in the box")
    bench.press("Enter")
    bench.says("2 items chosen, 2 left")
    expect(bench.root).to_be_focused()
    bench.answer("a", "c")
    bench.says("No item is left in the region")
    bench.saved(2)
    assert {7: "A", 12: "C"} == answered(bench)


def test_all_items_of_a_region_get_the_same_answers_at_once(bench):
    lasso(bench, (-0.08, -0.08), (1.4, -0.08), (1.4, 1.4), (-0.08, 1.4))
    bench.press("Enter")
    bench.page.get_by_role("button", name="Same answers for all 4").click()
    bench.says("what you answer next goes to all 4")
    bench.press("c")
    bench.says("No item is left in the region")
    bench.saved(4)
    bench.page.get_by_role("button", name="All items again").click()
    bench.item(5)
    bench.press("a")
    bench.saved(5)
    assert {0: "C", 1: "C", 5: "C", 6: "C", 2: "A"} == answered(bench)


def test_an_answer_gives_its_point_a_colour_and_a_column_others(bench):
    assert_colour(bench, [134, 141, 150], 0, 0)  # the grey of what is not answered
    bench.press("c")
    bench.saved(1)
    assert_colour(bench, [47, 155, 255], 0, 0)  # of the second answer
    bench.page.get_by_role("button", name="kind", exact=True).click()
    assert_colour(bench, [245, 163, 0], 2, 2)  # dust
    assert_colour(bench, [47, 155, 255], 3, 2)  # star


def test_an_empty_lasso_and_a_stray_click_choose_nothing(bench):
    bench.page.mouse.click(*at(bench, 2.5, 2.5))
    drawn(bench.page)
    bench.says("Draw a lasso around items")
    lasso(bench, (2.2, 2.2), (2.8, 2.2), (2.8, 2.8))
    expect(bench.page.get_by_role("button", name="Label only these")).to_be_disabled()
    bench.press("Escape")
    bench.says("Draw a lasso around items")
    bench.item(1)


def test_a_reloaded_view_still_has_its_region(bench):
    lasso(bench, (-0.08, -0.08), (1.4, -0.08), (1.4, 1.4), (-0.08, 1.4))
    bench.press("Enter")
    bench.says("4 items chosen")
    bench.show("type(w)(w._handler)")
    bench.says("4 items chosen, 4 left")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_serious_on_a_map(bench, theme):
    bench.theme(theme)
    lasso(bench, (-0.08, -0.08), (1.4, -0.08), (1.4, 1.4), (-0.08, 1.4))
    assert [] == bench.serious()
    bench.press("Enter")
    bench.says("4 items chosen")
    assert [] == bench.serious()
