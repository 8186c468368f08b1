"""Boxes, circles, polygons and masks by mouse, pen and keys, as they lie in the store."""

import pytest
from bench import Bench

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


def test_boxes_and_a_mask_are_drawn_with_mouse_and_keys(page, server):
    bench = Bench(page, server, "drawing").open(DRAWING)
    picture = page.locator(".qfl-picture")
    picture.wait_for()
    frame = picture.bounding_box()
    scale = frame["width"] / 200

    def at(x, y):
        return frame["x"] + x * scale, frame["y"] + y * scale

    page.mouse.move(*at(20, 10))
    page.mouse.down()
    page.mouse.move(*at(60, 40), steps=4)
    page.mouse.up()
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
    bench.root.focus()
    bench.press("Enter")
    [event] = bench.events(1)
    drawn, keyed = event["answers"]["objects"]
    assert "galaxy" == drawn["label"]
    assert [20, 10, 40, 30] == [
        pytest.approx(drawn[each], abs=1.5) for each in ("x", "y", "width", "height")
    ]
    # 20 px wide around the middle of 200 × 100, two steps of 5 right, one down, one wider
    assert {"x": 100, "y": 45, "width": 25, "height": 20, "label": "star"} == keyed
    [mask] = event["answers"]["sky"]
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
