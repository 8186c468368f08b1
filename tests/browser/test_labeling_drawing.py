"""Boxes, circles, polygons and masks by mouse, pen and keys, as they lie in the store."""

import re

import pytest
from bench import STORED, Bench
from playwright.sync_api import expect
from pointers import Pointer

import qforge_jupyter as qf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

DRAWING = """
import io
from PIL import Image
made = io.BytesIO()
Image.new("RGB", (200, 100), "#345").save(made, "PNG")
rows = [{"key": f"k{n}", "picture": made.getvalue()} for n in range(3)]
show = {"renderer": "image", "columns": ["picture"], "files": ["picture"]}
questions = [
    question("objects", "boxes", ["star", "galaxy"], column="picture"),
    question("sky", "brush", ["cloud", "trail"], column="picture"),
]
w = widget(rows, questions, show)
w
"""


STORED_DRAWING = (
    STORED
    + """
import io
from PIL import Image
made = io.BytesIO()
Image.new("RGB", (200, 100), "#345").save(made, "PNG")
ws.commit(pl.DataFrame({"id": [0, 1], "picture": [made.getvalue()] * 2}), to="drawn", by=["id"])
asked = {"boxes objects in picture": ["star", "galaxy"], "brush sky in picture": ["cloud", "trail"]}
w = view_of(ws.label("drawn", as_="alice", show={"image": "picture"}, **asked))
w
"""
)


def kept(bench, name):
    """Give what lies in the store of a dataset, by question."""
    with qf.open(bench.lab, tracker="none", actor="bob") as ws:
        dataset = ws.context.store.datasets.find(name)
        events = ws.context.store.labels.since(dataset.id)
    return {one.label.question: one.label.value for one in events}


def test_boxes_and_a_mask_are_drawn_with_mouse_and_keys_in_notebook_7(page, server):
    bench = Bench(page, server, "drawing", "notebook")
    bench.open(STORED_DRAWING.replace("{lab!r}", repr(bench.lab)))
    picture = page.locator(".qfl-picture")
    picture.wait_for()

    def at(x, y):
        frame = picture.bounding_box()
        scale = frame["width"] / 200
        return frame["x"] + x * scale, frame["y"] + y * scale

    page.mouse.move(*at(20, 10))
    page.mouse.down()
    page.mouse.move(*at(60, 40), steps=4)
    page.mouse.up()
    marks = page.locator(".qfl-marks li")
    expect(marks).to_have_count(1)
    bench.root.focus()
    bench.press("2")  # the box that was just drawn is a galaxy
    bench.press("Escape", "1", "ArrowRight", "ArrowRight", "ArrowDown")
    bench.press("Shift+ArrowRight", "Enter")
    bench.press("ArrowDown")  # to the question of the brush
    page.locator(".qfl-active", has_text="sky").wait_for()
    bench.press("2")
    page.keyboard.press("Escape")
    page.mouse.move(*at(100.5, 80.5))
    page.mouse.down()
    page.mouse.move(*at(140.5, 80.5), steps=6)
    page.mouse.up()
    expect(marks).to_have_count(3)
    bench.root.focus()
    bench.press("Enter")
    bench.saved(1)
    found = kept(bench, "drawn")
    drawn, keyed = found["objects"]
    assert "galaxy" == drawn["label"]
    assert [20, 10, 40, 30] == [
        pytest.approx(drawn[each], abs=1.5) for each in ("x", "y", "width", "height")
    ]
    # 20 px wide around the middle of 200 × 100, two steps of 5 right, one down, one wider
    assert {"x": 100, "y": 45, "width": 25, "height": 20, "label": "star"} == keyed
    [mask] = found["sky"]
    assert (200, 100, "trail") == (mask["width"], mask["height"], mask["label"])
    middle = [
        (start % 200, start % 200 + length)
        for start, length in zip(mask["runs"][::2], mask["runs"][1::2], strict=True)
        if start // 200 == 80
    ]
    assert [(96, 145)] == [(pytest.approx(a, abs=1), pytest.approx(b, abs=1)) for a, b in middle]
    bench.assert_nothing_leaked()


def test_circles_polygons_and_a_mask_are_drawn_with_keys_alone(page, server):
    cell = DRAWING.replace(
        'question("objects", "boxes", ["star", "galaxy"], column="picture"),',
        'question("halos", "circles", ["halo"], column="picture"),'
        ' question("fields", "polygons", ["field"], column="picture"),',
    )
    bench = Bench(page, server, "keyed").open(cell)
    page.locator(".qfl-picture").wait_for()
    bench.press("1", "ArrowRight", "Shift+ArrowRight", "Enter", "ArrowDown")
    bench.press("1", "Space", "ArrowRight", "ArrowRight", "Space", "ArrowDown", "ArrowDown")
    bench.press("Enter", "ArrowDown", "1", "Space", "ArrowRight", "Space", "Enter", "Enter")
    [event] = bench.events(1)
    # a fifth of 100 px wide, in the middle of 200 × 100; arrows go by 5, those of the brush by 4
    assert [{"x": 105, "y": 50, "radius": 15, "label": "halo"}] == event["answers"]["halos"]
    corners = [[100, 50], [110, 50], [110, 60]]
    assert [{"points": corners, "label": "field"}] == event["answers"]["fields"]
    [mask] = event["answers"]["sky"]
    runs = dict(zip(mask["runs"][::2], mask["runs"][1::2], strict=True))
    assert 108 - 96 + 1 == runs[50 * 200 + 96]
    assert 9 == len(runs)  # rows 46 to 54


def test_a_mark_that_was_begun_is_kept_when_the_item_is_saved(page, server):
    bench = Bench(page, server, "begun").open(DRAWING)
    page.locator(".qfl-picture").wait_for()
    bench.press("2", "ArrowRight")
    page.locator(".qfl-main").click()
    [event] = bench.events(1)
    box = {"x": 95, "y": 40, "width": 20, "height": 20, "label": "galaxy"}
    assert [box] == event["answers"]["objects"]


#: Seen ten times as large as it is.
PICTURES = (
    STORED
    + """
import io
from PIL import Image
made = io.BytesIO()
Image.new("RGB", (64, 40), "#345").save(made, "PNG")
def pictures(name):
    rows = pl.DataFrame({"id": [0, 1], "picture": [made.getvalue()] * 2})
    ws.commit(rows, to=name, by=["id"])
    return view_of(ws.label(name, as_="alice", show={"image": "picture"}, **{
        "boxes stars in picture": ["star", "galaxy"], "circles halos in picture": ["halo"],
        "polygons fields in picture": ["field"], "brush sky in picture": ["cloud", "trail"],
    }))
"""
)


@pytest.fixture(scope="module")
def pictures(open_bench, server):
    lab = str(server.folder / "pictures" / "lab")
    return open_bench("pictures", PICTURES.replace("{lab!r}", repr(lab)), "0")


def within(radius_squared, *centres: tuple[int, int]):
    """Name the pixels around some centres."""
    reach = range(-9, 10)
    return {
        (x + dx, y + dy)
        for x, y in centres
        for dx in reach
        for dy in reach
        if dx * dx + dy * dy <= radius_squared
    }


def painted(mask):
    runs = mask["runs"]
    return {
        (pixel % mask["width"], pixel // mask["width"])
        for start, length in zip(runs[::2], runs[1::2], strict=True)
        for pixel in range(start, start + length)
    }


@pytest.mark.parametrize("kind", ["mouse", "pen"])
def test_what_a_mouse_or_a_pen_draws_is_in_the_store_to_the_pixel(pictures, kind):
    name = f"drawn-{kind}"
    bench = pictures.show(f"w = pictures({name!r})\nw")
    pointer = Pointer(bench.page, kind, 64)
    pointer.drag((5, 4), (25, 20))
    bench.press("2", "Escape", "ArrowDown")
    pointer.drag((40, 20), (46, 28))
    bench.press("Escape", "ArrowDown")
    pointer.click((10, 5), (30, 5), (20, 25), (10, 5))
    bench.press("Escape", "ArrowDown", "<")  # a radius of 8/3
    pointer.click((30.5, 20.5))
    bench.press("2")
    pointer.drag((10.5, 30.5), (40.5, 30.5))
    bench.page.locator(".qfl-main:visible").click()
    bench.saved(1)
    said = kept(bench, name)
    near = {"abs": 0.06}  # a pixel of the screen is a tenth
    assert [
        {"x": pytest.approx(5, **near), "y": pytest.approx(4, **near), "label": "galaxy",
         "width": pytest.approx(20, **near), "height": pytest.approx(16, **near)}
    ] == said["stars"]  # fmt: skip
    assert [
        {"x": pytest.approx(40, **near), "y": pytest.approx(20, **near), "label": "halo",
         "radius": pytest.approx(10, **near)}
    ] == said["halos"]  # fmt: skip
    [field] = said["fields"]
    assert [pytest.approx(each, **near) for each in ([10, 5], [30, 5], [20, 25])] == field["points"]
    cloud, trail = said["sky"]
    assert ("cloud", "trail") == (cloud["label"], trail["label"])
    assert within(64 / 9, (30, 20)) == painted(cloud)
    assert within(64 / 9, *[(x, 30) for x in range(10, 41)]) == painted(trail)


def test_a_mouse_that_draws_brings_the_keyboard_with_it(pictures):
    bench = pictures.show("w = pictures('keyboard')\nw")
    bench.page.evaluate("() => document.activeElement.blur()")
    Pointer(bench.page, "mouse", 64).drag((5, 4), (25, 20))
    expect(bench.root).to_be_focused()
    bench.press("2")
    expect(bench.root.locator(".qfl-marks li")).to_have_text(re.compile("galaxy"))


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_serious_while_something_is_drawn(pictures, theme):
    bench = pictures.show(f"w = pictures('axe-{theme}')\nw")
    bench.theme(theme)
    pointer = Pointer(bench.page, "mouse", 64)
    pointer.drag((5, 4), (25, 20))
    bench.press("Escape", "1")
    expect(bench.page.locator(".qfl-pending:visible")).to_have_count(1)
    assert [] == bench.serious()
